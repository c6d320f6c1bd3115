import { type AuthType, authTypes } from '../api/invitation.ts';
import { isKnownRole, type Role } from '../api/roles.ts';
import { nearestWords } from '../cli/role-names.ts';
import { counted } from '../text/counts.ts';
import { shellQuote } from '../text/shell.ts';
import {
  type Desired,
  type DesiredPerson,
  type DesiredRole,
  type Ignored,
  isPast,
  isWithin,
  lineOf,
} from './desired.ts';
import {
  type Binding,
  granteeOf,
  type Invited,
  type Observed,
  type Person,
  type Standing,
  standingOf,
  userOf,
} from './observed.ts';
import { type Action, type Row, roleInWords } from './plan.ts';
import type { ScopedRole } from './scoped-roles.ts';

/** The API keys that users own, by user id; `unreadable` if they could not be read. */
export type ApiKeys = ReadonlyMap<string, readonly string[] | 'unreadable'>;

export interface DecisionInput {
  readonly desired: Desired;
  readonly observed: Observed;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The name of the file, for messages. */
  readonly file: string;
  /** Of the users who may be removed; a user whose keys were not read counts as owning some. */
  readonly apiKeys: ApiKeys;
  /** `--with-api-keys`: people who own API keys may be removed. */
  readonly withApiKeys: boolean;
  /** `--allow-unknown-roles`: names that nobody knows are granted as they are. */
  readonly allowUnknownRoles: boolean;
}

/** One person of the file, of the organization, or of both. */
export interface PersonInput extends DecisionInput {
  readonly ignored: Ignored;
  /** As in the file, otherwise as in the API. */
  readonly email: string;
  /** Undefined if the organization has never had this person. */
  readonly person: Person | undefined;
  /** The place in the file that decides about this person. */
  readonly why: string;
}

/** People with more listed invitations than this are not invited again after an expiry. */
const maxInvitations = 3;

/** The rows of a person who should be in the organization. */
export function* wanted(entry: DesiredPerson, input: PersonInput): Generator<Row> {
  const { person, now } = input;
  const standing = standingOf(person, now);
  const row = (action: Action, what: string, why?: string) => rowOf(input, standing, { action, what, why });
  const unknown = unknownRoles(entry, input);
  if (unknown.length > 0) {
    for (const { name, place } of unknown) {
      yield row(
        'blocked',
        `unknown role "${name}"; ${nearestWords(name)}`,
        place === lineOf(entry) ? undefined : place,
      );
    }
    return;
  }
  const ended = isInvited(standing) ? endOfAll(entry, input) : undefined;
  if (ended !== undefined) return yield row('keep', 'not invited', `everything ended on ${ended}`);
  const invite = (action: 'invite' | 'reinvite', why?: string): Row => ({
    ...row(action, [`mail ${(person?.invitations.length ?? 0) + 1}`, ...signInWords(entry, input)].join('; '), why),
    ...authTypeOf(entry, input),
  });
  switch (standing.state) {
    case 'nobody':
      yield invite('invite');
      break;
    case 'pending':
    case 'staged':
      yield differs(entry, input, standing) ?? row('wait', `expires ${dayOf(standing.invitation.expires_at)}`);
      break;
    case 'expired': {
      const why = `expired ${dayOf(standing.invitation.expires_at)}`;
      if (!mayReinvite(input)) return yield row('gave_up', mailsTo(person), why);
      yield invite('reinvite', why);
      break;
    }
    case 'deactivated':
      yield invite('reinvite', `was revoked on ${dayOf(standing.invitation.changed)}`);
      break;
    case 'left':
      yield invite('reinvite', 'accepted, but is no longer a member');
      break;
    case 'member':
      yield differs(entry, input, standing) ?? row('keep', heldInWords(person));
      if (standing.pending) yield row('ambiguous', `a member, and invitation ${standing.pending.id} is pending`);
      break;
    case 'unknown':
      return yield row('unknown', unknownStatus(standing.invitation));
    case 'ambiguous':
      return yield row('ambiguous', standing.ids.join(', '));
  }
  yield* roleRows(entry, input, standing);
}

/** Whether somebody who is wanted gets a mail. */
function isInvited({ state }: Standing): boolean {
  return state === 'nobody' || state === 'expired' || state === 'deactivated' || state === 'left';
}

/** The last end of the roles of a person, if all of them have ended: there is nothing left to invite them for. */
function endOfAll({ roles = [] }: DesiredPerson, { now }: PersonInput): string | undefined {
  if (!roles.every(({ until }) => isPast(until, now))) return undefined;
  const ends = roles.flatMap(({ until }) => until ?? []).sort((one, other) => one.end - other.end);
  return ends.at(-1)?.text;
}

/** The listed roles that Confluent does not predefine and nobody in the organization holds. */
function unknownRoles({ roles = [] }: DesiredPerson, { observed, now, ignored, allowUnknownRoles }: PersonInput) {
  if (allowUnknownRoles) return [];
  const unknown = new Map<string, { readonly name: string; readonly place: string }>();
  for (const listed of roles) {
    const { role, until } = listed;
    const name = role.role_name;
    const isKnown = isKnownRole(name) || observed.heldRoles.has(name) || ignored.typedRole(role) !== undefined;
    if (!isKnown && !isPast(until, now) && !unknown.has(name)) unknown.set(name, { name, place: lineOf(listed) });
  }
  return [...unknown.values()];
}

/**
 * The rows of a person who should not be in the organization.
 * @param how `named` if the file lists the person as past their `until`, `absent` if it does not list them.
 */
