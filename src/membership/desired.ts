import { EmailMap, externalProblem, foldEmail } from '../api/email.ts';
import type { AuthType } from '../api/invitation.ts';
import { crnOf, decodedCrn, formatRole, organizationIn, type Role } from '../api/roles.ts';
import type { End } from '../people/values.ts';
import { compareTexts } from '../text/sanitize.ts';

/** What a file decides besides additions: nothing, the roles of the people listed, or who is in the organization. */
export const managedValues = ['none', 'roles', 'people'] as const;

export type Managed = (typeof managedValues)[number];

export interface Place {
  readonly line: number;
  /** Only where several files are read together. */
  readonly file?: string | undefined;
}

/** `line 4`, or `teams/payments.yaml line 4` among several files. */
export function lineOf({ line, file }: Place): string {
  return file === undefined ? `line ${line}` : `${file} line ${line}`;
}

/** What a membership file asks for; teams are already replaced by their roles. */
export interface Desired {
  readonly organization?: string | undefined;
  readonly managed: Managed;
  readonly auth_type?: AuthType | undefined;
  /** Milliseconds since the first listed invitation within which an expired one is sent again; 0 for never. */
  readonly reinvite: number;
  /** The scopes inside of which the file may grant roles: that of a team, whose file is one of several. */
  readonly within?: readonly Role[] | undefined;
  readonly ignore: readonly IgnoreRule[];
  /** The only domains of addresses, in the files beside it, too. Undefined if all are allowed. */
  readonly domains?: readonly string[] | undefined;
  readonly people: readonly DesiredPerson[];
}

export interface DesiredPerson extends Place {
  readonly email: string;
  /** An address that goes once they have accepted under the new one. */
  readonly was?: string | undefined;
  readonly auth_type?: AuthType | undefined;
  /** From then on the person should not be in the organization. */
  readonly until?: End | undefined;
  readonly note?: string | undefined;
  /** Undefined if the file does not decide about the roles of this person. */
  readonly roles?: readonly DesiredRole[] | undefined;
  /** All roles of this person are managed inside of these scopes alone; undefined if `managed` decides everywhere. */
  readonly managedWithin?: readonly Role[] | undefined;
}

export interface DesiredRole extends Place {
  readonly role: Role;
  /** From then on the person should not have the role. */
  readonly until?: End | undefined;
  readonly team?: string | undefined;
}

export function isWithin(crn: string, scopes: readonly Role[], organization: string): boolean {
  return scopes.some((scope) => {
    const outer = decodedCrn(crnOf(scope, organization));
    return crn === outer || crn.startsWith(`${outer}/`);
  });
}

/** Called with what is wrong in a file, or contradicts something before it. */
export type Reject = (place: Place, message: string) => void;

/** The first entry of each role: what is wrong with one is said once, not for each person who has it. */
export function rolesOnce({ people }: Desired): Iterable<DesiredRole> {
  const first = new Map<Role, DesiredRole>();
  for (const { roles = [] } of people) for (const one of roles) if (!first.has(one.role)) first.set(one.role, one);
  return first.values();
}

/** Rejects roles of another organization than the file is for, which no request could grant. */
export function checkScopes(desired: Desired, organization: string, reject: Reject): void {
  const ignored = desired.ignore.flatMap(({ what, ...place }) =>
    what.kind === 'role' ? [{ ...place, role: what.value }] : [],
  );
  for (const { role, ...place } of [...rolesOnce(desired), ...ignored]) {
    const named = organizationIn(role.scope ?? '');
    if (named !== undefined && named !== organization)
      reject(place, `"${formatRole(role)}" is in the organization ${named}, not in ${organization}`);
  }
}

export const defaultReinvite = 14 * 86_400_000;

export function isPast(until: End | undefined, now: number): boolean {
  return until !== undefined && now >= until.end;
}

/** What a plan must not change. */
export interface IgnoreRule extends Place {
  readonly text: string;
  readonly what:
    | { readonly kind: 'email' | 'domain' | 'user' | 'role_name'; readonly value: string }
    | { readonly kind: 'role'; readonly value: Role };
}

/** Looks up the rule that applies to an e-mail, a user or a role; undefined if none does. */
export class Ignored {
  readonly #rules = new Map<string, IgnoreRule>();
  readonly #organization: string;

