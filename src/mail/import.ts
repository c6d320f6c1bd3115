import { type Domains, domainOf, externalProblem, foldEmail, misspelledAmong, misspelledLines } from '../api/email.ts';
import { organizationName, pendingInvitationQuota } from '../api/organizations.ts';
import { type BoundRole, formatRole, isAdminRole, roleOn } from '../api/roles.ts';
import type { Context } from '../cli/context.ts';
import { allowedDomains } from '../cli/invite-options.ts';
import { CliError, exitCodes } from '../errors.ts';
import { removeFile } from '../files/write.ts';
import { formatColumns } from '../people/columns.ts';
import {
  fileToImport,
  type ImportInput,
  type ImportOptions,
  isCorrected,
  isRejectedFile,
  keptAs,
  readImport,
  rejectedPath,
  understoodLines,
  writeRejected,
} from '../people/import-file.ts';
import type { Row } from '../people/rows.ts';
import { fileWord, optionsAgain } from '../text/suggest.ts';
import { firstOf } from '../text/times.ts';
import { type Changes, type Tools, toolsOf } from './change.ts';
import { lookAndAsk, readKnownInvitations } from './look.ts';
import { type CreatePlan, planCreates } from './plan.ts';
import { affectsEveryTarget, type Result, resultView } from './result.ts';
import { missingRoles } from './roles.ts';
import { applyAll, reportOutcome } from './run-changes.ts';
import { confirmationPhrase, maxNamed } from './targets.ts';

/** Reads the file, looks everybody in it up, asks, and invites those who are to be invited. */
export async function runImport(ctx: Context, typed: string | undefined, options: ImportOptions): Promise<void> {
  const input = await readImport(ctx, await fileToImport(ctx, typed), options);
  const { name, rows, leftOut } = input;
  if (rows.size === 0)
    ctx.say(`"${name}" has ${leftOut.length === 0 ? '0 rows' : 'only rows that are left out'}; nobody is invited`);
  const { dryRun = false, concurrency } = options;
  const tools = await toolsOf(ctx, 'import', { dryRun });
  const preview = dryRun ? await previewImport(ctx, input, tools) : await confirmedImport(ctx, input, tools);
  const roles = dryRun && preview.roles.size > 0 ? ['roles that would be granted:', ...roleLines(preview)] : [];
  for (const line of roles) ctx.say(line);
  if (preview.quota !== undefined && (dryRun || options.yes === true)) ctx.say(`warning: ${preview.quota}`);
  if (dryRun || options.yes === true || preview.mails + preview.granted === 0)
    for (const line of [...understoodLines(input), ...slips(input, preview)]) ctx.say(line);
  const changes = changesOf(input, preview.plan);
  const results = new ImportResults(ctx, changes.length);
  try {
    const tally = await ctx.github.group(`invite ${people(preview.mails)}`, () =>
      applyAll(ctx, [changes], {
        tools,
        view: resultView,
        concurrency,
        kind: 'create',
        isShown: results.isShown,
      }),
    );
    if (results.hidden > 0) ctx.remark(`${results.hidden} unchanged are not shown (-o csv shows everybody)`);
    reportOutcome(ctx, tally, { tools, tell: ctx.say });
  } catch (error) {
    // Also where stdout took no more: what was refused is not to be lost with it.
    if (!(error instanceof CliError) || dryRun) throw error;
    throw error.with({ hints: await endingHints(ctx, input, results, error) });
  }
  if (!dryRun) await endingHints(ctx, input, results);
}

/** Looks, asks, and looks again if that took its time. Throws `io_error` if several people were mailed unrecorded. */
async function confirmedImport(ctx: Context, input: ImportInput, tools: Tools): Promise<Preview> {
  const { seen, asked } = await lookAndAsk({
    clock: tools.clock,
    look: () => previewImport(ctx, input, tools),
    ask: async (preview) => {
      if (preview.mails > 1) await tools.mails.require();
      return confirmImport(ctx, input, preview);
    },
  });
  const meanwhile = asked === undefined ? [] : invitedMeanwhile(input, asked.plan, seen.plan);
  if (meanwhile.length > 0)
    ctx.say(`invited meanwhile, and not mailed again: ${firstOf(meanwhile, maxNamed).join(', ')}`);
  return seen;
}

