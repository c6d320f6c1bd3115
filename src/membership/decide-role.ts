import { type DesiredPerson, type DesiredRole, isPast } from './desired.ts';
import { type Binding, granteeOf, type Standing, userOf } from './observed.ts';
import { type Row, roleInWords } from './plan.ts';
import type { Case } from './question.ts';
import type { ScopedRole } from './scoped-roles.ts';

/** Bindings that are to go, each with the reason. */
type Extra = readonly (readonly [binding: Binding, why: string])[];

/** The grants and revocations of somebody who is wanted. */
export function* roleRows(entry: DesiredPerson, about: Case, standing: Standing): Generator<Row> {
  if (entry.roles === undefined) return;
  const [user, grantee] = [userOf(standing), granteeOf(standing)];
  const listed = rolesListed(entry.roles, about);
  const bindings = about.person?.bindings ?? [];
  const held = new Set(bindings.filter((binding) => binding.user === user).map(({ role }) => role));
  for (const [role, said] of listed) {
    if (isPast(said.until, about.now) || held.has(role) || about.ignored.role(role) !== undefined) continue;
    const known = grantee === undefined ? {} : { user: grantee };
    const why = said.team === undefined ? `line ${said.line}` : `team ${said.team}, line ${said.line}`;
    yield { action: 'grant', email: about.email, state: standing.state, what: roleInWords(role), why, role, ...known };
  }
  yield* revokes(extraBindings(listed, bindings, about), about, standing);
}

/** One row for each role, however many bindings grant it. */
export function* revokes(extra: Extra, { email }: Case, standing: Standing): Generator<Row> {
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

/** All roles that the file wants a person to have now. */
export function wantedRoles({ roles = [] }: DesiredPerson, about: Case): ScopedRole[] {
  const listed = [...rolesListed(roles, about)];
  return listed.flatMap(([role, said]) =>
    isPast(said.until, about.now) || about.ignored.role(role) !== undefined ? [] : [role],
  );
}

/**
 * What somebody has who is not wanted at all.
 * @param removed The user whose roles go by themselves.
 */
export function leftRoles({ person, ignored, why }: Case, removed?: string): Extra {
  const left = person?.bindings.filter(({ role, user }) => user !== removed && ignored.role(role) === undefined) ?? [];
  return left.map((binding) => [binding, why]);
}

/** Each role once; of several entries for one, that which lasts longest counts. */
function rolesListed(roles: readonly DesiredRole[], { observed }: Case): Map<ScopedRole, DesiredRole> {
  const listed = new Map<ScopedRole, DesiredRole>();
  const endOf = ({ until }: DesiredRole) => until?.end ?? Number.POSITIVE_INFINITY;
  for (const said of roles) {
    const role = observed.roles.ofRole(said.role, observed.organization);
    const known = listed.get(role);
    if (known === undefined || endOf(known) < endOf(said)) listed.set(role, said);
  }
  return listed;
}

/** A role whose time is over goes whatever the file manages; what it does not name goes where it manages roles. */
function extraBindings(listed: ReadonlyMap<ScopedRole, DesiredRole>, held: readonly Binding[], about: Case): Extra {
  const { desired, ignored, now, why } = about;
  return held.flatMap((binding): Extra => {
    const said = listed.get(binding.role);
    if (ignored.role(binding.role) !== undefined) return [];
    if (said === undefined) return desired.managed === 'none' ? [] : [[binding, `${why} does not have it`]];
    return isPast(said.until, now) ? [[binding, `line ${said.line}; until ${said.until?.text}`]] : [];
  });
}
