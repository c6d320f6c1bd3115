import { basename } from 'node:path';
import { EmailMap, foldEmail } from '../api/email.ts';
import { crnOf, decodedCrn, formatRole, isAdminRole, isTypo, type Role } from '../api/roles.ts';
import type { Context } from '../cli/context.ts';
import { CliError } from '../errors.ts';
import { type ColumnHeadings, headingTold } from '../people/columns.ts';
import { tellingIn } from '../people/headings.ts';
import { type PeopleSource as Named, openPeople } from '../people/open.ts';
import { checkConflicts, FileProblems, UnreadableFile } from '../people/problems.ts';
import { isToldAway } from '../people/profile.ts';
import type { ColumnsOfFile, Row } from '../people/rows.ts';
import { decode, filesIn, readFile, readStdin } from '../people/source.ts';
import { firstLine, formatOf, isTable, mostRows } from '../people/table.ts';
import type { PeopleFlags } from '../people/understand.ts';
import { didYouMean } from '../text/suggest.ts';
import {
  addPerson,
  checkScopes,
  type Desired,
  type DesiredPerson,
  type DesiredRole,
  defaultReinvite,
  Ignored,
  isWithin,
  lineOf,
  type Managed,
  type Place,
  type Reject,
  rolesOnce,
} from './desired.ts';
import type { DocumentRules } from './read-document.ts';

/** The flags are for a file that has columns. */
export interface PeopleOptions extends DocumentRules, Pick<PeopleFlags, 'columns' | 'skipRowsWithoutEmail'> {
  /** For a CSV file, which cannot contain them. */
  readonly managed?: Managed;
  readonly organization?: string;
  /** Where what is wrong with it is collected; if left out, of each file anew. */
  readonly problems?: FileProblems;
}

export interface PeopleSource extends Named {
  /** As typed. */
  readonly file: string;
  readonly bytes: Buffer;
}

export async function readPeopleFile(ctx: Context, file: string): Promise<PeopleSource> {
  try {
    const { bytes, name } = file === '-' ? await readStdin(ctx) : { ...readFile(file), name: basename(file) };
    return { file, name, bytes, text: decode(bytes, name) };
  } catch (error) {
    throw shownAtLine(ctx, file, error);
  }
}

export function filesOf(ctx: Context, name: string): string[] {
  try {
    return filesIn(name);
  } catch (error) {
    throw shownAtLine(ctx, name, error);
  }
}

/** A GitHub workflow is shown why a file cannot be read at all: at the line that is named, otherwise at its first one. */
function shownAtLine({ github }: Context, file: string, error: unknown): unknown {
  const message = error instanceof CliError && file !== '-' ? error.details.reason : undefined;
  if (message !== undefined) github.reject({ file, line: Number(/^line (\d+) /.exec(message)?.[1] ?? 1), message });
  return error;
}

/** A GitHub workflow is shown what is wrong with each line of a file. @param most So many are shown to a person. */
export function problemsOf({ github }: Context, file: string, most?: number): FileProblems {
  return new FileProblems((problem) => github.reject({ ...(file === '-' ? {} : { file }), ...problem }), most);
}

export async function readDesired(ctx: Context, source: PeopleSource, options: PeopleOptions): Promise<Desired> {
  const { problems = problemsOf(ctx, source.file) } = options;
  try {
    return await readMembership(source, { ...options, problems });
  } catch (error) {
    throw problems.count > 0 ? error : shownAtLine(ctx, source.file, error);
  }
}

/** Reads and checks a whole file. Throws one `invalid_file` with all problems and their lines. */
export async function readMembership({ name, text }: Named, options: PeopleOptions = {}): Promise<Desired> {
  const { problems = new FileProblems() } = options;
  let desired: Desired | undefined;
  try {
    checkConflicts(text, problems);
    if (problems.count === 0) desired = await desiredIn({ name, text }, problems, options);
    if (desired !== undefined) checkDesired(desired, problems);
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    problems.add(error.line, error.message);
  }
  problems.throwIfAny(name, [], 'read');
  if (desired === undefined) throw new Error('a file without problems was not read');
  return desired.within === undefined ? desired : ofTeam(desired, desired.within);
}

