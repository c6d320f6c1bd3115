import type { ApiRequest, ReadHandler, WriteHandler } from './endpoint.ts';
import { badRequest, conflict, forbidden, invalid, invalidFilter, missing, overQuota } from './error-responses.ts';
import { type ApiResponse, created, noContent, ok } from './http.ts';
import { idOf, timestamp, timestampNow } from './identifiers.ts';
import { ownerOf } from './initial-state.ts';
import type { Cursor } from './page-tokens.ts';
import { page } from './pages.ts';
import { invitationOf } from './resources.ts';
import { revokeAll } from './role-bindings.ts';
import { type AppendEntry, type InvitationRow, userFrom } from './rows.ts';
import { fold, isPending, type Slot } from './state.ts';

const path = '/iam/v2/invitations';

export const pendingQuota = 'iam.max_pending_invitations.per_organization';

const filterNames = ['email', 'status', 'user', 'creator'] as const;

export const listInvitations: ReadHandler = (request) => {
  const given = filterNames.find((name) => request.query.get(name));
  if (given !== undefined && request.settings.filters === 'rejected') return invalidFilter('InvitationList', given);
  return page(request, {
    api_version: 'iam/v2',
    kind: 'InvitationList',
    path,
    maximum: 100,
    filters: filterNames,
    scan: (cursor) => scan(request, cursor),
    matches: (row, query) =>
      isListed(request, row) && (request.settings.filters !== 'applied' || isMatch(request, row, query)),
    resource: (row) => invitationOf(row, request.base, request.settings),
  });
};

export const getInvitation: ReadHandler = (request) => {
  const row = request.state.invitations.get(request.id);
  if (row === undefined) return missing(request.settings.missing_reads);
  if (isHidden(request, row))
    return missing(request.settings.deleted_reads === 'forbidden' ? 'forbidden' : 'not_found');
  return ok(JSON.stringify(invitationOf(row, request.base, request.settings)));
};

/** Creates an invitation, or mails a pending one again. A member is a conflict. */
export const createInvitation: WriteHandler = (request, append) => {
  const fields = checkInvitation(request);
  if ('status' in fields) return fields;
  const member = request.state.member(fields.email);
  if (member !== undefined) {
    return conflict('This user already exists within the Organization', `${request.base}/iam/v2/users/${member.id}`);
  }
  const pending = request.state.pendingFor(fields.email);
  if (pending !== undefined) return reissue(request, pending, append);
  const { quota, quota_status, left_member } = request.settings;
  const newest = request.state.invited(fields.email).at(-1)?.row;
  if (newest !== undefined && left_member === 'conflict' && request.state.hasLeft(fields.email)) {
    return conflict('This user already exists within the Organization', `${request.base}${path}/${newest.id}`);
  }
  if (request.state.pendingCount >= quota) return overQuota(quota_status, pendingQuota, quota);
  const row = newest?.status === 'EXPIRED' ? reinvited(request, newest, fields) : newRow(request, fields);
  append({ put: 'invitation', row });
  if (row.accepted_at !== undefined) append({ put: 'user', row: userFrom(row, row.accepted_at) });
  return createdResponse(request, row);
};

export const deleteInvitation: WriteHandler = (request, append) => {
  const { state, settings } = request;
  const row = state.invitations.get(request.id);
  if (row === undefined) return missing(settings.missing_reads);
  if (row.status === 'ACCEPTED') return badRequest('Bad Request. The invitation was already accepted');
  if (isHidden(request, row)) return missing(settings.deleted_reads === 'forbidden' ? 'forbidden' : 'not_found');
  if (!isPending(row) && settings.delete_ended === 'not_found') return missing('not_found');
  if (row.status === 'DEACTIVATED') return noContent;
  const deleted_at = timestampNow(request.clock);
  append({ put: 'invitation', row: { ...row, status: 'DEACTIVATED', updated_at: deleted_at, deleted_at } });
  revokeAll(state, `User:${row.user}`, append);
  return noContent;
};

function newRow(request: ApiRequest, { email, auth_type }: InvitationFields): InvitationRow {
  const { state, settings } = request;
  const number = state.invitations.issued;
  const created_at = timestampNow(request.clock);
  const isAccepted = auth_type === 'AUTH_TYPE_SSO' && settings.sso_accepts === 'at_once';
  const open = settings.new_status === 'staged' ? 'STAGED' : 'SENT';
  return {
    id: idOf('i-', number),
    email: settings.email_case === 'lowered' ? fold(email) : email,
    auth_type,
    status: isAccepted ? 'ACCEPTED' : open,
    created_at,
    updated_at: created_at,
    expires_at: timestamp(request.clock.now() + settings.expires_after),
    ...(isAccepted ? { accepted_at: created_at } : {}),
    user: idOf('u-', number),
    creator: ownerOf(request.caller),
    mails: 1,
  };
}

/** The invitation of an e-mail whose last one has expired: a new row, or the same row, pending again. */
function reinvited(request: ApiRequest, expired: InvitationRow, fields: InvitationFields): InvitationRow {
  const { reinvite, reinvite_created_at } = request.settings;
  const fresh = newRow(request, fields);
  const created_at = reinvite_created_at === 'kept' ? expired.created_at : fresh.created_at;
  if (reinvite === 'new_id') return { ...fresh, created_at };
  return { ...fresh, created_at, id: expired.id, user: expired.user, mails: expired.mails + 1 };
}

