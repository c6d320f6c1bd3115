import { emailProblem, foldEmail } from '../api/email.ts';
import { formatRole } from '../api/roles.ts';
import { jsonText } from '../text/json-fields.ts';
import { cleanLine } from '../text/sanitize.ts';
import { counted } from '../text/times.ts';
import { listedTest } from './decide.ts';
import { isFromIdentityProvider } from './decide-person.ts';
import { type Desired, lineOf } from './desired.ts';
import { columns } from './file.ts';
import {
  emailsOf,
  isPresent,
  type Observed,
  type OtherPrincipals,
  type Person,
  personNamed,
  type Standing,
  standingOf,
  userIdsOf,
  userOf,
} from './observed.ts';
import { isAdministrator } from './people-filter.ts';
import { compareTexts } from './plan.ts';
import { notShown } from './roster.ts';
import { asTyped, type ScopedRole } from './scoped-roles.ts';

interface ExportOptions {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Includes members provisioned by the identity provider. */
  readonly sso: boolean;
  /** Leaves out the people that this file lists. */
  readonly missingFrom?: Desired | undefined;
}

/** A person in an export. */
interface ExportedPerson {
  readonly email: string;
  /** Undefined if a file cannot name one of them: then a plan leaves all of them alone. */
  readonly roles?: readonly string[];
  readonly isPending: boolean;
}

export interface Export {
  readonly organization: string;
  readonly people: readonly ExportedPerson[];
  /** The e-mails or user ids of people who cannot be listed without a finding. */
  readonly ignore: readonly string[];
  /** Members whom the identity provider made, and who are not asked for. */
  readonly sso: readonly SsoMember[];
  readonly others: OtherPrincipals;
}

interface SsoMember {
  readonly email: string;
  readonly isAdministrator: boolean;
}

/** Who is not in the file, in sentences. */
export function missingFrom({ sso, others }: Export): string[] {
  const admins = sso.filter(({ isAdministrator }) => isAdministrator).map(({ email }) => email);
  const [are, among] = sso.length === 1 ? ['is', ''] : ['are', 'among them '];
  const named =
    admins.length === 0 ? '' : `, ${among}the administrator${admins.length === 1 ? '' : 's'} ${admins.join(', ')}`;
  const members = `${counted(sso.length, 'SSO member')} ${are} not listed${named}; --sso lists them`;
  const rest = notShown(others);
  return [...(sso.length === 0 ? [] : [members]), ...(rest === undefined ? [] : [rest])];
}

/** The people of an organization as a file whose plan is empty, in the order of their e-mails. */
export function exportOf(observed: Observed, options: ExportOptions): Export {
  const people: ExportedPerson[] = [];
  const ignore: string[] = [...observed.orphans.keys()];
  const sso: SsoMember[] = [];
  const typed = roleWriter(observed.organization);
  const isListed = options.missingFrom === undefined ? () => false : listedTest(options.missingFrom, observed);
  for (const person of observed.people.values()) {
    if (isListed(person)) continue;
    const standing = standingOf(person, options.now);
    if (isPlain(standing) && emailProblem(person.email) === undefined) {
      if (options.sso || !isFromIdentityProvider(person)) people.push(exported(person, standing, typed));
      else sso.push({ email: person.email, isAdministrator: isAdministrator(person) });
    } else if (isPresent(standing) || ['ambiguous', 'unknown'].includes(standing.state))
      ignore.push(...namesOf(person));
  }
  const { organization } = observed;
  people.sort((a, b) => compareTexts(foldEmail(a.email), foldEmail(b.email)));
  return { organization, people, ignore: ignore.sort(compareTexts), sso, others: observed.others };
}

/** Whether listing somebody leads to no finding and to no mail. */
function isPlain(standing: Standing): boolean {
  if (standing.state === 'member') return standing.pending === undefined;
  return isPresent(standing);
}

/** The e-mail or, if a file cannot contain it, the ids of the users. */
function namesOf(person: Person): string[] {
  if (emailProblem(person.email) === undefined) return [person.email];
  return userIdsOf(person).filter((id) => id.startsWith('u-'));
}

type RoleWriter = (role: ScopedRole) => string | undefined;

/** Cached, since many people have the same roles. */
function roleWriter(organization: string): RoleWriter {
  const known = new Map<ScopedRole, string | undefined>();
  return (role) => {
    if (known.has(role)) return known.get(role);
    const typed = asTyped(role, organization);
    const text = typed === undefined ? undefined : formatRole(typed);
    known.set(role, text);
    return text;
  };
}

