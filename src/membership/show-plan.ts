import { nameOf } from '../api/email.ts';
import { roleOn } from '../api/roles.ts';
import type { Context } from '../cli/context.ts';
import { printerBesideResults } from '../cli/printer.ts';
import type { Host } from '../host.ts';
import { escaped, markdownTable } from '../output/markdown.ts';
import { viewOf } from '../output/view.ts';
import { clean, escapeWorkflowCommands } from '../text/sanitize.ts';
import { fileWord } from '../text/suggest.ts';
import { counted, countsInWords, firstOf } from '../text/times.ts';
import { widthOf } from '../text/width.ts';
import type { Observed } from './observed.ts';
import { type Action, changesOf, effects, isFinding, type Notice, type Plan, type Row, signOf, signs } from './plan.ts';
import type { MadePlan } from './prepare.ts';
import { adminsAfter, losersOf, refusalsOf } from './safety.ts';
import { planRecord, type SavedPlan, savedRow, shortFingerprint } from './saved-plan.ts';

/** The first line of a comment on a pull request, by which the next plan finds the comment to replace. */
const marker = '<!-- invite-plan -->';

const fields = ['action', 'email', 'state', 'user', 'role_name', 'crn_pattern', 'what', 'why', 'auth_type'] as const;

export const planView = viewOf<Row>(fields, {
  words: {
    action: (action) => signedAction(String(action)),
    email: nameOf,
    state: (state) => stateWord(String(state)),
  },
  columns: [
    { title: '   ACTION', field: 'action', rank: 0 },
    { title: 'EMAIL', field: 'email', rank: 0 },
    { title: 'STATE', field: 'state', rank: 2 },
    // Who, and the roles, are what is approved: a table never cuts them.
    { title: 'WHAT', field: 'what', rank: 0 },
    { title: 'WHY', field: 'why', rank: 1 },
  ],
  block: ['action', 'email', 'state', 'user', 'what', 'why'],
  record: (row) => {
    const { action, email, state, user, auth_type, ...rest } = savedRow(row);
    const before = row.invited_as === undefined ? {} : { invited_as: row.invited_as };
    return { action, email, ...before, state, user, ...rest, auth_type };
  },
  id: ({ user }) => user,
});

const signed: ReadonlyMap<string, string> = new Map(
  Object.entries(effects).map(([action, effect]) => [action, ` ${signs[effect]} ${action}`]),
);

function stateWord(state: string): string {
  return state === 'nobody' ? '-' : state;
}

function signedAction(action: string): string {
  return signed.get(action) ?? '';
}

/** Borders and padding of four columns. */
const bordersOfTable = 13;

/**
 * The rows as a block for each person, for a terminal that is too narrow for a table with all of WHAT in it: what is
 * approved is never cut. Undefined if a table has room.
 */
function planBlocks(rows: readonly Row[], width: number): string | undefined {
  const widest = (texts: readonly string[]) => Math.max(0, ...texts.map(widthOf));
  const named = (row: Row) => clean(nameOf(row.email, row));
  const actions = widest(rows.map(({ action }) => signedAction(action)));
  const room = width - bordersOfTable - actions - widest(rows.map(({ what }) => clean(what)));
  if (room >= widest(rows.map(named))) return undefined;
  const people = new Map<string, string[]>();
  for (const row of rows) {
    const head = `${named(row)}  ${stateWord(row.state)}`;
    const lines = people.get(head) ?? wrapped(head, width, '');
    const start = `${signedAction(row.action).padEnd(actions)}  `;
    const indent = ' '.repeat(start.length);
    lines.push(...wrapped(`${start}${clean(row.what)}`, width, indent));
    lines.push(...wrapped(`${indent}${clean(row.why)}`, width, indent));
    people.set(head, lines);
  }
  const blocks = [...people.values()].map((lines) => lines.map((line) => `${escapeWorkflowCommands(line)}\n`).join(''));
  return blocks.join('\n');
}