export function* unwanted(input: PersonInput, how: 'named' | 'absent'): Generator<Row> {
  const standing = standingOf(input.person, input.now);
  const row = (action: Action, what: string, why?: string) => rowOf(input, standing, { action, what, why });
  const withdraw = ({ id }: Invited): Row => ({ ...row('withdraw', `invitation ${id}`), invitation: id });
  switch (standing.state) {
    case 'pending':
    case 'staged':
      yield withdraw(standing.invitation);
      // Roles that stay would apply again after a later invitation.
      yield* revokes(remainingRoles(input), input, standing);
      break;
    case 'expired':
    case 'deactivated':
      yield* revokes(remainingRoles(input), input, standing);
      break;
    case 'member': {
      const isJustInTime = isFromIdentityProvider(input.person);
      if (isJustInTime && how === 'absent')
        return yield row('elsewhere', 'the identity provider decides', 'SSO, without an invitation');
      const keys = keysOf(standing.user.id, input);
      if (keys !== 'none' && !input.withApiKeys) return yield row('blocked', keys, '--with-api-keys deletes them, too');
      if (standing.pending !== undefined) yield withdraw(standing.pending);
      yield row(
        'remove',
        `${heldInWords(input.person)}; ${keys === 'none' ? 'no API keys' : keys}`,
        isJustInTime ? 'JIT or SCIM may bring them back' : undefined,
      );
      // Deleting the user deletes its roles, but not those of another user, created by another invitation.
      yield* revokes(remainingRoles(input, standing.user.id), input, standing);
      break;
    }
    case 'unknown':
      yield row('unknown', unknownStatus(standing.invitation));
      break;
    case 'ambiguous':
      yield row('ambiguous', standing.ids.join(', '));
      break;
    case 'left':
    case 'nobody':
  }
}

interface RowText {
  readonly action: Action;
  readonly what: string;
  readonly why?: string | undefined;
}

function rowOf({ email, why: line }: PersonInput, standing: Standing, { action, what, why }: RowText): Row {
  const isMailed = action === 'invite' || action === 'reinvite';
  const user = isMailed ? undefined : userOf(standing);
  return {
    action,
    email,
    state: standing.state,
    what,
    why: why === undefined ? line : `${line}; ${why}`,
    ...(user === undefined ? {} : { user }),
  };
}

/** A finding, since no request changes the auth_type of a user. */
function differs(entry: DesiredPerson, input: PersonInput, standing: Standing): Row | undefined {
  const { auth_type: wanted } = authTypeOf(entry, input);
  const invitation = 'invitation' in standing ? standing.invitation : undefined;
  const found = standing.state === 'member' ? standing.user.auth_type : invitation?.auth_type;
  if (wanted === undefined || found === undefined || found === authTypes[wanted]) return undefined;
  const what = `signs in with ${found}, not ${authTypes[wanted]}`;
  const email = shellQuote(entry.email);
  const fix = `invite delete ${email} and invite create ${email} --auth-type ${wanted}`;
  return rowOf(input, standing, { action: 'differs', what, why: invitation === undefined ? undefined : fix });
}

/** A reviewer sees how somebody will sign in where the file does not leave it to the organization. */
function signInWords(entry: DesiredPerson, input: PersonInput): string[] {
  const { auth_type } = authTypeOf(entry, input);
  return auth_type === undefined ? [] : [`signs in with ${authTypes[auth_type]}`];
}

function authTypeOf(entry: DesiredPerson, { desired }: PersonInput): { auth_type?: AuthType } {
  const auth_type = entry.auth_type ?? desired.auth_type;
  return auth_type === undefined ? {} : { auth_type };
}

/** Limited by the age of the first invitation too: the API may reuse the id, so their number may never grow. */
function mayReinvite({ person, desired, now }: PersonInput): boolean {
  const created = person?.invitations.map((invitation) => invitation.created ?? 0) ?? [];
  return created.length <= maxInvitations && now - Math.min(...created) < desired.reinvite;
}

/** Whether the member was provisioned by an identity provider, just in time or by SCIM, and not invited. */
export function isFromIdentityProvider(person: Person | undefined): boolean {
  return person?.invitations.length === 0 && person.users.every(({ auth_type }) => auth_type === authTypes.sso);
}

function keysOf(user: string, { apiKeys }: PersonInput): string {
  const keys = apiKeys.get(user);
  if (keys === undefined || keys === 'unreadable') return 'may own API keys: they could not be read';
  if (keys.length === 0) return 'none';
  const shown = keys.slice(0, 3).map((key) => `${key.slice(0, 4)}…${key.slice(-4)}`);
  return `owns ${counted(keys.length, 'API key')}: ${shown.join(', ')}${keys.length > 3 ? ', …' : ''}`;
}

function heldInWords(person: Person | undefined): string {
  const held = new Set(person?.bindings.map(({ role }) => role));
  if (held.size === 0) return 'no role';
  return held.size <= 3 ? [...held].map(roleInWords).sort().join(', ') : `${held.size} roles`;
}

function mailsTo(person: Person | undefined): string {
  const { length = 0 } = person?.invitations ?? {};
  return `invited ${length === 1 ? 'once' : `${length} times`}, first on ${dayOf(person?.invitations.at(-1)?.created)}`;
}

function unknownStatus({ id, status }: Invited): string {
  return `invitation ${id} ${status === '' ? 'has no status' : `is ${status}`}`;
}

/** A time of the API, or milliseconds since 1970, as a day in UTC. */
function dayOf(time: string | number | undefined): string {
  const milliseconds = typeof time === 'string' ? Date.parse(time) : time;
  if (milliseconds === undefined || Number.isNaN(milliseconds)) return 'on an unknown day';
  return new Date(milliseconds).toISOString().slice(0, 10);
}

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
