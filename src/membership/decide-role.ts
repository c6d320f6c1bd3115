import type { PersonInput } from './decision-input.ts';
import { type DesiredPerson, type DesiredRole, isPast } from './desired.ts';
import { type Binding, granteeOf, type Standing, userOf } from './observed.ts';
import { type Row, roleInWords } from './plan.ts';
import type { ScopedRole } from './scoped-roles.ts';

/** Bindings to revoke, each with the reason. */
type ExtraBindings = readonly (readonly [binding: Binding, why: string])[];

/** The grants and revocations of a person who should be in the organization. */
export function* roleRows({ roles }: DesiredPerson, input: PersonInput, standing: Standing): Generator<Row> {
  if (roles === undefined) return;
  const [user, grantee] = [userOf(standing), granteeOf(standing)];
  const listed = rolesListed(roles, input);
  const bindings = input.person?.bindings ?? [];
  const held = new Set(bindings.filter((binding) => binding.user === user).map(({ role }) => role));
  for (const [role, entry] of listed) {
    if (isPast(entry.until, input.now) || held.has(role) || input.ignored.role(role) !== undefined) continue;
    const known = grantee === undefined ? {} : { user: grantee };
    const why = entry.team === undefined ? `line ${entry.line}` : `team ${entry.team}, line ${entry.line}`;
    yield { action: 'grant', email: input.email, state: standing.state, what: roleInWords(role), why, role, ...known };
  }
  yield* revokes(extraBindings(listed, bindings, input), input, standing);
}

/** One row a role, even if several bindings grant it. */
export function* revokes(extra: ExtraBindings, { email }: PersonInput, standing: Standing): Generator<Row> {
  const rows = new Map<string, Row & { bindings: string[] }>();
  for (const [{ id, user, role }, why] of extra) {
    const key = `${user} ${role.role_name} ${role.crn}`;
    const known = rows.get(key);
    if (known !== undefined) known.bindings.push(id);
    else {
      const what = roleInWords(role);
      rows.set(key, { action: 'revoke', email, state: standing.state, what, why, user, role, bindings: [id] });
    }
  }
  yield* rows.values();
}

/** All roles that a person should have now. */
export function wantedRoles({ roles = [] }: DesiredPerson, input: PersonInput): ScopedRole[] {
  const listed = [...rolesListed(roles, input)];
  return listed.flatMap(([role, entry]) =>
    isPast(entry.until, input.now) || input.ignored.role(role) !== undefined ? [] : [role],
  );
}

/**
 * The roles left to revoke of a person who should not be in the organization.
 * @param removed The user that is deleted, and its roles with it.
 */
export function remainingRoles({ person, ignored, why }: PersonInput, removed?: string): ExtraBindings {
  const remaining =
    person?.bindings.filter(({ role, user }) => user !== removed && ignored.role(role) === undefined) ?? [];
  return remaining.map((binding) => [binding, why]);
}

/** Each role once; of several entries for a role, the one that lasts longest. */
function rolesListed(roles: readonly DesiredRole[], { observed }: PersonInput): Map<ScopedRole, DesiredRole> {
  const listed = new Map<ScopedRole, DesiredRole>();
  const endOf = ({ until }: DesiredRole) => until?.end ?? Number.POSITIVE_INFINITY;
  for (const entry of roles) {
    const role = observed.roles.ofRole(entry.role, observed.organization);
    const known = listed.get(role);
    if (known === undefined || endOf(known) < endOf(entry)) listed.set(role, entry);
  }
  return listed;
}

/** Listed roles that have ended, and unlisted roles unless `managed` is `none`. */
function extraBindings(
  listed: ReadonlyMap<ScopedRole, DesiredRole>,
  held: readonly Binding[],
  input: PersonInput,
): ExtraBindings {
  const { desired, ignored, now, why } = input;
  return held.flatMap((binding): ExtraBindings => {
    const entry = listed.get(binding.role);
    if (ignored.role(binding.role) !== undefined) return [];
    if (entry === undefined) return desired.managed === 'none' ? [] : [[binding, `${why} does not have it`]];
    return isPast(entry.until, now) ? [[binding, `line ${entry.line}; until ${entry.until?.text}`]] : [];
  });
}