/** The text in lines that fit, broken after a blank or a slash; what has neither is left to the terminal to break. */
function wrapped(text: string, width: number, indent: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const [piece] of text.matchAll(/[^ /]*[ /]|[^ /]+/g)) {
    if (line.length > indent.length && widthOf(`${line}${piece}`.trimEnd()) > width) {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += piece;
  }
  return [...lines, line];
}

function shownRows({ rows }: Pick<Plan, 'rows'>, all: boolean): Row[] {
  return rows.filter(({ action }) => all || (action !== 'keep' && action !== 'elsewhere'));
}

/** The lines below the table: totals, what was left alone, warnings, and the fingerprint. */
function summaryLines({ plan, path, observed, document }: MadePlan): string[] {
  const lines = [
    ...noticeLines(plan.notice),
    totals(plan, observed),
    leftAlone(plan, observed),
    unlistedWords(plan, path),
    endedWords(plan),
    ...plan.warnings.map((warning) => `warning: ${warning}`),
    `plan ${shortFingerprint(document.fingerprint)}`,
  ];
  return lines.filter((line) => line !== '').map((line) => escapeWorkflowCommands(clean(line)));
}

/** Who becomes an administrator, and whose address is of a domain that nobody in the organization has. */
export function noticeLines({ new_admins, foreign }: Notice): string[] {
  const admins = new_admins.map((admin) => `${admin.email} (${roleOn(admin)})`);
  return [
    ...(admins.length === 0 ? [] : [`new administrators: ${firstOf(admins, maxNoticed).join(', ')}`]),
    ...(foreign.length === 0 ? [] : [`of a domain that nobody has yet: ${firstOf(foreign, maxNoticed).join(', ')}`]),
  ];
}

const maxNoticed = 20;

function totals(plan: Plan, observed: Observed): string {
  const count = (...wanted: readonly Action[]) => plan.rows.filter(({ action }) => wanted.includes(action)).length;
  const done = countsInWords([
    [count('invite', 'reinvite'), 'mail'],
    [count('grant'), 'grant'],
    [count('revoke'), 'revocation'],
    [count('withdraw'), 'withdrawal'],
    [count('remove'), 'removal'],
  ]);
  const members = counted(plan.members, 'member');
  const changes = done === '' ? `no changes to ${members}` : `${done} of ${members}`;
  const found = countsInWords([[plan.rows.filter(isFinding).length, 'finding']]);
  return [changes, adminsInWords(plan, observed), found].filter((words) => words !== '').join('; ');
}

function adminsInWords(plan: Plan, observed: Observed): string {
  const changes = changesOf(plan);
  if (losersOf(changes).length === 0 && !changes.some(({ action }) => action === 'revoke')) return '';
  const admins = adminsAfter(changes, observed);
  const stay = `${counted(admins.length, 'admin')} ${admins.length === 1 ? 'stays' : 'stay'}`;
  return admins.length === 0 ? stay : `${stay}: ${firstOf(admins, 5).join(', ')}`;
}

function leftAlone({ rows }: Plan, { others }: Observed): string {
  const { service_accounts, identity_pools, group_mappings } = others;
  const counts: readonly (readonly [count: number, noun: string, more?: string])[] = [
    [service_accounts, 'service account'],
    [identity_pools, 'identity pool'],
    [group_mappings, 'group mapping', ' (they give SSO people roles that are not in this list)'],
    [others.others, 'other principal'],
    [rows.filter(({ action }) => action === 'elsewhere').length, 'SSO member', ' without an invitation'],
  ];
  const words = counts.flatMap(([count, noun, more = '']) => (count === 0 ? [] : `${counted(count, noun)}${more}`));
  return words.length === 0 ? '' : `left alone: ${words.join(', ')}`;
}

/** Who is not in the file is easily forgotten where it only adds. */
function unlistedWords({ unlisted, file }: Plan, path: string | undefined): string {
  if (unlisted === 0) return '';
  const people = unlisted === 1 ? 'member or invited person is' : 'members and invited people are';
  const command = path === undefined ? '' : `: invite export --missing-from ${fileWord(path)}`;
  return `${unlisted} ${people} not in ${file}${command}`;
}

