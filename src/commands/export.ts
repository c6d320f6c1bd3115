import { extname } from 'node:path';
import { Option } from 'commander';
import { emailProblem, foldEmail } from '../api/email.ts';
import { asTyped } from '../api/roles.ts';
import type { CommandDefinition } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { CliError } from '../errors.ts';
import { listedTest } from '../membership/decide.ts';
import { isFromIdentityProvider } from '../membership/decide-person.ts';
import { type Desired, lineOf } from '../membership/desired.ts';
import { columns, readDesired, readPeopleFile } from '../membership/file.ts';
import { observe } from '../membership/observe.ts';
import {
  emailsOf,
  isPresent,
  type Observed,
  type Person,
  type Standing,
  standingOf,
  userIdsOf,
  userOf,
} from '../membership/observed.ts';
import { locate } from '../membership/prepare.ts';
import { isAdministrator, notShown } from '../membership/roster.ts';
import { csvText, guarded } from '../output/csv.ts';
import type { Format } from '../output/formats.ts';
import { jsonText } from '../text/json-fields.ts';
import { cleanLine, compareTexts } from '../text/sanitize.ts';
import { counted } from '../text/times.ts';

interface ExportOptions {
  readonly missingFrom?: string;
  readonly diff?: string;
  readonly sso?: boolean;
}

export const definition: CommandDefinition = (command, bind) =>
  command
    .description(
      'Print everybody with their roles as a file for "invite plan": YAML unless -o json or -o csv is given. Planning ' +
        'that file changes nothing.',
    )
    .addOption(
      new Option(
        '--missing-from <file>',
        'only the entries that are missing from this file, ready to be pasted into it',
      ),
    )
    .addOption(
      new Option(
        '--diff <file>',
        'only the entries that differ from this file, to be pasted over those in it',
      ).conflicts('missingFrom'),
    )
    .addOption(new Option('--sso', 'also members created by the identity provider, without an invitation'))
    .addExamples(
      'invite export > people.yaml',
      'invite export -o csv > people.csv',
      'invite export --missing-from people.yaml',
    )
    .withoutFormats('ndjson', 'id')
    .addFields(async () => [])
    .action(bind(exportPeople));

async function exportPeople(ctx: Context, options: ExportOptions): Promise<void> {
  const { missingFrom, diff, sso = false } = options;
  const { output, fields } = ctx.globals;
  const write = writerFor(output, options);
  if (fields !== undefined) throw new CliError('usage', 'a file of people has all its fields: --fields does not apply');
  const { desired, observed } = await readBoth(ctx, missingFrom ?? diff);
  const isPart = desired !== undefined;
  const now = ctx.now();
  const file = exportOf(observed, { now, sso, missingFrom: desired });
  const isDiff = isPart && diff !== undefined;
  const text = isDiff ? diffYaml(exportOf(observed, { now, sso }), desired) : write(file, { ...ctx.globals, isPart });
  await ctx.host.stdout.write(text);
  const isIgnoreLost = file.ignore.length > 0 && (isPart || write === exportCsv);
  if (isPart && !isIgnoreLost && (isDiff ? text === '' : file.entries.length === 0))
    ctx.remark(isDiff ? 'nothing differs' : 'nobody is missing');
  for (const line of isDiff ? [] : whoIsNotListed(file)) ctx.say(line);
  // A plan shows them as findings, or removes them.
  if (isIgnoreLost) ctx.say(`only "ignore" of a YAML or JSON file can hold them: ${file.ignore.join(', ')}`);
}

/** The file, if there is one, and the organization, which has to be the one that the file is for. */
async function readBoth(ctx: Context, file: string | undefined) {
  const source = file === undefined ? undefined : await readPeopleFile(ctx, file);
  const desired = source === undefined ? undefined : await readDesired(ctx, source, { allowUnicode: true });
  const { organization, findCaller, tools } = await locate(ctx, {
    name: source?.name ?? '',
    organization: desired?.organization,
  });
  const observed = await observe(tools, { organization, caller: findCaller(), now: ctx.now, seeksEveryRole: true });
  return { desired, observed };
}

