import { crnOf, decodedCrn, organizationIn } from '../api/crn.ts';
import { foldEmail } from '../api/email.ts';
import type { AuthType } from '../api/invitation.ts';
import { formatRole, type Role } from '../api/roles.ts';
import type { FileProblem } from '../people/problems.ts';
import type { End } from '../people/values.ts';

/** What a file decides besides additions: nothing, the roles of the people listed, or who is in the organization. */
export const managedValues = ['none', 'roles', 'people'] as const;

export type Managed = (typeof managedValues)[number];

/** Where something stands. */
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
  /** Inside of these scopes a file of a team decides about all roles of this person. */
  readonly managedWithin?: readonly Role[] | undefined;
}

export interface DesiredRole extends Place {
  readonly role: Role;
  /** From then on the person should not have the role. */
  readonly until?: End | undefined;
  readonly team?: string | undefined;
}

/** Whether a scope, as a CRN, is one of these or inside of one. */
export function isWithin(crn: string, scopes: readonly Role[], organization: string): boolean {
  return scopes.some((scope) => {
    const outer = decodedCrn(crnOf(scope, organization));
    return crn === outer || crn.startsWith(`${outer}/`);
  });
}

/** What a file says about roles of another organization than its own, which no request could grant. */
export function* foreignScopes({ people, ignore }: Desired, organization: string): Generator<FileProblem> {
  const listed = people.flatMap(({ roles = [] }) => roles);
  const ignored = ignore.flatMap(({ what, line }) => (what.kind === 'role' ? [{ role: what.value, line }] : []));
  const reported = new Set<Role>();
  for (const { role, line } of [...listed, ...ignored]) {
    const named = organizationIn(role.scope ?? '');
    if (named === undefined || named === organization || reported.has(role)) continue;
    reported.add(role);
    yield { line, message: `"${formatRole(role)}" is in the organization ${named}, not in ${organization}` };
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