/** Who is listed and yet is no member to keep: there is nothing left to invite them for. */
function endedWords({ rows }: Plan): string {
  const names = rows.flatMap(({ action, state, email }) => (action === 'keep' && state !== 'member' ? [email] : []));
  return names.length === 0
    ? ''
    : `not invited, since everything of theirs has ended: ${firstOf(names, maxNoticed).join(', ')}`;
}

/** A plan as a comment on a pull request, with why it is not carried out. Text from the file or the API is escaped. */
function planMarkdown(made: MadePlan): string {
  const { plan } = made;
  const sections = [
    section('Access taken away', '-', plan.rows),
    section('Needs a decision', '!', plan.rows),
    section('Access given', '+', plan.rows),
  ];
  const refused = refusalsOf(made).map((reason) => `refused: ${reason}`);
  const lines = [...summaryLines(made), ...refused].map((line) => `${escaped(line)}\n\n`);
  return `${marker}\n## Plan for ${escaped(plan.file)}\n\n${lines.join('')}${sections.join('')}`.replace(/\n+$/, '\n');
}

function section(title: string, sign: ReturnType<typeof signOf>, all: readonly Row[]): string {
  const rows = all.filter((row) => signOf(row) === sign);
  if (rows.length === 0) return '';
  const cells = rows.map((row) => [row.action, nameOf(row.email, row), stateWord(row.state), row.what, row.why]);
  return `### ${title}\n\n${markdownTable(['ACTION', 'EMAIL', 'STATE', 'WHAT', 'WHY'], cells)}\n`;
}

const documentView = viewOf<SavedPlan>([], {
  record: planRecord,
});

/** Prints a plan on stdout in the format that was asked for. */
export async function showPlan(ctx: Context, made: MadePlan, { all }: { readonly all: boolean }): Promise<void> {
  const { plan, document } = made;
  const { output, fields } = ctx.globals;
  const markdown = () => planMarkdown(made);
  ctx.github.summarize(markdown);
  ctx.github.count({ changes: changesOf(plan).length, findings: plan.rows.filter(isFinding).length });
  if (output === 'markdown') await ctx.host.stdout.write(markdown());
  else if ((output === 'json' || output === 'yaml') && fields === undefined) await ctx.show(documentView, document);
  else {
    const rows = shownRows(plan, all);
    // Of several rows about a user, the list of ids has one.
    const listed = output === 'id' ? [...new Map(rows.map((row) => [row.user, row])).values()] : rows;
    await drawRows(ctx, ctx.host.stdout, listed, (some) => ctx.list(planView, [some]));
  }
  sayPlan(ctx, made);
}

/** A table, or blocks at a terminal where a table would cut what is to be approved. */
async function drawRows(
  { globals, host }: Pick<Context, 'globals' | 'host'>,
  out: Host['stdout'],
  rows: readonly Row[],
  table: (rows: readonly Row[]) => Promise<void>,
): Promise<void> {
  const isTable = globals.output === 'table' && globals.fields === undefined && host.env.ACCESSIBLE === undefined;
  const blocks = out.isTTY && isTable ? planBlocks(rows, out.columns || 80) : undefined;
  await (blocks === undefined ? table(rows) : out.write(blocks));
}

/** The lines below the table; warnings also where a program reads the result: people may be mailed for it. */
export function sayPlan(ctx: Context, made: MadePlan): void {
  for (const line of [...summaryLines(made), ...made.notDone]) {
    if (line.startsWith('warning: ')) ctx.say(line);
    else ctx.remark(line);
  }
}

/** Shows a plan on stderr before the confirmation; stdout is for the results. */
export async function drawPlan(ctx: Context, plan: Pick<Plan, 'rows'>): Promise<void> {
  const asTable = { host: ctx.host, globals: { ...ctx.globals, output: 'table', fields: undefined } } as const;
  const rows = shownRows(plan, false);
  const draw = (all: readonly Row[]) => printerBesideResults(ctx).list(planView, [all]);
  await drawRows(asTable, ctx.host.stderr, rows, draw);
}