/** Without -o it is what the file is that it is pasted into, otherwise YAML, in which a person writes such a file. */
function writerFor(output: Format, { missingFrom = '', diff }: ExportOptions): typeof exportYaml {
  const format = output === 'table' ? extname(missingFrom).slice(1).toLowerCase() : output;
  const writer = format === 'json' ? exportJson : format === 'csv' ? exportCsv : exportYaml;
  if (diff === undefined || writer === exportYaml) return writer;
  throw new CliError('usage', `--diff cannot be written as ${format}`, { hints: ['leave -o out'] });
}

interface Wish {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Includes members provisioned by the identity provider. */
  readonly sso: boolean;
  /** Leaves out the people that this file lists. */
  readonly missingFrom?: Desired | undefined;
}

interface Entry {
  readonly person: Person;
  readonly isPending: boolean;
  /** Undefined if they are unknown, or a file cannot name one of them: then a plan leaves all of them alone. */
  readonly roles: readonly string[] | undefined;
}

interface Export {
  readonly observed: Observed;
  readonly entries: readonly Entry[];
  /** The e-mails or user ids of people who cannot be listed without a finding. */
  readonly ignore: readonly string[];
  /** Members whom the identity provider made, and who are not asked for. */
  readonly sso: readonly Person[];
}

/** The people of an organization as a file whose plan is empty, in the order of their e-mails. */
export function exportOf(observed: Observed, { now, sso, missingFrom }: Wish): Export {
  const entries: Entry[] = [];
  const ignore: string[] = missingFrom === undefined ? [...observed.orphans.keys()] : [];
  const left: Person[] = [];
  const isListed = missingFrom === undefined ? () => false : listedTest(missingFrom, observed);
  for (const person of observed.people.values()) {
    if (isListed(person)) continue;
    const standing = standingOf(person, now);
    if (isPlain(standing) && emailProblem(person.email) === undefined) {
      if (!sso && isFromIdentityProvider(person, now)) left.push(person);
      else
        entries.push({
          person,
          isPending: standing.state !== 'member',
          roles: rolesOf(person, standing),
        });
    } else if (isPresent(standing) || ['ambiguous', 'unknown'].includes(standing.state))
      ignore.push(...namesOf(person));
  }
  entries.sort((a, b) => compareTexts(foldEmail(a.person.email), foldEmail(b.person.email)));
  return { observed, entries, ignore: ignore.sort(compareTexts), sso: left };
}

/** Whether listing somebody leads to no finding and to no mail. */
function isPlain(standing: Standing): boolean {
  return standing.state === 'member' ? standing.pending === undefined : isPresent(standing);
}

/** The e-mail or, if a file cannot contain it, the ids of the users. */
function namesOf(person: Person): string[] {
  if (emailProblem(person.email) === undefined) return [person.email];
  return userIdsOf(person).filter((id) => id.startsWith('u-'));
}

/** As a file has them. */
function rolesOf({ bindings }: Person, standing: Standing): Entry['roles'] {
  const whose = userOf(standing);
  if (whose === undefined) return undefined;
  const held = new Set(bindings.filter(({ user }) => user === whose).map(({ role }) => role));
  const roles = [...held].flatMap((role) => asTyped(role) ?? []);
  return roles.length < held.size ? undefined : roles.sort(compareTexts);
}

/** Who is not in the file, in sentences. */
function whoIsNotListed({ sso, observed }: Export): string[] {
  const admins = sso.filter(isAdministrator).map(({ email }) => email);
  const [are, among] = sso.length === 1 ? ['is', ''] : ['are', 'among them '];
  const named =
    admins.length === 0 ? '' : `, ${among}the administrator${admins.length === 1 ? '' : 's'} ${admins.join(', ')}`;
  const members = `${counted(sso.length, 'SSO member')} ${are} not listed${named}; --sso lists them`;
  return [...(sso.length === 0 ? [] : [members]), ...[notShown(observed.others) ?? []].flat()];
}

/** A part has only the entries of people, to be pasted into a file. */
interface Extent {
  readonly isPart: boolean;
  readonly csvRaw?: boolean;
  readonly csvCrlf?: boolean;
}

const head = [
  '# The people of the organization and their roles. Planning this file changes nothing.',
  '# managed: none takes nothing away. "roles": extra roles of the people listed are revoked. "people": everybody else',
  '# is removed, too.',
];

