import type { Role } from '../api/roles.ts';
import type { PersonInput } from './decision-input.ts';
import { type DesiredPerson, type DesiredRole, isPast, isWithin, lineOf } from './desired.ts';
import { type Binding, granteeOf, type Invited, type Standing, userOf } from './observed.ts';
import { type Row, roleInWords } from './plan.ts';
import type { ScopedRole } from './scoped-roles.ts';

/** Bindings to revoke, each with the reason. */
type ExtraBindings = readonly (readonly [binding: Binding, why: string])[];

/** The grants and revocations of a person who should be in the organization. */
export function* roleRows(
  { roles, managedWithin = [] }: DesiredPerson,
  input: PersonInput,
  standing: Standing,
): Generator<Row> {
  const bindings = input.person?.bindings ?? [];
  const ofUser = bindings.filter((binding) => binding.user === userOf(standing)).map(({ role }) => role);
  if (roles === undefined) {
    if (standing.state === 'expired') yield* grantRows(new Set(ofUser), carriedOver, { input, standing });
    return;
  }
  const listed = rolesListed(roles, input);
  // A new invitation may name another user than the one that expired, so all of its roles are granted.
  const held = new Set(granteeOf(standing) === undefined ? [] : ofUser);
  const missing = [...listed].filter(([role, { until }]) => !isPast(until, input.now) && !held.has(role));
  yield* grantRows(new Map(missing).keys(), (role) => placeOf(listed.get(role)), { input, standing });
  yield* revokes(extraBindings(listed, { bindings, managedWithin }, input), input, standing);
}

const carriedOver = () => 'granted by the invitation that expired';

function placeOf(entry: DesiredRole | undefined): string {
  const place = entry === undefined ? '' : lineOf(entry);
  return entry?.team === undefined ? place : `team ${entry.team}, ${place}`;
}

interface Grantee {
  readonly input: PersonInput;
  readonly standing: Standing;
}

function* grantRows(
  roles: Iterable<ScopedRole>,
  whyOf: (role: ScopedRole) => string,
  { input, standing }: Grantee,
): Generator<Row> {
  const { email, ignored } = input;
  const { state } = standing;
  const user = granteeOf(standing);
  for (const role of roles) {
    if (ignored.role(role) !== undefined) continue;
    const what = roleInWords(role);
    if (isPending(standing) && user === undefined) {
      const why = `${whyOf(role)}; the API does not name the user of invitation ${standing.invitation.id}`;
      yield { action: 'blocked', email, state, what: `${what} cannot be granted`, why };
    } else
      yield { action: 'grant', email, state, what, why: whyOf(role), role, ...(user === undefined ? {} : { user }) };
  }
}

function isPending(standing: Standing): standing is Standing & { readonly invitation: Invited } {
  return standing.state === 'pending' || standing.state === 'staged';
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
  { bindings, managedWithin }: { readonly bindings: readonly Binding[]; readonly managedWithin: readonly Role[] },
  input: PersonInput,
): ExtraBindings {
  const { desired, ignored, now, why } = input;
  const isManaged = ({ role }: Binding) =>
    desired.managed !== 'none' || isWithin(role.crn, managedWithin, input.observed.organization);
  return bindings.flatMap((binding): ExtraBindings => {
    const entry = listed.get(binding.role);
    if (ignored.role(binding.role) !== undefined) return [];
    if (entry === undefined) return isManaged(binding) ? [[binding, `${why} does not have it`]] : [];
    return isPast(entry.until, now) ? [[binding, `${lineOf(entry)}; until ${entry.until?.text}`]] : [];
  });
}
