import { type AuthType, authTypes, isLive } from '../api/invitation.ts';
import { isKnownRole, nearestRoles, roleOn } from '../api/roles.ts';
import { shortKeyId } from '../profiles/profile.ts';
import { shellQuote } from '../text/suggest.ts';
import { counted } from '../text/times.ts';
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
  emailsOf,
  granteeOf,
  type Invited,
  invitedAs,
  isPresent,
  type Observed,
  type Person,
  type ScopedRole,
  type Standing,
  userOf,
} from './observed.ts';
import { type Action, isChange, isFinding, isMail, type Row } from './plan.ts';

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
  readonly standing: Standing;
  /** The place in the file that decides about this person. */
  readonly why: string;
}

/** What a row says beside the person. */
interface RowText extends Partial<Omit<Row, 'action' | 'email' | 'state' | 'why'>> {
  readonly what: string;
  /** Follows the place in the file. */
  readonly why?: string | undefined;
}

export function rowOf(input: PersonInput, action: Action, { why, ...rest }: RowText): Row {
  const { email, person, standing, why: place } = input;
  const invited_as = person === undefined ? undefined : invitedAs(person);
  const user = isMail({ action }) ? undefined : userOf(standing);
  const reason = why === undefined ? place : `${place}; ${why}`;
  return { action, email, invited_as, state: standing.state, why: reason, user, ...rest };
}

/** People with more listed invitations than this are not invited again after an expiry. */
const maxInvitations = 3;

export function* wanted(entry: DesiredPerson, input: PersonInput): Generator<Row> {
  const { person, standing } = input;
  const unknown = unknownRoles(entry, input);
  if (unknown.length > 0) return yield* unknown;
  const roles = [...roleRows(entry, input)];
  const isMailed = ['nobody', 'expired', 'deactivated', 'left'].includes(standing.state);
  const ended = isMailed ? endOfAll(entry, input) : undefined;
  if (ended !== undefined) {
    yield rowOf(input, 'keep', { what: 'not invited', why: `everything ended on ${ended}` });
    return yield* roles;
  }
  const row = (action: Action, what: string) => rowOf(input, action, { what });
  const auth_type = entry.auth_type ?? input.desired.auth_type;
  const signIn = auth_type === undefined ? '' : `; signs in with ${authTypes[auth_type]}`;
  const mail = { what: `mail ${(person?.invitations.length ?? 0) + 1}${signIn}`, auth_type };
  switch (standing.state) {
    case 'nobody':
      yield rowOf(input, 'invite', mail);
      break;
    case 'pending':
    case 'staged':
      yield differs(auth_type, input) ?? row('wait', `expires ${dayOf(standing.invitation.expires_at)}`);
      break;
    case 'expired': {
      const why = `expired ${dayOf(standing.invitation.expires_at)}`;
      if (!mayReinvite(input)) {
        yield rowOf(input, 'gave_up', { what: mailsTo(person), why });
        return yield* roles.filter(({ action }) => action === 'revoke');
      }
      yield rowOf(input, 'reinvite', { ...mail, why });
      break;
    }
    case 'deactivated':
      yield rowOf(input, 'reinvite', { ...mail, why: `was revoked on ${dayOf(standing.invitation.changed)}` });
      break;
    case 'left':
      yield rowOf(input, 'reinvite', { ...mail, why: 'accepted, but is no longer a member' });
      break;
    case 'member':
      yield differs(auth_type, input) ?? row('keep', bindingsInWords(bindingsAfter(roles, person)));
      if (standing.pending) yield row('ambiguous', `a member, and invitation ${standing.pending.id} is pending`);
      break;
    case 'unknown':
      return yield row('unknown', statusInWords(standing.invitation));
    case 'ambiguous':
      return yield row('ambiguous', standing.ids.join(', '));
    default:
      return standing satisfies never;
  }
  yield* roles;
}

/** The last end of the roles of a person, if all of them have ended: there is nothing left to invite them for. */
function endOfAll({ roles = [] }: DesiredPerson, { now }: PersonInput): string | undefined {
  if (!roles.every(({ until }) => isPast(until, now))) return undefined;
  const ends = roles.flatMap(({ until }) => until ?? []).sort((one, other) => one.end - other.end);
  return ends.at(-1)?.text;
}

/** Findings about listed roles that Confluent does not predefine and nobody in the organization holds. */
function unknownRoles(entry: DesiredPerson, input: PersonInput): Row[] {
  const { observed, now, ignored } = input;
  const rows = new Map<string, Row>();
  for (const listed of input.allowUnknownRoles ? [] : (entry.roles ?? [])) {
    const name = listed.role.role_name;
    const isKnown = isKnownRole(name) || observed.heldRoles.has(name) || ignored.typedRole(listed.role) !== undefined;
    if (isKnown || isPast(listed.until, now) || rows.has(name)) continue;
    const place = lineOf(listed);
    const what = `unknown role "${name}"; ${nearestRoles(name)}`;
    rows.set(name, rowOf(input, 'blocked', { what, why: place === lineOf(entry) ? undefined : place }));
  }
  return [...rows.values()];
}