/** Asks for confirmation, unless there is nothing to do. Returns whether a person was asked. */
async function confirmImport(ctx: Context, input: ImportInput, preview: Preview): Promise<boolean> {
  const { options } = input;
  const { mails, granted, quota, foreign } = preview;
  if (mails + granted === 0) return false;
  const id = preview.organization;
  const where = id === undefined ? 'the organization of this key' : organizationName({ ...input.organization, id });
  const admins = [...preview.roles.values()].filter(({ named }) => named.length > 0).length;
  const roles = roleLines(preview);
  const lines = [
    mails > 0
      ? `invite ${people(mails)} from "${input.name}" into ${where}?`
      : `grant roles to ${people(granted)} from "${input.name}" in ${where}?`,
    ...roles.slice(0, admins),
    ...(foreign.length > 0 ? [`  of a domain that nobody has yet: ${firstOf(foreign, maxNamed).join(', ')}`] : []),
    ...(preview.invited > 0 ? [`  ${preview.invited} invited already: no mail`] : []),
    ...(preview.members > 0 ? [`  ${preview.members} members already: no mail`] : []),
    ...roles.slice(admins),
    ...[...understoodLines(input), ...slips(input, preview)].map((line) => `  ${line}`),
    ...(quota === undefined ? [] : [`  ${quota}`]),
    ...(ctx.identity().profile === undefined ? [] : [`  with the profile "${ctx.identity().profile}"`]),
  ];
  return ctx.confirm({
    lines,
    answered: options.yes === true,
    phrase: confirmationPhrase(mails > 0 ? mails : granted),
  });
}

/** Addresses that look misspelled, beside those of the file or of the organization. */
function slips({ rows, domains }: ImportInput, preview: Preview): string[] {
  const emails = [...rows.values()].map(({ email }) => email);
  const found = misspelledAmong(emails, [...domains, preview.domains.most]);
  return misspelledLines(found).map((line) => `warning: ${line}`);
}

function people(count: number): string {
  return count === 1 ? '1 person' : `${count} people`;
}

/** Each role with the number of people who get it; those of administrators first, with their addresses. */
function roleLines({ roles }: Preview): string[] {
  const sorted = [...roles.values()].sort((a, b) => b.named.length - a.named.length);
  return sorted.map(({ role, people: count, named }) => {
    const names = named.length === 0 ? '' : `: ${firstOf(named, mostNamed).join(', ')}`;
    return `  ${roleOn(role)} for ${people(count)}${names}`;
  });
}

interface Preview extends ImportCounts {
  readonly plan: CreatePlan;
  /** Those of the organization. */
  readonly domains: Domains;
  /** Who is to be mailed at another domain. */
  readonly foreign: readonly string[];
  readonly organization: string | undefined;
  /** What the quota means, if there is not room for all. */
  readonly quota: string | undefined;
}

async function previewImport(ctx: Context, input: ImportInput, tools: Tools): Promise<Preview> {
  const [known, limit] = await Promise.all([
    readKnownInvitations(input.rows, tools),
    input.rows.size === 0 ? undefined : pendingInvitationQuota(await ctx.api()),
  ]);
  const organization = input.organization?.id ?? known.organization;
  const how = { known, organization, authType: input.options.authType, readsRoles: true };
  const rows = [...input.rows.values()];
  const plan = await planCreates(rows, how, tools);
  const counts = countChanges(rows, plan, tools.clock.now());
  const quota = quotaForecast(counts.mails, known.pending, limit);
  const allowed = allowedDomains(ctx, { ...input.options, allowExternal: false });
  const foreign = foreignAmong(mailedBy(plan, rows), known.domains, allowed);
  return { ...counts, plan, organization, domains: known.domains, foreign, quota };
}

