import {
  type ApiRequest,
  type ApiResponse,
  badRequest,
  conflict,
  created,
  type Endpoint,
  failed,
  forbidden,
  invalidFilter,
  lagsBehind,
  missing,
  noContent,
  notFound,
  ok,
  page,
  resourceHead,
  userReference,
} from './api.ts';
import type { Settings } from './settings.ts';
import { fold, type InvitationRow, idOf, isPending, timestamp, timestampNow, userFrom } from './state.ts';

const path = '/iam/v2/invitations';
const type = { api_version: 'iam/v2', kind: 'Invitation', path } as const;

export const pendingQuota = 'iam.max_pending_invitations.per_organization';

/** An invitation as the API writes it. */
export type InvitationResource = Readonly<Record<string, unknown>>;

/** @param base The origin of links: the one that the client connected to. */
export function invitationOf(row: InvitationRow, base: string, settings: Settings): InvitationResource {
  const { id, email, auth_type, accepted_at, expires_at, created_at, updated_at, deleted_at } = row;
  const { api_version, kind, metadata } = resourceHead(type, { id, base, name: `/invitation=${id}` });
  const unset = { absent: {}, null: { accepted_at: null }, zero: { accepted_at: '0001-01-01T00:00:00+00:00' } };
  return {
    ...{ api_version, kind, id, email, auth_type, status: `INVITE_STATUS_${row.status}` },
    ...(accepted_at === undefined ? unset[settings.accepted_at_unset] : { accepted_at }),
    expires_at,
    user: userReference(row.user, base),
    creator: userReference(row.creator, base),
    metadata: { ...metadata, created_at, updated_at, ...(deleted_at === undefined ? {} : { deleted_at }) },
  };
}

const filterNames = ['email', 'status', 'user', 'creator'] as const;

export const listInvitations: Endpoint = (request) => {
  const { base, settings, state } = request;
  const [given] = filtersIn(request.query);
  if (given !== undefined && settings.filters === 'rejected') return invalidFilter('Invitation', given, settings);
  return page(request, {
    ...type,
    maximum: settings.invitation_page,
    filters: filterNames,
    rows: state.invitations.rows,
    isNewestFirst: settings.list_order === 'newest',
    select: (query) => {
      const isMatch = filterOf(query, settings);
      return (row) => isListed(request, row) && isMatch(row);
    },
    resource: (row) => {
      const invitation = invitationOf(row, base, settings);
      const { id, email, metadata } = invitation;
      return settings.list_rows === 'full' ? invitation : { id, email, metadata };
    },
  });
};

export const getInvitation: Endpoint = (request) => {
  const row = request.state.invitations.get(request.id);
  if (row === undefined || isHidden(request.settings, row)) return missingInvitation(request.settings, row);
  return ok(invitationOf(row, request.base, request.settings));
};

/** Creates an invitation, or mails a pending one again. A member is a conflict. */
export const createInvitation: Endpoint = (request) => {
  const { state, settings, base } = request;
  const fields = checkInvitation(request);
  if ('status' in fields) return fields;
  const member = state.member(fields.email);
  if (member !== undefined) return memberConflict(`${base}/iam/v2/users/${member.id}`);
  const invited = state.invited(fields.email);
  const pending = invited.findLast(isPending);
  if (pending !== undefined && settings.reissue !== 'second_id') return reissue(request, pending);
  const newest = invited.at(-1);
  if (newest !== undefined && settings.left_member === 'conflict' && haveLeft(state, invited)) {
    return memberConflict(`${base}${path}/${newest.id}`);
  }
  if (state.pending().length >= settings.quota) return overQuota(settings);
  const row = newest?.status === 'EXPIRED' ? reinvited(request, newest, fields) : newRow(request, fields);
  state.put('invitation', row);
  if (row.accepted_at !== undefined) state.put('user', userFrom(row, row.accepted_at));
  return createdResponse(request, row);
};

export const deleteInvitation: Endpoint = (request) => {
  const { state, settings, clock } = request;
  const row = state.invitations.get(request.id);
  if (row?.status === 'ACCEPTED') return badRequest('Bad Request. The invitation was already accepted');
  if (row === undefined || isHidden(settings, row)) return missingInvitation(settings, row);
  if (!isPending(row) && settings.delete_ended === 'not_found') return notFound;
  if (row.status === 'DEACTIVATED') return noContent;
  const deleted_at = timestampNow(clock);
  state.put('invitation', { ...row, status: 'DEACTIVATED', updated_at: deleted_at, deleted_at });
  state.revokeAll(`User:${row.user}`);
  return noContent;
};

/** Whether the invitations were accepted and the users have been deleted since. */
function haveLeft({ users }: ApiRequest['state'], invited: readonly InvitationRow[]): boolean {
  const accepted = invited.filter(({ status }) => status === 'ACCEPTED');
  return accepted.length > 0 && accepted.every(({ user }) => users.get(user) === undefined);
}

/** With status 400, clients recognize the error by the words "is currently limited to". */
function overQuota({ quota, quota_status }: Settings): ApiResponse {
  if (quota_status === '400') return failed(400, 'Bad Request', `${pendingQuota} is currently limited to ${quota}`);
  const title = 'Pending Invitations Per Org Quota Exceeded';
  const detail = `The request would exceed the quota: ${pendingQuota}`;
  return { status: 402, error: { code: 'quota_exceeded', title, detail } };
}

/** The same words for a member and, as recorded, for a pending invitation. */
function memberConflict(location: string): ApiResponse {
  return conflict('This user already exists within the Organization', location);
}