function exported({ email, bindings }: Person, standing: Standing, typed: RoleWriter): ExportedPerson {
  const user = userOf(standing);
  const isPending = standing.state !== 'member';
  const roles = new Set<string>();
  for (const binding of bindings) {
    if (binding.user !== user) continue;
    const text = typed(binding.role);
    if (text === undefined) return { email, isPending };
    roles.add(text);
  }
  return { email, isPending, roles: [...roles].sort(compareTexts) };
}

const head = [
  '# The people of the organization and their roles. Planning this file changes nothing.',
  '# managed: none takes nothing away. "roles": extra roles of the people listed are revoked. "people": everybody else',
  '# is removed, too.',
];

/** The export as YAML, one person a line. */
export function exportYaml(file: Export): string {
  const missing = missingFrom(file).map((line) => `# ${cleanLine(line)}`);
  const lines = [...head, ...missing, 'version: 1', `organization: ${yamlText(file.organization)}`, 'managed: none'];
  if (file.ignore.length > 0) {
    lines.push('# These are in a state that a file cannot describe; they are left alone.', 'ignore:');
    lines.push(...file.ignore.map((name) => `  - ${yamlText(name)}`));
  }
  const people = entriesYaml(file);
  return `${lines.join('\n')}\npeople:${people === '' ? ' []\n' : `\n${people}`}`;
}

/** Only the entries of people, to be pasted into a file. */
export function entriesYaml({ people }: Pick<Export, 'people'>): string {
  return people
    .map(({ email, roles, isPending }) => {
      const listed = roles === undefined ? '' : `, roles: [${roles.map(yamlText).join(', ')}]`;
      return `  - { email: ${yamlText(email)}${listed} }${isPending ? '   # pending' : ''}\n`;
    })
    .join('');
}

/**
 * The entries to paste where a file differs from the organization, each below a line that says how. Roles that the file
 * does not manage are left out.
 */
export function diffYaml({ people }: Pick<Export, 'people'>, file: Desired, observed: Observed): string {
  const { organization } = observed;
  const listed = new Map(file.people.map((entry) => [foldEmail(entry.email), entry]));
  const ignored = listedTest({ ...file, people: [] }, observed);
  const typed = roleWriter(organization);
  const lines = people.flatMap((person) => {
    const known = personNamed(person.email, observed);
    const entry = (known === undefined ? [person.email] : emailsOf(known))
      .map((email) => listed.get(foldEmail(email)))
      .find((one) => one !== undefined);
    if (entry === undefined) {
      return known !== undefined && ignored(known) ? [] : [`  # not in the file\n${entriesYaml({ people: [person] })}`];
    }
    if (entry.roles === undefined || person.roles === undefined) return [];
    const wanted = new Set(entry.roles.flatMap(({ role }) => typed(observed.roles.ofRole(role, organization)) ?? []));
    const held = new Set(person.roles);
    const differences = [
      ...[...held].filter((role) => !wanted.has(role)).map((role) => `+${role}`),
      ...[...wanted].filter((role) => !held.has(role)).map((role) => `-${role}`),
    ];
    if (differences.length === 0) return [];
    return [`  # ${lineOf(entry)}: ${cleanLine(differences.join(' '))}\n${entriesYaml({ people: [person] })}`];
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

export function exportJson({ organization, people, ignore }: Export): string {
  const rest = ignore.length === 0 ? '' : ` "ignore": ${jsonText(ignore)},\n`;
  const start = `{\n "version": 1,\n "organization": ${jsonText(organization)},\n "managed": "none",\n${rest} "people": [`;
  return `${start}${entriesJson({ people })}]\n}\n`;
}

export function entriesJson({ people }: Pick<Export, 'people'>): string {
  if (people.length === 0) return '';
  const items = people.map(({ email, roles }) => jsonText(roles === undefined ? { email } : { email, roles }));
  return `\n  ${items.join(',\n  ')}\n `;
}

/** One row a role. CSV cannot hold `managed` and `organization`, so without flags it only adds. */
export async function exportCsv(
  { people }: Pick<Export, 'people'>,
  { header }: { readonly header: boolean },
): Promise<string> {
  const { csvText, guarded } = await import('../output/csv.ts');
  const rows = people.flatMap(({ email, roles }) => {
    const listed = roles?.length === 0 ? ['-'] : (roles ?? ['']);
    return listed.map((role) => {
      const [name = '', ...scope] = role.split('@');
      // A lone - is no formula.
      return [guarded(email), name === '-' ? name : guarded(name), guarded(scope.join('@')), '', '', ''];
    });
  });
  return csvText(header ? [[...columns], ...rows] : rows);
}