function mailedBy(plan: CreatePlan, rows: readonly Row[]): Row[] {
  return rows.filter((row) => plan(row).decision.act === 'post');
}

/** Those whose domain nobody was invited with yet, where somebody was, and that is not one of the allowed ones. */
function foreignAmong(rows: readonly Row[], { all }: Domains, allowed: readonly string[] = []): string[] {
  const home = new Set(all);
  const isForeign = (email: string) => !home.has(domainOf(email)) && externalProblem(email, allowed) !== undefined;
  return home.size === 0 ? [] : rows.map(({ email }) => email).filter(isForeign);
}

/** Who was to be mailed by the first look, and is invited or a member by the second. */
function invitedMeanwhile({ rows }: ImportInput, before: CreatePlan, now: CreatePlan): string[] {
  const mailed = mailedBy(before, [...rows.values()]);
  return mailed.filter((row) => now(row).decision.act === 'nothing').map(({ email }) => email);
}

interface ImportCounts {
  mails: number;
  invited: number;
  members: number;
  granted: number;
  readonly roles: Map<string, GrantedTo>;
}

interface GrantedTo {
  readonly role: BoundRole;
  people: number;
  /** Their addresses, where the role is one that can grant itself any other. */
  readonly named: string[];
}

const mostNamed = 50;

function countChanges(rows: readonly Row[], plan: CreatePlan, now: number): ImportCounts {
  const counts: ImportCounts = { mails: 0, invited: 0, members: 0, granted: 0, roles: new Map() };
  for (const row of rows) {
    const change = plan(row);
    const { decision, target } = change;
    if (decision.act === 'post') counts.mails += 1;
    else if (decision.outcome === 'already_member') counts.members += 1;
    else counts.invited += 1;
    const roles = missingRoles(change, now);
    if (roles.length > 0) counts.granted += 1;
    for (const role of roles) {
      const key = roleOn(role);
      const granted = counts.roles.get(key) ?? { role, people: 0, named: [] };
      counts.roles.set(key, granted);
      granted.people += 1;
      if (isAdminRole(role.role_name)) granted.named.push(target);
    }
  }
  return counts;
}

/** A change for each row. Those whom the file itself leaves out have a result, too. */
function changesOf({ rows, leftOut }: ImportInput, plan: CreatePlan): Changes {
  return {
    length: rows.size + leftOut.length,
    *[Symbol.iterator]() {
      for (const row of rows.values()) yield plan(row);
      for (const { email: target, reason, line } of leftOut)
        yield { kind: 'settled', target, known: [], result: { target, outcome: 'skipped', reason, line } };
    },
  };
}

/** @param limit Invitations that may be pending at once, if the API tells. */
function quotaForecast(mails: number, pending: number, limit = Number.POSITIVE_INFINITY): string | undefined {
  const room = Math.max(0, limit - pending);
  if (mails <= room) return undefined;
  return `${limit} invitations may be pending at once, there is room for ${room}: ${mails - room} will be refused`;
}

/** Rows of which a terminal shows every one; of more it shows those that changed something or failed. */
const mostShown = 20;

class ImportResults {
  readonly #rows: number;
  readonly #isLarge: boolean;
  readonly #failed: Result[] = [];
  #seen = 0;
  /** How many rows a terminal did not show. */
  hidden = 0;

  constructor(ctx: Context, rows: number) {
    this.#rows = rows;
    this.#isLarge = rows > mostShown && ctx.host.stdout.isTTY;
  }