function newRow(request: ApiRequest, { email, auth_type }: InvitationFields): InvitationRow {
  const { state, settings, clock, caller } = request;
  const number = state.invitations.rows.length;
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

/** The invitation of an e-mail whose last one has expired: a new row, or the same row, pending again. */
function reinvited(request: ApiRequest, expired: InvitationRow, fields: InvitationFields): InvitationRow {
  const { reinvite, reinvite_created_at } = request.settings;
  const fresh = newRow(request, fields);
  const created_at = reinvite_created_at === 'kept' ? expired.created_at : fresh.created_at;
  if (reinvite === 'new_id') return { ...fresh, created_at };
  if (reinvite === 'same_user') return { ...fresh, created_at, user: expired.user };
  return { ...fresh, created_at, id: expired.id, user: expired.user, mails: expired.mails + 1 };
}

function reissue(request: ApiRequest, pending: InvitationRow): ApiResponse {
  const { clock, settings, state, base } = request;
  if (settings.reissue === 'conflict') return memberConflict(`${base}${path}/${pending.id}`);
  const updated_at = timestampNow(clock);
  const expires_at = timestamp(clock.now() + settings.expires_after);
  const mailed = { ...pending, updated_at, expires_at, mails: pending.mails + 1 };
  const isSame = settings.reissue === 'same_id';
  const number = state.invitations.rows.length;
  const user = settings.reissue === 'new_user' ? idOf('u-', number) : pending.user;
  const row = isSame ? mailed : { ...mailed, user, id: idOf('i-', number), created_at: updated_at };
  if (!isSame) state.delete('invitation', pending.id);
  state.put('invitation', row);
  return createdResponse(request, row);
}

function createdResponse({ base, settings }: ApiRequest, row: InvitationRow): ApiResponse {
  return created(invitationOf(row, base, settings), `${base}${path}/${row.id}`);
}

/** The filters of a query; empty ones are ignored. */
function filtersIn(query: URLSearchParams): (typeof filterNames)[number][] {
  return filterNames.filter((name) => query.get(name));
}

/** Whether rows match the filters of a query. */
function filterOf(query: URLSearchParams, settings: Settings): (row: InvitationRow) => boolean {
  const given = filtersIn(query).map((name) => matcher(name, query.get(name) ?? '', settings));
  if (given.length === 0 || settings.filters !== 'applied') return () => true;
  if (settings.filters_joined === 'and') return (row) => given.every((isMatch) => isMatch(row));
  return (row) => given.some((isMatch) => isMatch(row));
}

function matcher(
  name: (typeof filterNames)[number],
  wanted: string,
  { email_filter }: Settings,
): (row: InvitationRow) => boolean {
  if (name === 'status') return ({ status }) => `INVITE_STATUS_${status}` === wanted;
  if (name !== 'email' || email_filter === 'exact') return (row) => row[name] === wanted;
  const folded = fold(wanted);
  return ({ email }) => fold(email) === folded;
}

function isHidden({ deleted_reads }: Settings, { status }: InvitationRow): boolean {
  return status === 'DEACTIVATED' && deleted_reads !== 'deactivated';
}

/** The response for an invitation that does not exist or is hidden. */
function missingInvitation(settings: Settings, row: InvitationRow | undefined): ApiResponse {
  if (row === undefined) return missing(settings);
  return settings.deleted_reads === 'forbidden' ? forbidden() : notFound;
}

function isListed(request: ApiRequest, row: InvitationRow): boolean {
  const { list_lag, retention } = request.settings;
  if (isHidden(request.settings, row) || lagsBehind(request, row.created_at, list_lag)) return false;
  if (retention === Number.POSITIVE_INFINITY || isPending(row)) return true;
  const ended = row.deleted_at ?? row.accepted_at ?? row.expires_at;
  return request.clock.now() - Date.parse(ended) < retention;
}

type InvitationFields = Pick<InvitationRow, 'email' | 'auth_type'>;

/** The fields of a POST, or the error response to it. */
function checkInvitation({ body, settings }: ApiRequest): InvitationFields | ApiResponse {
  if (settings.service_account_key === 'rejected') return badRequest('Must not use GetUser for service account');
  const { email, auth_type = null } = body;
  if (typeof email !== 'string' || email === '') return invalid('/email', "The property '/email' is required");
  if (!isEmail(email)) {
    return invalid('/email', "The property '/email' is not a valid e-mail address", settings.invalid_email_status);
  }
  if (auth_type === null) return { email, auth_type: settings.sso === 'yes' ? 'AUTH_TYPE_SSO' : 'AUTH_TYPE_LOCAL' };
  if (auth_type !== 'AUTH_TYPE_LOCAL' && auth_type !== 'AUTH_TYPE_SSO') {
    return invalid('/auth_type', "The property '/auth_type' must be AUTH_TYPE_LOCAL or AUTH_TYPE_SSO");
  }
  if (auth_type === 'AUTH_TYPE_LOCAL' && settings.sso === 'yes' && settings.local_into_sso === 'forbidden') {
    return forbidden('Only an OrganizationAdmin can invite AUTH_TYPE_LOCAL into an organization with single sign-on');
  }
  return { email, auth_type };
}

/** @param pointer The field of the body, as a JSON pointer. */
function invalid(pointer: string, detail: string, status: '422' | '400' = '422'): ApiResponse {
  const error = { code: 'invalid_configuration', title: 'Validation Failed', detail, source: { pointer } };
  return { status: Number(status), error };
}

/** Loose on purpose: clients are free to be stricter; letters beyond ASCII are accepted. */
function isEmail(text: string): boolean {
  if (text.length > 254 || /[\s\p{Cc}\p{Cf}]/u.test(text)) return false;
  const [local = '', domain = '', ...more] = text.split('@');
  return more.length === 0 && local !== '' && local.length <= 64 && domain !== '';
}
