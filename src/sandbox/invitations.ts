import { type JsonObject, valueAt } from '../text/json-fields.ts';
import { badRequest, forbidden, invalidFilter, missing, notFound, type Refusal, refusal } from './api.ts';
import { type Call, lagsBehind, type Resource, userReference } from './resource.ts';
import type { Settings } from './settings.ts';
import {
  fold,
  type InvitationRow,
  idOf,
  isPending,
  type State,
  timestamp,
  timestampNow,
  usualAuthType,
} from './state.ts';

export const pendingQuota = 'iam.max_pending_invitations.per_organization';

const filters = ['email', 'status', 'user', 'creator'];

export const invitations: Resource<InvitationRow> = {
  api_version: 'iam/v2',
  kind: 'Invitation',
  path: '/iam/v2/invitations',
  filters,
  rows: ({ state }) => state.invitations,
  crn: (id) => `/invitation=${id}`,
  fields({ email, auth_type, status, accepted_at, expires_at, user, creator }, { base, settings, isListed: isRow }) {
    if (isRow === true && settings.list_rows === 'minimal') return { email };
    const unset = { absent: undefined, null: null, zero: '0001-01-01T00:00:00+00:00' }[settings.accepted_at_unset];
    return {
      email,
      auth_type,
      status: `INVITE_STATUS_${status}`,
      accepted_at: accepted_at ?? unset,
      expires_at,
      user: userReference(user, base),
      creator: userReference(creator, base),
    };
  },
  checkList({ query, settings }) {
    const given = filters.find((name) => query.get(name));
    if (given !== undefined && settings.filters === 'rejected') throw invalidFilter('Invitation', given, settings);
  },
  matches(row, filter, wanted, settings) {
    if (settings.filters === 'ignored') return true;
    if (filter === 'status') return `INVITE_STATUS_${row.status}` === wanted;
    if (filter === 'email' && settings.email_filter === 'ignore_case') return fold(row.email) === fold(wanted);
    return valueAt(row, filter) === wanted;
  },
  matchesAll: ({ filters_joined }) => filters_joined === 'and',
  maximum: ({ invitation_page }) => invitation_page,
  isListed,
  find({ id, state, settings }) {
    const row = state.invitations.get(id);
    if (row === undefined) throw missing(settings);
    if (isHidden(row, settings)) throw settings.deleted_reads === 'forbidden' ? forbidden() : notFound();
    return row;
  },
  create,
  delete(row, { state, settings, clock }) {
    if (row.status === 'ACCEPTED') throw badRequest('Bad Request. The invitation was already accepted');
    if (!isPending(row) && settings.delete_ended === 'not_found') throw notFound();
    if (row.status === 'DEACTIVATED') return;
    const deleted_at = timestampNow(clock);
    state.invitations.put({ ...row, status: 'DEACTIVATED', updated_at: deleted_at, deleted_at });
    state.revokeAll(`User:${row.user}`);
  },
};

function isHidden({ status }: InvitationRow, { deleted_reads }: Settings): boolean {
  return status === 'DEACTIVATED' && deleted_reads !== 'deactivated';
}

function isListed(row: InvitationRow, call: Call): boolean {
  const { list_lag, retention } = call.settings;
  if (isHidden(row, call.settings) || lagsBehind(call, row.created_at, list_lag)) return false;
  if (retention === Number.POSITIVE_INFINITY || isPending(row)) return true;
  return call.clock.now() - Date.parse(row.deleted_at ?? row.accepted_at ?? row.expires_at) < retention;
}

/** Creates an invitation, or mails a pending or expired one again, by the settings. A member is a conflict. */
function create(call: Call): InvitationRow {
  const { state, settings, base } = call;
  const fresh = newRow(call);
  const member = state.member(fresh.email);
  if (member !== undefined) throw conflict(`${base}/iam/v2/users/${member.id}`);
  const invited = state.invited(fresh.email);
  const newest = invited.at(-1);
  const pending = settings.reissue === 'second_id' ? undefined : invited.findLast(isPending);
  if (pending !== undefined && settings.reissue === 'conflict')
    throw conflict(`${base}${invitations.path}/${pending.id}`);
  if (pending === undefined) {
    if (newest !== undefined && settings.left_member === 'conflict' && haveLeft(state, invited))
      throw conflict(`${base}${invitations.path}/${newest.id}`);
    if (state.invitations.where(isPending).length >= settings.quota) throw overQuota(settings);
  }
  const previous = pending ?? (newest?.status === 'EXPIRED' ? newest : undefined);
  const row = previous === undefined ? fresh : again(previous, fresh, settings);
  if (pending !== undefined && pending.id !== row.id) state.invitations.delete(pending.id);
  state.putInvitation(row);
  return row;
}