export function exportYaml(file: Export, { isPart }: Extent): string {
  const people = file.entries.map(entryYaml).join('');
  if (isPart) return people;
  const missing = whoIsNotListed(file).map((line) => `# ${cleanLine(line)}`);
  const { organization } = file.observed;
  const lines = [...head, ...missing, 'version: 1', `organization: ${yamlText(organization)}`, 'managed: none'];
  if (file.ignore.length > 0) {
    lines.push('# These are in a state that a file cannot describe; they are left alone.', 'ignore:');
    lines.push(...file.ignore.map((name) => `  - ${yamlText(name)}`));
  }
  return `${lines.join('\n')}\npeople:${people === '' ? ' []\n' : `\n${people}`}`;
}

function entryYaml({ person, roles, isPending }: Entry): string {
  const listed = roles === undefined ? '' : `, roles: [${roles.map(yamlText).join(', ')}]`;
  return `  - { email: ${yamlText(person.email)}${listed} }${isPending ? '   # pending' : ''}\n`;
}

/**
 * The entries to paste where a file differs from the organization, each below a line that says how. Roles that the file
 * does not manage are left out.
 */
function diffYaml({ entries, observed }: Export, file: Desired): string {
  const { organization } = observed;
  const listed = new Map(file.people.map((entry) => [foldEmail(entry.email), entry]));
  const isIgnored = listedTest({ ignore: file.ignore, people: [] }, observed);
  const lines = entries.map((entry) => {
    const { person, roles } = entry;
    const before = emailsOf(person).flatMap((email) => listed.get(foldEmail(email)) ?? [])[0];
    if (before === undefined) return isIgnored(person) ? '' : `  # not in the file\n${entryYaml(entry)}`;
    if (before.roles === undefined || roles === undefined) return '';
    const listedRoles = new Set(before.roles.map(({ role }) => observed.roles.ofRole(role, organization)));
    const wanted = Array.from(listedRoles, (role) => asTyped(role) ?? '').filter((role) => role !== '');
    const differences = [
      ...roles.filter((role) => !wanted.includes(role)).map((role) => `+${role}`),
      ...wanted.filter((role) => !roles.includes(role)).map((role) => `-${role}`),
    ];
    if (differences.length === 0) return '';
    return `  # ${lineOf(before)}: ${cleanLine(differences.join(' '))}\n${entryYaml(entry)}`;
  });
  return lines.join('');
}

/** Plain if every YAML parser reads it as a string, otherwise in double quotes. */
function yamlText(text: string): string {
  if (uuid.test(text)) return text;
  const isPlain =
    /^[A-Za-z][\w.+-]*(?:@[\w.+/=:-]*[\w/=])?$/.test(text) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text);
  return isPlain ? text : jsonText(text);
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function exportJson({ observed, entries, ignore }: Export, { isPart }: Extent): string {
  const items = entries.map(({ person: { email }, roles }) => `\n  ${jsonText({ email, roles })}`);
  const people = `[${items.join(',')}${items.length === 0 ? '' : '\n '}]`;
  if (isPart) return `${people}\n`;
  const rest = ignore.length === 0 ? '' : ` "ignore": ${jsonText(ignore)},\n`;
  const { organization } = observed;
  return `{\n "version": 1,\n "organization": ${jsonText(organization)},\n "managed": "none",\n${rest} "people": ${people}\n}\n`;
}

/** One row a role. CSV cannot hold `managed` and `organization`, so without flags it only adds. */
export function exportCsv({ entries }: Export, { isPart, csvRaw = false, csvCrlf = false }: Extent): string {
  const shown = (text: string) => (csvRaw ? text : guarded(text));
  const rows = entries.flatMap(({ person, roles }) => {
    const listed = roles?.length === 0 ? ['-'] : (roles ?? ['']);
    return listed.map((role) => {
      const [name = '', ...scope] = role.split('@');
      // A lone - is no formula.
      return [shown(person.email), name === '-' ? name : shown(name), shown(scope.join('@')), '', '', ''];
    });
  });
  return csvText(isPart ? rows : [[...columns], ...rows], csvCrlf ? '\r\n' : '\n');
}