  constructor(rules: readonly IgnoreRule[], organization: string) {
    this.#organization = organization;
    for (const rule of rules) this.#rules.set(this.#keyOf(rule.what), rule);
  }

  email(email: string): IgnoreRule | undefined {
    const folded = foldEmail(email);
    return this.#rules.get(`email ${folded}`) ?? this.#rules.get(`domain ${folded.slice(folded.lastIndexOf('@') + 1)}`);
  }

  user(id: string): IgnoreRule | undefined {
    return this.#rules.get(`user ${id}`);
  }

  role({ role_name, crn }: { readonly role_name: string; readonly crn: string }): IgnoreRule | undefined {
    return this.#rules.get(`role_name ${role_name}`) ?? this.#rules.get(`role ${role_name} ${crn}`);
  }

  typedRole(role: Role): IgnoreRule | undefined {
    return this.role({ role_name: role.role_name, crn: decodedCrn(crnOf(role, this.#organization)) });
  }

  #keyOf({ kind, value }: IgnoreRule['what']): string {
    if (kind === 'role') return `role ${value.role_name} ${decodedCrn(crnOf(value, this.#organization))}`;
    return `${kind} ${kind === 'email' || kind === 'domain' ? foldEmail(value) : value}`;
  }
}

/** Adds a row, or an entry of another file, to those of the same person. */
export function addPerson(people: EmailMap<DesiredPerson>, added: DesiredPerson, reject: Reject): void {
  const before = people.get(added.email);
  people.set(added.email, before === undefined ? added : mergedPerson(before, added, reject));
}

function mergedPerson(person: DesiredPerson, added: DesiredPerson, reject: Reject): DesiredPerson {
  const { auth_type = added.auth_type, until = added.until, was = added.was, note = added.note } = person;
  const { email } = added;
  if (auth_type !== (added.auth_type ?? auth_type))
    reject(added, `"${email}" has another auth_type in ${lineOf(person)}`);
  if (until?.end !== (added.until ?? until)?.end)
    reject(added, `"${email}" ends on ${added.until?.text} here, and on ${until?.text} in ${lineOf(person)}`);
  if (was !== (added.was ?? was)) reject(added, `"${email}" was "${was}" in ${lineOf(person)}`);
  const roles = together(person.roles, added.roles);
  return {
    ...person,
    auth_type,
    until,
    was,
    note,
    roles,
    managedWithin: together(person.managedWithin, added.managedWithin),
  };
}

function together<T>(some: readonly T[] | undefined, more: readonly T[] | undefined): readonly T[] | undefined {
  return some === undefined || more === undefined ? (some ?? more) : [...some, ...more];
}

/** One file of several that are read together, whatever their order. */
export function mergeDesired(
  files: readonly { readonly name: string; readonly desired: Desired }[],
  reject: Reject,
): Desired {
  const sorted = [...files].sort((a, b) => compareTexts(a.name, b.name));
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
  const people = new EmailMap<DesiredPerson>();
  /** Whether the files of the organization list the roles of those whom they list. */
  const withRoles = new EmailMap<boolean>();
  for (const { name: file, desired } of sorted) {
    for (const entry of desired.people) {
      const { email, roles } = entry;
      if (desired.within === undefined) withRoles.set(email, withRoles.get(email) || roles !== undefined);
      for (const { domains } of heads.map((one) => one.desired)) {
        const problem = externalProblem(email, domains);
        if (problem !== undefined) reject({ file, line: entry.line }, problem);
      }
      addPerson(people, placed(entry, file, desired), reject);
    }
  }
  // Who is only in the files of teams is nobody whose other roles a file of the organization lists, unless it is of everybody.
  const isManaged = ({ email }: DesiredPerson) => withRoles.get(email) ?? settings.managed === 'people';
  return {
    ...settings,
    ignore: heads.flatMap(({ name: file, desired }) => desired.ignore.map((rule) => ({ ...rule, file }))),
    within: heads.length === 0 ? sorted.flatMap(({ desired: { within = [] } }) => within) : undefined,
    people: Array.from(people.values(), (person) => {
      const isEverywhere = settings.managed !== 'none' && isManaged(person);
      return { ...person, managedWithin: isEverywhere ? undefined : (person.managedWithin ?? []) };
    }),
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
