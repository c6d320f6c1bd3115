import { externalProblem, foldEmail } from '../api/email.ts';
import { type Desired, type DesiredPerson, defaultReinvite, lineOf, type Place } from './desired.ts';

/** A file of several that are read together. */
interface DesiredFile {
  /** For sentences. */
  readonly name: string;
  readonly desired: Desired;
}

/** Called with what contradicts something before it. */
export type Reject = (place: Place, message: string) => void;

/** People of several rows or files, each of them once. */
export class JoinedPeople {
  readonly #people = new Map<string, Draft>();

  of(email: string): DesiredPerson | undefined {
    return this.#people.get(foldEmail(email));
  }

  all(): DesiredPerson[] {
    return [...this.#people.values()];
  }

  /** The roles of a person add up. */
  add(added: DesiredPerson, reject: Reject): void {
    const key = foldEmail(added.email);
    const person = this.#people.get(key) ?? { ...added };
    if (this.#people.has(key)) join(person, added, reject);
    else this.#people.set(key, person);
  }
}

type Draft = { -readonly [Key in keyof DesiredPerson]: DesiredPerson[Key] };

function join(person: Draft, added: DesiredPerson, reject: Reject): void {
  const { email, auth_type = person.auth_type, until = person.until, roles, managedWithin } = added;
  person.auth_type ??= auth_type;
  person.until ??= until;
  person.was ??= added.was;
  person.note ??= added.note;
  if (person.auth_type !== auth_type) reject(added, `"${email}" has another auth_type in ${lineOf(person)}`);
  if (person.until?.end !== until?.end)
    reject(added, `"${email}" ends on ${until?.text} here, and on ${person.until?.text} in ${lineOf(person)}`);
  if (roles !== undefined) person.roles = [...(person.roles ?? []), ...roles];
  if (managedWithin !== undefined) person.managedWithin = [...(person.managedWithin ?? []), ...managedWithin];
}

/** One file of several, whatever their order. */
export function mergeDesired(files: readonly DesiredFile[], reject: Reject): Desired {
  const sorted = [...files].sort((a, b) => (a.name < b.name ? -1 : 1));
  const heads = sorted.filter(({ desired }) => desired.within === undefined);
  const head = <Key extends 'organization' | 'managed' | 'reinvite'>(key: Key, some = heads) => {
    const [first, ...others] = some.filter(({ desired }) => desired[key] !== undefined);
    for (const { name, desired } of others)
      if (desired[key] !== first?.desired[key])
        reject({ file: name, line: 1 }, `its ${key} is not that of ${first?.name}`);
    return first?.desired[key];
  };
  const settings = {
    organization: head('organization', sorted),
    managed: head('managed') ?? 'none',
    reinvite: head('reinvite') ?? defaultReinvite,
  };
  const people = new JoinedPeople();
  for (const { name: file, desired } of sorted) {
    for (const entry of desired.people) {
      for (const { domains } of heads.map((one) => one.desired)) {
        const problem = externalProblem(entry.email, domains);
        if (problem !== undefined) reject({ file, line: entry.line }, problem);
      }
      people.add(placed(entry, file, desired), reject);
    }
  }
  return {
    ...settings,
    ignore: heads.flatMap(({ name: file, desired }) => desired.ignore.map((rule) => ({ ...rule, file }))),
    people: people.all(),
  };
}

/** The person with the name of the file, and with what its head says of everybody in it. */
function placed(entry: DesiredPerson, file: string, { auth_type }: Desired): DesiredPerson {
  return {
    ...entry,
    file,
    roles: entry.roles?.map((role) => ({ ...role, file })),
    auth_type: entry.auth_type ?? auth_type,
  };
}