/**
 * How it is known of somebody that they are unwanted. `named`: they are listed as such. `absent`: they are not in a list.
 * `unlisted`: they are not in a file of people, which leaves those of the identity provider alone.
 */
type Unwanted = 'named' | 'absent' | 'unlisted';

export function* unwanted(input: PersonInput, how: Unwanted): Generator<Row> {
  const rows = [...unwantedRows(input, how)];
  // No list of e-mails can have somebody whose e-mail the API does not name.
  const isListable = how === 'named' || (input.person && emailsOf(input.person).some((email) => email.includes('@')));
  const isNameless = !isListable && rows.some((row) => isChange(row) || isFinding(row));
  const nameless = { what: 'the API does not name their e-mail', why: 'a file cannot list them' };
  for (const row of isNameless ? [rowOf(input, 'blocked', nameless)] : rows) yield { ...row, isUnwanted: true };
}

function* unwantedRows(input: PersonInput, how: Unwanted): Generator<Row> {
  const { standing, person, why: place } = input;
  const row = (action: Action, what: string, why?: string) => rowOf(input, action, { what, why });
  const withdraw = ({ id }: Invited) => rowOf(input, 'withdraw', { what: `invitation ${id}`, invitation: id });
  switch (standing.state) {
    case 'pending':
    case 'staged':
    case 'expired':
    case 'deactivated':
      if (isPresent(standing)) yield withdraw(standing.invitation);
      // Roles that stay would apply again after a later invitation.
      return yield* revokes(input, () => place);
    case 'member': {
      const isJustInTime = person !== undefined && isFromIdentityProvider(person, input.now);
      if (isJustInTime && how === 'unlisted')
        return yield row('elsewhere', 'the identity provider decides', 'SSO, without an invitation');
      const { id, auth_type } = standing.user;
      if (how === 'unlisted' && auth_type === undefined && person && !isInvited(person, input.now))
        return yield row('blocked', 'the API does not say how they sign in', 'the identity provider may decide');
      if (id === '') return yield row('unknown', 'the API does not name the id of their user');
      const keys = keysOf(id, input);
      if (keys !== undefined && !input.withApiKeys)
        return yield row('blocked', keys, '--with-api-keys deletes them, too');
      if (standing.pending !== undefined) yield withdraw(standing.pending);
      const why = isJustInTime ? 'JIT or SCIM may bring them back' : undefined;
      yield row('remove', `${bindingsInWords(bindingsAfter([], person))}; ${keys ?? 'no API keys'}`, why);
      // Deleting the user deletes its roles, but not those of another user, created by another invitation.
      return yield* revokes(input, ({ user }) => (user === id ? undefined : place));
    }
    case 'unknown':
      return yield row('unknown', statusInWords(standing.invitation));
    case 'ambiguous':
      return yield row('ambiguous', standing.ids.join(', '));
    case 'left':
    case 'nobody':
      return;
    default:
      return standing satisfies never;
  }
}

/** A finding, since no request changes the auth_type of a user. */
function differs(wanted: AuthType | undefined, input: PersonInput): Row | undefined {
  const { standing } = input;
  const invitation = 'invitation' in standing ? standing.invitation : undefined;
  const found = standing.state === 'member' ? standing.user.auth_type : invitation?.auth_type;
  if (wanted === undefined || found === undefined || found === authTypes[wanted]) return undefined;
  const what = `signs in with ${found}, not ${authTypes[wanted]}`;
  const email = shellQuote(input.email);
  const fix = `invite delete ${email} and invite create ${email} --auth-type ${wanted}`;
  return rowOf(input, 'differs', { what, why: invitation === undefined ? undefined : fix });
}

/** Limited by the age of the first invitation too: the API may reuse the id, so their number may never grow. */
function mayReinvite({ person, desired, now }: PersonInput): boolean {
  const created = person?.invitations.map((invitation) => invitation.created ?? 0) ?? [];
  return created.length <= maxInvitations && now - Math.min(...created) < desired.reinvite;
}

/** Whether an invitation made the user of a member, or still can; one that ended may have made another user. */
function isInvited({ users, invitations }: Person, now: number): boolean {
  const ids = new Set<string | undefined>([undefined, ...users.map(({ id }) => id)]);
  return invitations.some((one) => ids.has(one.user) || isLive(one, now));
}

