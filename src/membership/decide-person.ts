import { type AuthType, authTypes } from '../invitations/invitation.ts';
import { shellQuote } from '../text/shell.ts';
import { leftRoles, revokes, roleRows, wantedRoles } from './decide-role.ts';
import type { DesiredPerson } from './desired.ts';
import { type Invited, type Person, type Standing, standingOf, userOf } from './observed.ts';
import { type Action, type Row, roleInWords } from './plan.ts';
import type { Case } from './question.ts';

/** With more listed invitations than these, an expired one is not followed by another. */
const mostInvitations = 3;

/** The rows of somebody whom the file wants in the organization. */
export function* wanted(entry: DesiredPerson, about: Case): Generator<Row> {
  const { person, now } = about;
  const standing = standingOf(person, now);
  const row = (action: Action, what: string, why?: string) => rowOf(about, standing, { action, what, why });
  const invite = (action: 'invite' | 'reinvite', why?: string): Row => ({
    ...row(action, `mail ${(person?.invitations.length ?? 0) + 1}`, why),
    ...authTypeOf(entry, about),
    roles: wantedRoles(entry, about),
  });
  switch (standing.state) {
    case 'nobody':
      yield invite('invite');
      break;
    case 'pending':
    case 'staged':
      yield differs(entry, about, standing) ?? row('wait', `expires ${dayOf(standing.invitation.expires_at)}`);
      break;
    case 'expired': {
      const why = `expired ${dayOf(standing.invitation.expires_at)}`;
      if (!mayReinvite(about)) return yield row('gave_up', mailsTo(person), why);
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
      yield differs(entry, about, standing) ?? row('keep', heldInWords(person));
      if (standing.pending) yield row('ambiguous', `a member, and invitation ${standing.pending.id} is pending`);
      break;
    case 'unknown':
      return yield row('unknown', strangeStatus(standing.invitation));
    case 'ambiguous':
      return yield row('ambiguous', standing.ids.join(', '));
  }
  yield* roleRows(entry, about, standing);
}

/**
 * The rows of somebody whom the file does not want in the organization.
 * @param how `named` if the file says so of the person, `absent` if it does not list them.
 */
export function* unwanted(about: Case, how: 'named' | 'absent'): Generator<Row> {
  const standing = standingOf(about.person, about.now);
  const row = (action: Action, what: string, why?: string) => rowOf(about, standing, { action, what, why });
  const withdraw = ({ id }: Invited): Row => ({ ...row('withdraw', `invitation ${id}`), invitation: id });
  switch (standing.state) {
    case 'pending':
    case 'staged':
      yield withdraw(standing.invitation);
      // A later invitation would find them.
      yield* revokes(leftRoles(about), about, standing);
      break;
    case 'expired':
    case 'deactivated':
      yield* revokes(leftRoles(about), about, standing);
      break;
    case 'member': {
      const isJustInTime = isFromIdentityProvider(about.person);
      if (isJustInTime && how === 'absent')
        return yield row('elsewhere', 'the identity provider decides', 'SSO, without an invitation');
      const keys = keysOf(standing.user.id, about);
      if (keys !== 'none' && !about.withApiKeys) return yield row('blocked', keys, '--with-api-keys deletes them, too');
      if (standing.pending !== undefined) yield withdraw(standing.pending);
      yield row(
        'remove',
        `${heldInWords(about.person)}; ${keys === 'none' ? 'no API keys' : keys}`,
        isJustInTime ? 'JIT or SCIM may bring them back' : undefined,
      );
      // Their own roles go with them; those of another user, made for another invitation, do not.
      yield* revokes(leftRoles(about, standing.user.id), about, standing);
      break;
    }
    case 'unknown':
      yield row('unknown', strangeStatus(standing.invitation));
      break;
    case 'ambiguous':
      yield row('ambiguous', standing.ids.join(', '));
      break;
    case 'left':
    case 'nobody':
  }
}

interface Said {
  readonly action: Action;
  readonly what: string;
  readonly why?: string | undefined;
}

function rowOf({ email, why: line }: Case, standing: Standing, { action, what, why }: Said): Row {
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

/** There is no request that changes how somebody signs in. */
function differs(entry: DesiredPerson, about: Case, standing: Standing): Row | undefined {
  const { auth_type: wanted } = authTypeOf(entry, about);
  const invitation = 'invitation' in standing ? standing.invitation : undefined;
  const found = standing.state === 'member' ? standing.user.auth_type : invitation?.auth_type;
  if (wanted === undefined || found === undefined || found === authTypes[wanted]) return undefined;
  const what = `signs in with ${found}, not ${authTypes[wanted]}`;
  const email = shellQuote(entry.email);
  const cure = `invite delete ${email} and invite create ${email} --auth-type ${wanted}`;
  return rowOf(about, standing, { action: 'differs', what, why: invitation === undefined ? undefined : cure });
}

function authTypeOf(entry: DesiredPerson, { desired }: Case): { auth_type?: AuthType } {
  const auth_type = entry.auth_type ?? desired.auth_type;
  return auth_type === undefined ? {} : { auth_type };
}

/** By the age of the first one: the API may use the same id again, so their number alone would never end it. */
function mayReinvite({ person, desired, now }: Case): boolean {
  const created = person?.invitations.map((invitation) => invitation.created ?? 0) ?? [];
  return created.length <= mostInvitations && now - Math.min(...created) < desired.reinvite;
}

/** A member whom an identity provider made, just in time or by SCIM, and not an invitation. */
export function isFromIdentityProvider(person: Person | undefined): boolean {
  return person?.invitations.length === 0 && person.users.every(({ auth_type }) => auth_type === authTypes.sso);
}

function keysOf(user: string, { apiKeys }: Case): string {
  const keys = apiKeys.get(user);
  if (keys === undefined || keys === 'unreadable') return 'may own API keys: they could not be read';
  if (keys.length === 0) return 'none';
  const shown = keys.slice(0, 3).map((key) => `${key.slice(0, 4)}…${key.slice(-4)}`);
  return `owns ${keys.length} API key${keys.length === 1 ? '' : 's'}: ${shown.join(', ')}${keys.length > 3 ? ', …' : ''}`;
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

function strangeStatus({ id, status }: Invited): string {
  return `invitation ${id} ${status === '' ? 'has no status' : `is ${status}`}`;
}

/** A time of the API, or milliseconds since 1970, as a day in UTC. */
function dayOf(time: string | number | undefined): string {
  const milliseconds = typeof time === 'string' ? Date.parse(time) : time;
  if (milliseconds === undefined || Number.isNaN(milliseconds)) return 'on an unknown day';
  return new Date(milliseconds).toISOString().slice(0, 10);
}