function reissue(request: ApiRequest, pending: InvitationRow, append: AppendEntry): ApiResponse {
  const { clock, settings, state, base } = request;
  if (settings.reissue === 'conflict') {
    return conflict(`The invitation '${pending.id}' already exists`, `${base}${path}/${pending.id}`);
  }
  const updated_at = timestampNow(clock);
  const expires_at = timestamp(clock.now() + settings.expires_after);
  const mailed = { ...pending, updated_at, expires_at, mails: pending.mails + 1 };
  const isSame = settings.reissue === 'same_id';
  const row = isSame ? mailed : { ...mailed, id: idOf('i-', state.invitations.issued), created_at: updated_at };
  if (!isSame) append({ delete: 'invitation', id: pending.id });
  append({ put: 'invitation', row });
  return createdResponse(request, row);
}

function createdResponse({ base, settings }: ApiRequest, row: InvitationRow): ApiResponse {
  return created(JSON.stringify(invitationOf(row, base, settings)), `${base}${path}/${row.id}`);
}

function scan({ state, settings }: ApiRequest, { after, query }: Cursor): Iterable<Slot<InvitationRow>> {
  const isNewestFirst = settings.list_order === 'newest';
  const email = query.get('email');
  // The index by e-mail helps only if every row of the result must match the e-mail.
  const isSelective = settings.filters === 'applied' && (settings.filters_joined === 'and' || filtersIn(query) === 1);
  if (email === null || email === '' || !isSelective) {
    if (isNewestFirst) return state.invitations.before(after ?? state.invitations.issued);
    return state.invitations.after(after ?? -1);
  }
  const slots = state.invited(email);
  if (isNewestFirst) return slots.filter(({ position }) => position < (after ?? state.invitations.issued)).reverse();
  return slots.filter(({ position }) => position > (after ?? -1));
}

function filtersIn(query: URLSearchParams): number {
  return filterNames.filter((name) => query.get(name)).length;
}

/** Empty filters are ignored. */
function isMatch({ settings }: ApiRequest, row: InvitationRow, query: URLSearchParams): boolean {
  const { email, status, user, creator } = row;
  const fields = { email, status: `INVITE_STATUS_${status}`, user, creator };
  const given = filterNames.filter((name) => query.get(name));
  const isEqual = (name: (typeof filterNames)[number]) => {
    const normalize = name === 'email' && settings.email_filter === 'ignore_case' ? fold : (text: string) => text;
    return normalize(query.get(name) ?? '') === normalize(fields[name]);
  };
  return given.length === 0 || (settings.filters_joined === 'and' ? given.every(isEqual) : given.some(isEqual));
}

function isHidden({ settings }: ApiRequest, { status }: InvitationRow): boolean {
  return status === 'DEACTIVATED' && settings.deleted_reads !== 'deactivated';
}

function isListed(request: ApiRequest, row: InvitationRow): boolean {
  if (isHidden(request, row)) return false;
  const { list_lag, retention } = request.settings;
  if (list_lag > 0 && request.clock.now() - Date.parse(row.created_at) < list_lag) return false;
  if (retention === Number.POSITIVE_INFINITY || isPending(row)) return true;
  return request.clock.now() - Date.parse(row.deleted_at ?? row.accepted_at ?? row.expires_at) < retention;
}

interface InvitationFields {
  readonly email: string;
  readonly auth_type: string;
}

const authTypes: readonly unknown[] = ['AUTH_TYPE_LOCAL', 'AUTH_TYPE_SSO'];

/** The fields of a POST, or the error response to it. */
function checkInvitation({ body, settings }: ApiRequest): InvitationFields | ApiResponse {
  if (settings.service_account_key === 'rejected') return badRequest('Must not use GetUser for service account');
  const { email, auth_type = null } = body;
  if (typeof email !== 'string' || email === '') return invalid('/email', "The property '/email' is required");
  if (!isEmail(email)) {
    return invalid('/email', "The property '/email' is not a valid e-mail address", settings.invalid_email_status);
  }
  if (auth_type === null) return { email, auth_type: settings.sso === 'yes' ? 'AUTH_TYPE_SSO' : 'AUTH_TYPE_LOCAL' };
  if (typeof auth_type !== 'string' || !authTypes.includes(auth_type)) {
    return invalid('/auth_type', "The property '/auth_type' must be AUTH_TYPE_LOCAL or AUTH_TYPE_SSO");
  }
  if (auth_type === 'AUTH_TYPE_LOCAL' && settings.sso === 'yes' && settings.local_into_sso === 'forbidden') {
    return forbidden('Only an OrganizationAdmin can invite AUTH_TYPE_LOCAL into an organization with single sign-on');
  }
  return { email, auth_type };
}

/** Loose on purpose: clients are free to be stricter; letters beyond ASCII are accepted. */
function isEmail(text: string): boolean {
  if (text.length > 254 || /[\s\p{Cc}\p{Cf}]/u.test(text)) return false;
  const [local = '', domain = '', ...more] = text.split('@');
  return more.length === 0 && local !== '' && local.length <= 64 && domain !== '';
}