/** Whether the member was provisioned by an identity provider, just in time or by SCIM, and not invited. */
export function isFromIdentityProvider(person: Person, now: number): boolean {
  return !isInvited(person, now) && person.users.every(({ auth_type }) => auth_type === authTypes.sso);
}

/** Undefined for somebody who owns none. */
function keysOf(user: string, { apiKeys }: PersonInput): string | undefined {
  const keys = apiKeys.get(user) ?? 'unreadable';
  if (keys === 'unreadable') return 'may own API keys: they could not be read';
  if (keys.length === 0) return undefined;
  const shown = keys.slice(0, 3).map(shortKeyId).join(', ');
  return `owns ${counted(keys.length, 'API key')}: ${shown}${keys.length > 3 ? ', …' : ''}`;
}

function bindingsAfter(rows: readonly Row[], person: Person | undefined): Binding[] {
  const revoked = new Set(rows.flatMap(({ bindings = [] }) => bindings));
  return (person?.bindings ?? []).filter(({ id }) => !revoked.has(id));
}

function bindingsInWords(bindings: readonly Binding[]): string {
  const held = new Set(bindings.map(({ role }) => role));
  return [...held].map(roleOn).sort().join(', ') || 'no role';
}

function mailsTo(person: Person | undefined): string {
  const { length = 0 } = person?.invitations ?? {};
  return `invited ${length === 1 ? 'once' : `${length} times`}, first on ${dayOf(person?.invitations.at(-1)?.created)}`;
}

function statusInWords({ id, status }: Invited): string {
  return `invitation ${id} ${status === '' ? 'has no status' : `is ${status}`}`;
}

/** A time of the API, or milliseconds since 1970, as a day in UTC. */
function dayOf(time: string | number | undefined): string {
  const milliseconds = typeof time === 'string' ? Date.parse(time) : time;
  if (milliseconds === undefined || Number.isNaN(milliseconds)) return '(day unknown)';
  return new Date(milliseconds).toISOString().slice(0, 10);
}

function* roleRows(entry: DesiredPerson, input: PersonInput): Generator<Row> {
  const { standing, now, desired, why, observed } = input;
  const bindings = input.person?.bindings ?? [];
  const ofUser = new Set(bindings.filter(({ user }) => user === userOf(standing)).map(({ role }) => role));
  if (entry.roles === undefined) {
    const why = 'granted by the invitation that expired';
    if (standing.state === 'expired') for (const role of ofUser) yield* grant(role, why, input);
    return;
  }
  const listed = rolesListed(entry.roles, input);
  for (const [role, { until, team, ...place }] of listed) {
    // A new invitation may name another user than the one that expired, so all of its roles are granted.
    const isHeld = granteeOf(standing) !== undefined && ofUser.has(role);
    if (isPast(until, now) || isHeld) continue;
    yield* grant(role, team === undefined ? lineOf(place) : `team ${team}, ${lineOf(place)}`, input);
  }
  yield* revokes(input, ({ role }) => {
    const wanted = listed.get(role);
    if (wanted !== undefined)
      return isPast(wanted.until, now) ? `${lineOf(wanted)}; until ${wanted.until?.text}` : undefined;
    const isManaged =
      entry.managedWithin === undefined
        ? desired.managed !== 'none'
        : isWithin(role.crn, entry.managedWithin, observed.organization);
    return isManaged ? `${why} does not have it` : undefined;
  });
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

function* grant(role: ScopedRole, why: string, input: PersonInput): Generator<Row> {
  const { standing, ignored } = input;
  if (ignored.role(role) !== undefined) return;
  const what = roleOn(role);
  const user = granteeOf(standing);
  if (isPresent(standing) && !user) {
    const whose =
      'invitation' in standing ? `the user of invitation ${standing.invitation.id}` : 'the id of their user';
    const unnamed = `the API does not name ${whose}`;
    yield rowOf({ ...input, why }, 'blocked', { what: `${what} cannot be granted`, why: unnamed });
  } else yield rowOf({ ...input, why }, 'grant', { what, role, user });
}

/**
 * One row a role, even if several bindings grant it. What is ignored stays.
 * @param reasonFor Why it is to go; undefined if it stays.
 */
function* revokes(input: PersonInput, reasonFor: (binding: Binding) => string | undefined): Generator<Row> {
  const rows = new Map<string, Row & { bindings: string[] }>();
  for (const binding of input.person?.bindings ?? []) {
    const { id, user, role } = binding;
    const why = input.ignored.role(role) === undefined ? reasonFor(binding) : undefined;
    if (why === undefined) continue;
    const key = `${user} ${role.role_name} ${role.crn}`;
    const row = rowOf({ ...input, why }, 'revoke', { what: roleOn(role), user, role });
    const known = rows.get(key) ?? { ...row, bindings: [] };
    known.bindings.push(id);
    rows.set(key, known);
  }
  yield* rows.values();
}
