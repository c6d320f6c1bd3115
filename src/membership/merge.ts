import { externalProblem, foldEmail } from '../api/email.ts';
import type { Role } from '../api/roles.ts';
import type { FileProblem } from '../people/problems.ts';
import { type Desired, type DesiredPerson, defaultReinvite, type IgnoreRule } from './desired.ts';

/** A file of several that are read together. */
interface DesiredFile {
  /** For sentences. */
  readonly name: string;
  readonly desired: Desired;
}

type Draft = { -readonly [Key in keyof DesiredPerson]: DesiredPerson[Key] };

/**
 * One file of several, whatever their order. The roles of a person in them add up.
 * @param reject Called with what one file contradicts in another.
 */
export function mergeDesired(
  files: readonly DesiredFile[],
  reject: (name: string, problem: FileProblem) => void,
): Desired {
  const sorted = [...files].sort((a, b) => (a.name < b.name ? -1 : 1));
  const heads = sorted.filter(({ desired }) => desired.within === undefined);
  const head = <Key extends 'organization' | 'managed' | 'reinvite'>(
    key: Key,
    some = heads,
  ): Desired[Key] | undefined => {
    const [first, ...others] = some.filter(({ desired }) => desired[key] !== undefined);
    for (const other of others) {
      if (first === undefined || other.desired[key] === first.desired[key]) continue;
      reject(other.name, { line: 1, message: `its ${key} is not that of ${first.name}` });
    }
    return first?.desired[key];
  };
  const organization = head('organization', sorted);
  for (const { domains } of heads.map(({ desired }) => desired)) {
    for (const { name, desired } of sorted) {
      for (const { email, line } of desired.people) {
        const problem = externalProblem(email, domains);
        if (problem !== undefined) reject(name, { line, message: problem });
      }
    }
  }
  return {
    managed: head('managed') ?? 'none',
    reinvite: head('reinvite') ?? defaultReinvite,
    ignore: heads.flatMap(({ name, desired }) => desired.ignore.map((rule): IgnoreRule => ({ ...rule, file: name }))),
    people: mergePeople(sorted, reject),
    ...(organization === undefined ? {} : { organization }),
  };
}

function mergePeople(files: readonly DesiredFile[], reject: (name: string, problem: FileProblem) => void) {
  const people = new Map<string, Draft>();
  for (const { name, desired } of files) {
    for (const entry of desired.people) {
      const added = placed(entry, name, desired);
      const person = people.get(foldEmail(entry.email));
      if (person === undefined) people.set(foldEmail(entry.email), added);
      else join(person, added, (message) => reject(name, { line: entry.line, message }));
    }
  }
  return [...people.values()];
}

/** The person with the name of the file, and with what its head says of everybody in it. */
function placed(entry: DesiredPerson, file: string, { auth_type, managed, within }: Desired): Draft {
  const signIn = entry.auth_type ?? auth_type;
  const managedWithin: readonly Role[] = managed === 'roles' ? (within ?? []) : [];
  return {
    ...entry,
    file,
    ...(entry.roles === undefined ? {} : { roles: entry.roles.map((role) => ({ ...role, file })) }),
    ...(signIn === undefined ? {} : { auth_type: signIn }),
    ...(managedWithin.length === 0 || entry.roles === undefined ? {} : { managedWithin }),
  };
}

function join(person: Draft, added: DesiredPerson, reject: (message: string) => void): void {
  const before = `in ${person.file}, line ${person.line}`;
  if (added.auth_type !== undefined) {
    person.auth_type ??= added.auth_type;
    if (person.auth_type !== added.auth_type) reject(`"${added.email}" has another auth_type ${before}`);
  }
  if (added.until !== undefined) {
    person.until ??= added.until;
    if (person.until.end !== added.until.end) reject(`"${added.email}" ends on ${person.until.text} ${before}`);
  }
  if (added.was !== undefined) person.was ??= added.was;
  if (added.roles !== undefined) person.roles = [...(person.roles ?? []), ...added.roles];
  if (added.managedWithin !== undefined)
    person.managedWithin = [...(person.managedWithin ?? []), ...added.managedWithin];
}