/** Throws Refusal unless the body is that of an invitation which the caller may create. */
function newRow({ body, state, settings, clock, caller }: Call): InvitationRow {
  if (settings.service_account_key === 'rejected') throw badRequest('Must not use GetUser for service account');
  const { email, auth_type } = checkedFields(body, settings);
  const number = state.invitations.count;
  const created_at = timestampNow(clock);
  const isAccepted = auth_type === 'AUTH_TYPE_SSO' && settings.sso_accepts === 'at_once';
  const open = settings.new_status === 'staged' ? 'STAGED' : 'SENT';
  return {
    id: idOf('i-', number),
    email: settings.email_case === 'lowered' ? fold(email) : email,
    auth_type,
    status: isAccepted ? 'ACCEPTED' : open,
    created_at,
    updated_at: created_at,
    expires_at: timestamp(clock.now() + settings.expires_after),
    ...(isAccepted ? { accepted_at: created_at } : {}),
    user: idOf('u-', number),
    creator: caller.owner,
    mails: 1,
  };
}

/** The invitation of an e-mail whose previous one is pending or has expired. */
function again(previous: InvitationRow, fresh: InvitationRow, settings: Settings): InvitationRow {
  const isOpen = isPending(previous);
  const kept = isOpen ? settings.reissue : settings.reinvite;
  const keepsId = kept === 'same_id';
  const keepsUser = keepsId || kept === (isOpen ? 'new_id' : 'same_user');
  const keepsTime = isOpen ? keepsId : settings.reinvite_created_at === 'kept';
  return {
    ...(isOpen ? previous : fresh),
    id: keepsId ? previous.id : fresh.id,
    user: keepsUser ? previous.user : fresh.user,
    created_at: keepsTime ? previous.created_at : fresh.created_at,
    updated_at: fresh.updated_at,
    expires_at: fresh.expires_at,
    mails: isOpen || keepsId ? previous.mails + 1 : 1,
  };
}

function haveLeft({ users }: State, invited: readonly InvitationRow[]): boolean {
  const accepted = invited.filter(({ status }) => status === 'ACCEPTED');
  return accepted.length > 0 && accepted.every(({ user }) => users.get(user) === undefined);
}

/** With status 400, clients recognize the error by the words "is currently limited to". */
function overQuota({ quota, quota_status }: Settings): Refusal {
  if (quota_status === '400') return badRequest(`${pendingQuota} is currently limited to ${quota}`);
  return refusal(402, `The request would exceed the quota: ${pendingQuota}`);
}

/** The same words for a member and, as recorded, for a pending invitation. */
function conflict(location: string): Refusal {
  return refusal(409, 'This user already exists within the Organization', {}, { location });
}

function checkedFields(
  { email, auth_type }: JsonObject,
  settings: Settings,
): Pick<InvitationRow, 'email' | 'auth_type'> {
  if (typeof email !== 'string' || email === '') throw invalid('/email', 'is required');
  if (!isEmail(email)) throw invalid('/email', 'is not a valid e-mail address', settings.invalid_email_status);
  if (auth_type === undefined || auth_type === null) return { email, auth_type: usualAuthType(settings) };
  if (auth_type !== 'AUTH_TYPE_LOCAL' && auth_type !== 'AUTH_TYPE_SSO') {
    throw invalid('/auth_type', 'must be AUTH_TYPE_LOCAL or AUTH_TYPE_SSO');
  }
  if (auth_type === 'AUTH_TYPE_LOCAL' && settings.sso === 'yes' && settings.local_into_sso === 'forbidden') {
    throw forbidden('Only an OrganizationAdmin can invite AUTH_TYPE_LOCAL into an organization with single sign-on');
  }
  return { email, auth_type };
}

/** @param pointer The field of the body, as a JSON pointer. */
function invalid(pointer: string, problem: string, status: '422' | '400' = '422'): Refusal {
  const error = { code: 'invalid_configuration', title: 'Validation Failed', source: { pointer } };
  return refusal(Number(status), `The property '${pointer}' ${problem}`, error);
}

/** Loose on purpose: clients are free to be stricter; letters beyond ASCII are accepted. */
export function isEmail(text: string): boolean {
  return text.length <= 254 && /^[^@\s\p{Cc}\p{Cf}]{1,64}@[^@\s\p{Cc}\p{Cf}]+$/u.test(text);
}