/** What the file of a team manages of its people are their roles inside of its scopes alone. */
function ofTeam(desired: Desired, within: readonly Role[]): Desired {
  if (desired.managed !== 'roles') return desired;
  const people = desired.people.map((person) =>
    person.roles === undefined ? person : { ...person, managedWithin: within },
  );
  return { ...desired, managed: 'none', people };
}

async function desiredIn(source: Named, problems: FileProblems, options: PeopleOptions): Promise<Desired | undefined> {
  const { text } = source;
  const format = formatOf(text, options.columns);
  if (format === undefined) throw new UnreadableFile(1, 'the file is empty');
  const isList = format.kind !== 'lines' || firstLine(text).includes('@');
  if (isList && isTable(text, format)) return desiredInTable(source, options);
  if (options.managed !== undefined || options.organization !== undefined)
    problems.add(1, '--managed and --organization are for CSV; here the file itself says it');
  if (options.columns !== undefined) problems.add(1, '--columns is for tables; this file has none');
  const { parseYaml } = await import('../people/yaml.ts');
  const { readDocument } = await import('./read-document.ts');
  const root = parseYaml(text, problems);
  return root === undefined ? undefined : readDocument(root, problems, options);
}

export const columns = ['email', 'role', 'scope', 'auth_type', 'until', 'note'] as const;

/** A person may have several rows; a role of `-` means none at all. */
async function desiredInTable(source: Named, options: PeopleOptions): Promise<Desired> {
  const { managed = 'none', organization } = options;
  const people = new EmailMap<DesiredPerson>();
  const firstOf = new Map<string, DesiredRole>();
  await openPeople(
    source,
    {
      ...options,
      act: 'read',
      trustsOurs: true,
      unknownRoles: async (names) => names.filter(isTypo),
      check: (file, problems, line) => refuseForeign(file, problems, { line, told: options.columns }),
    },
    (row, problems) => {
      const person = entryOf(row);
      const { email, line, roles = [] } = person;
      const before = people.get(email)?.roles;
      if (before !== undefined && person.roles !== undefined && (before.length === 0) !== (roles.length === 0))
        problems.add(line, `"${email}" has both "-", for no role at all, and a role`);
      for (const entry of roles) {
        const role = formatRole(entry.role);
        const first = firstOf.get(`${foldEmail(email)} ${role}`) ?? entry;
        firstOf.set(`${foldEmail(email)} ${role}`, first);
        // Which of two ends of a role counts, nobody can say.
        if (first.until?.end === entry.until?.end) continue;
        const other = `with ${endInWords(first)} in line ${first.line}`;
        problems.add(line, `"${email}" has ${role} with ${endInWords(entry)} here, and ${other}`);
      }
      addPerson(people, person, (place, words) => problems.add(place.line, words));
    },
  );
  return { managed, organization, reinvite: defaultReinvite, ignore: [], people: [...people.values()] };
}

/** In a row without a role, `until` is that of the person. */
function entryOf({ line, email, authType: auth_type, roles, hasNoRole, until, note }: Row): DesiredPerson {
  if (roles.length === 0) return { line, email, auth_type, until, note, roles: hasNoRole ? [] : undefined };
  return { line, email, auth_type, note, roles: roles.map((role) => ({ line, role, until })) };
}

function endInWords({ until }: DesiredRole): string {
  return until === undefined ? 'no end' : `the end ${until.text}`;
}