  /** Counts a result; false for what a person need not see. */
  readonly isShown = (result: Result): boolean => {
    this.#seen += 1;
    if (result.error !== undefined || result.outcome === 'not_attempted') this.#failed.push(result);
    if (result.outcome === 'not_attempted') return false;
    if (!this.#isLarge || hasChanged(result)) return true;
    this.hidden += 1;
    return false;
  };

  /** Why rows were refused that have to be corrected, by address. */
  get reasons(): ReadonlyMap<string, string> {
    return new Map(this.#failed.filter(isFaultOfRow).map((one) => [foldEmail(one.target), reasonOf(one)]));
  }

  /** Whether running the same import again would do more. */
  get isUnfinished(): boolean {
    return this.#seen < this.#rows || !this.#failed.every(isFaultOfRow);
  }
}

function hasChanged({ outcome, error, roles = [] }: Result): boolean {
  const isKnown = outcome === 'already_invited' || outcome === 'already_member';
  return error !== undefined || !isKnown || roles.some((role) => role.outcome !== 'already_granted');
}

/** Whether the row has to be corrected: to try again would not help, and other rows fare better. */
function isFaultOfRow({ outcome, error }: Result): boolean {
  if (error === undefined || outcome === 'unknown' || outcome === 'not_attempted') return false;
  const { cause, retryable } = error.details;
  const failure = error.code === 'partial_failure' && cause instanceof CliError ? cause : error;
  return !retryable && !affectsEveryTarget(failure) && failure.exitCode !== exitCodes.network;
}

function reasonOf({ error }: Result): string {
  const { message = '', http_status = null } = error?.toRecord() ?? {};
  return http_status === null || message.includes(String(http_status)) ? message : `${message} (HTTP ${http_status})`;
}

/** Brings the file of refused rows up to date, and gives the hints for a failure: one of them is the way on. */
async function endingHints(
  ctx: Context,
  input: ImportInput,
  results: ImportResults,
  error?: CliError,
): Promise<string[]> {
  const written = await updateRejected(ctx, input, results);
  // What would repair a single row is part of the way on.
  const others = (error?.details.hints ?? []).filter((hint) => !hint.startsWith('invite create '));
  if (results.isUnfinished) {
    const when = error?.code === 'quota_exceeded' ? ' once there is room' : '';
    return [...others, `to continue${when}: ${importCommand(input, input.file ?? '-')} --yes`];
  }
  if (written === undefined) return others;
  return [...others, `correct the rows in ${written}, then: ${importCommand(input, written)}`];
}

/** Returns where the refused rows are now, if there are any. The import is done all the same if that fails. */
async function updateRejected(
  ctx: Context,
  input: ImportInput,
  { reasons, isUnfinished }: ImportResults,
): Promise<string | undefined> {
  const { file, understood } = input;
  const path = rejectedPath(file, understood.ignored);
  const isInput = path === file;
  // Its other rows would be lost.
  if (isInput && isUnfinished) return undefined;
  try {
    const corrected = !isInput && (await isCorrected(path, input));
    if (reasons.size === 0) {
      if (isRejectedFile(file) && !isUnfinished)
        ctx.say(
          `none of the rows in ${file} fails now; it is kept as ${keptAs(file, file.replace(/\.csv$/, '.done.csv'))}`,
        );
      else if (!corrected && !isUnfinished && removeFile(path)) ctx.say(`removed ${path}: none of its rows fails now`);
      return undefined;
    }
    if (corrected) ctx.say(`${path} was edited and is kept as ${keptAs(path, `${path}.bak`)}`);
    await writeRejected(path, input, reasons);
    if (isUnfinished) ctx.say(`rows that failed so far are in ${path}`);
    return path;
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    ctx.say(`warning: ${error.toRecord().message}`);
    return undefined;
  }
}

/** The command for this file, with every option that was typed: without one it would be about others. */
function importCommand({ headings, options }: ImportInput, file: string): string {
  const words = optionsAgain({
    ...options,
    columns: headings.length === 0 ? undefined : formatColumns(headings),
    role: options.role?.map(formatRole),
    allowedDomains: options.allowedDomains?.join(','),
    yes: undefined,
    dryRun: undefined,
  });
  return ['invite import', fileWord(file), ...words].join(' ');
}
