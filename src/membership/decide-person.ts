import { type AuthType, authTypes } from '../api/invitation.ts';
import { isKnownRole } from '../api/roles.ts';
import { nearestWords } from '../cli/role-names.ts';
import { counted } from '../text/counts.ts';
import { shellQuote } from '../text/shell.ts';
import { remainingRoles, revokes, roleRows } from './decide-role.ts';
import type { PersonInput } from './decision-input.ts';
import { type DesiredPerson, isPast, lineOf } from './desired.ts';
import { type Invited, type Person, type Standing, standingOf, userOf } from './observed.ts';
import { type Action, type Row, roleInWords } from './plan.ts';

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