/** A column that is not read may say who is no longer to be there. */
function refuseForeign(
  { understood, isOurs, shared }: ColumnsOfFile,
  problems: FileProblems,
  { line, told = [] }: { readonly line: number; readonly told: ColumnHeadings | undefined },
): void {
  if (isOurs) return;
  // When an answer of an API expires, nobody is to be removed.
  const isUntil = (heading: string) =>
    headingTold(told, 'until') !== undefined || (tellingIn(heading) === 'until' && shared?.has(heading) !== true);
  const foreign = [...understood.tellings]
    .filter(([{ heading }, telling]) => telling !== 'until' || !isUntil(heading))
    .map(([{ heading }]) => heading);
  for (const heading of [...understood.ignored, ...foreign]) {
    const name = heading.trim().toLowerCase();
    if (name.startsWith('x-') || isToldAway(heading, told)) continue;
    const others = columns.filter((column) => column !== name);
    const [hint = `known: ${columns.join(', ')}`] = didYouMean(name, others);
    problems.add(line, `"${name}" is not a column; ${hint}; "x-${name}" would be left alone`);
  }
}

/** Checks that do not depend on the format. */
function checkDesired(desired: Desired, problems: FileProblems): void {
  const { managed, organization, within, people } = desired;
  if (people.length > mostRows) throw new UnreadableFile(1, `the file has more than ${mostRows} people`);
  if (managed !== 'none' && organization === undefined)
    problems.add(1, `"managed: ${managed}" takes roles away, so the file must name its organization`);
  if (managed === 'people' && people.length === 0 && problems.count === 0)
    problems.add(1, 'it lists nobody, and with "managed: people" everybody would be removed');
  const reject: Reject = ({ line }, message) => problems.add(line, message);
  if (organization !== undefined) checkScopes(desired, organization, reject);
  if (within !== undefined) checkWithin(desired, within, reject);
  checkAddresses(desired, reject);
  checkIgnored(desired, reject);
}

/** The file of a team may neither decide who is in the organization nor grant anything outside of its scopes. */
function checkWithin(desired: Desired, within: readonly Role[], reject: Reject): void {
  const { managed, organization = '', ignore, people } = desired;
  const refuse = (place: Place, what: string) =>
    reject(place, `"${what}" is for the file of the organization, not for one with "within"`);
  if (managed === 'people') refuse({ line: 1 }, 'managed: people');
  for (const rule of ignore) refuse(rule, 'ignore');
  for (const person of people) {
    if (person.was !== undefined) refuse(person, 'was');
    if (person.until !== undefined)
      reject(person, `the end of "${person.email}" would remove them from the organization; give an end to the roles`);
  }
  const scopes = within.map(({ scope }) => scope).join(', ');
  for (const { role, ...place } of rolesOnce(desired)) {
    const isInside = isWithin(decodedCrn(crnOf(role, organization)), within, organization);
    if (!isInside || isAdminRole(role.role_name))
      reject(place, `"${formatRole(role)}" is not inside of ${scopes}, the only place where this file may grant`);
  }
}

/** Nobody is listed twice. An old address that goes must not be listed, and can be that of one person alone. */
export function checkAddresses({ people }: Desired, reject: Reject): void {
  const places = new EmailMap<Place>();
  for (const person of people) {
    const first = places.get(person.email);
    if (first === undefined) places.set(person.email, person);
    else reject(person, `"${person.email}" is listed in ${lineOf(first)} already`);
  }
  for (const { was, ...place } of people) {
    if (was === undefined) continue;
    const other = places.get(was);
    if (other !== undefined) reject(place, `"${was}" is to be removed, and is listed in ${lineOf(other)}`);
    places.set(was, place);
  }
}

/** A person or role must not be both listed and ignored. */
export function checkIgnored(desired: Desired, reject: Reject): void {
  const ignored = new Ignored(desired.ignore, desired.organization ?? '');
  for (const person of desired.people) {
    const rule = ignored.email(person.email);
    if (rule !== undefined) reject(person, `"${person.email}" is listed, and ignored in ${lineOf(rule)}`);
  }
  for (const listed of desired.ignore.length === 0 ? [] : rolesOnce(desired)) {
    const rule = ignored.typedRole(listed.role);
    const words = `the role "${listed.role.role_name}" is listed, and "${rule?.text}" is ignored in`;
    if (rule !== undefined) reject(listed, `${words} ${lineOf(rule)}`);
  }
}
