import { badRequest, conflict, forbidden, invalid, invalidFilter, missing, overQuota } from './error-responses.ts';
import {
  type ApiRequest,
  type ApiResponse,
  type ChangeHandler,
  created,
  noContent,
  ok,
  type ReadHandler,
} from './http.ts';
import { idOf, owner, ownerServiceAccount, timestamp, timestampNow } from './identifiers.ts';
import { type Cursor, page } from './pages.ts';
import { invitationOf } from './resources.ts';
import { revokeAll } from './role-bindings.ts';
import type { InvitationRow, UserRow } from './rows.ts';
import { fold, isPending, type Slot } from './state.ts';
import type { AppendEntry } from './store.ts';

const path = '/iam/v2/invitations';

export const pendingQuota = 'iam.max_pending_invitations.per_organization';

const filterNames = ['email', 'status', 'user', 'creator'] as const;

export const listInvitations: ReadHandler = (ask) => {
  const given = filterNames.find((name) => ask.query.get(name));
  if (given !== undefined && ask.switches.filters === 'rejected') return invalidFilter('InvitationList', given);
  return page(ask, {
    api_version: 'iam/v2',
    kind: 'InvitationList',
    path,
    maximum: 100,
    filters: filterNames,
    scan: (cursor) => scan(ask, cursor),
    matches: (row, query) => isListed(ask, row) && (ask.switches.filters !== 'applied' || isMatch(ask, row, query)),
    resource: (row) => invitationOf(row, ask.base, ask.switches),
  });
};

export const getInvitation: ReadHandler = (ask) => {
  const row = ask.state.invitations.get(ask.id);
  if (row === undefined) return missing(ask.switches.missing_reads);
  if (isHidden(ask, row)) return missing(ask.switches.deleted_reads === 'forbidden' ? 'forbidden' : 'not_found');
  return ok(JSON.stringify(invitationOf(row, ask.base, ask.switches)));
};

/** A pending e-mail is mailed again; of an ended invitation there is a new one; a member is in the way. */
export const createInvitation: ChangeHandler = (ask, record) => {
  const wanted = checkInvitation(ask);
  if ('status' in wanted) return wanted;
  const member = ask.state.member(wanted.email);
  if (member !== undefined) {
    return conflict('This user already exists within the Organization', `${ask.base}/iam/v2/users/${member.id}`);
  }
  const pending = ask.state.pendingFor(wanted.email);
  if (pending !== undefined) return again(ask, pending, record);
  const { quota, quota_status, left_member } = ask.switches;
  const newest = ask.state.invited(wanted.email).at(-1)?.row;
  if (newest !== undefined && left_member === 'conflict' && ask.state.hasLeft(wanted.email)) {
    return conflict('This user already exists within the Organization', `${ask.base}${path}/${newest.id}`);
  }
  if (ask.state.pendingCount >= quota) return overQuota(quota_status, pendingQuota, quota);
  const row = newest?.status === 'EXPIRED' ? renewed(ask, newest, wanted) : newRow(ask, wanted);
  record({ put: 'invitation', row });
  if (row.accepted_at !== undefined) record({ put: 'user', row: userFrom(row, row.accepted_at) });
  return answerWith(ask, row);
};

export const deleteInvitation: ChangeHandler = (ask, record) => {
  const { state, switches } = ask;
  const row = state.invitations.get(ask.id);
  if (row === undefined) return missing(switches.missing_reads);
  if (row.status === 'ACCEPTED') return badRequest('Bad Request. The invitation was already accepted');
  if (isHidden(ask, row)) return missing(switches.deleted_reads === 'forbidden' ? 'forbidden' : 'not_found');
  if (!isPending(row) && switches.delete_ended === 'not_found') return missing('not_found');
  if (row.status === 'DEACTIVATED') return noContent;
  const deleted_at = timestampNow(ask.clock);
  record({ put: 'invitation', row: { ...row, status: 'DEACTIVATED', updated_at: deleted_at, deleted_at } });
  revokeAll(state, `User:${row.user}`, record);
  return noContent;
};

/** The user that an accepted invitation leads to. */
export function userFrom({ user, email, auth_type }: InvitationRow, created_at: string): UserRow {
  const full_name = email.slice(0, email.lastIndexOf('@')).replaceAll(/[._]+/g, ' ');
  return { id: user, email, full_name, auth_type, created_at };
}

function newRow(ask: ApiRequest, { email, auth_type }: Wanted): InvitationRow {
  const { state, switches } = ask;
  const number = state.invitations.issued;
  const created_at = timestampNow(ask.clock);
  const isAccepted = auth_type === 'AUTH_TYPE_SSO' && switches.sso_accepts === 'at_once';
  const open = switches.new_status === 'staged' ? 'STAGED' : 'SENT';
  return {
    id: idOf('i-', number),
    email: switches.email_case === 'lowered' ? fold(email) : email,
    auth_type,
    status: isAccepted ? 'ACCEPTED' : open,
    created_at,
    updated_at: created_at,
    expires_at: timestamp(ask.clock.now() + switches.expires_after),
    ...(isAccepted ? { accepted_at: created_at } : {}),
    user: idOf('u-', number),
    creator: switches.service_account_key === 'no' ? owner.id : ownerServiceAccount,
    mails: 1,
  };
}

/** What follows an invitation that has expired: a new one beside it, or the same one, open once more. */
function renewed(ask: ApiRequest, expired: InvitationRow, wanted: Wanted): InvitationRow {
  const { reinvite, reinvite_created_at } = ask.switches;
  const fresh = newRow(ask, wanted);
  const created_at = reinvite_created_at === 'kept' ? expired.created_at : fresh.created_at;
  if (reinvite === 'new_id') return { ...fresh, created_at };
  return { ...fresh, created_at, id: expired.id, user: expired.user, mails: expired.mails + 1 };
}

function again(ask: ApiRequest, pending: InvitationRow, record: AppendEntry): ApiResponse {
  if (ask.switches.reissue !== 'conflict') return answerWith(ask, reissue(ask, pending, record));
  return conflict(`The invitation '${pending.id}' already exists`, `${ask.base}${path}/${pending.id}`);
}

function reissue(ask: ApiRequest, pending: InvitationRow, record: AppendEntry): InvitationRow {
  const updated_at = timestampNow(ask.clock);
  const expires_at = timestamp(ask.clock.now() + ask.switches.expires_after);
  const again = { ...pending, updated_at, expires_at, mails: pending.mails + 1 };
  if (ask.switches.reissue === 'same_id') {
    record({ put: 'invitation', row: again });
    return again;
  }
  const row = { ...again, id: idOf('i-', ask.state.invitations.issued), created_at: updated_at };
  record({ delete: 'invitation', id: pending.id });
  record({ put: 'invitation', row });
  return row;
}

function answerWith(ask: ApiRequest, row: InvitationRow): ApiResponse {
  return created(JSON.stringify(invitationOf(row, ask.base, ask.switches)), `${ask.base}${path}/${row.id}`);
}

function scan({ state, switches }: ApiRequest, { place, query }: Cursor): Iterable<Slot<InvitationRow>> {
  const isNewestFirst = switches.list_order === 'newest';
  const email = query.get('email');
  // Only where the e-mail must match, the others need not be looked at.
  const isSelective = switches.filters === 'applied' && (switches.filters_joined === 'and' || filtersIn(query) === 1);
  if (email === null || email === '' || !isSelective) {
    if (isNewestFirst) return state.invitations.before(place ?? state.invitations.issued);
    return state.invitations.after(place ?? -1);
  }
  const slots = state.invited(email);
  if (isNewestFirst) return slots.filter(({ position }) => position < (place ?? state.invitations.issued)).reverse();
  return slots.filter(({ position }) => position > (place ?? -1));
}

function filtersIn(query: URLSearchParams): number {
  return filterNames.filter((name) => query.get(name)).length;
}

/** An empty filter, like an unknown one, is none. */
function isMatch({ switches }: ApiRequest, row: InvitationRow, query: URLSearchParams): boolean {
  const { email, status, user, creator } = row;
  const fields = { email, status: `INVITE_STATUS_${status}`, user, creator };
  const given = filterNames.filter((name) => query.get(name));
  const fits = (name: (typeof filterNames)[number]) => {
    const typed = name === 'email' && switches.email_filter === 'ignore_case' ? fold : (text: string) => text;
    return typed(query.get(name) ?? '') === typed(fields[name]);
  };
  return given.length === 0 || (switches.filters_joined === 'and' ? given.every(fits) : given.some(fits));
}

function isHidden({ switches }: ApiRequest, { status }: InvitationRow): boolean {
  return status === 'DEACTIVATED' && switches.deleted_reads !== 'deactivated';
}

function isListed(ask: ApiRequest, row: InvitationRow): boolean {
  if (isHidden(ask, row)) return false;
  const { list_lag, retention } = ask.switches;
  if (list_lag > 0 && ask.clock.now() - Date.parse(row.created_at) < list_lag) return false;
  if (retention === Number.POSITIVE_INFINITY || isPending(row)) return true;
  return ask.clock.now() - Date.parse(row.deleted_at ?? row.accepted_at ?? row.expires_at) < retention;
}

export interface Wanted {
  readonly email: string;
  readonly auth_type: string;
}

const authTypes: readonly unknown[] = ['AUTH_TYPE_LOCAL', 'AUTH_TYPE_SSO'];

/** What a POST asks for, or the answer to one that asks for something that cannot be. */
export function checkInvitation({ body, switches }: Pick<ApiRequest, 'body' | 'switches'>): Wanted | ApiResponse {
  if (switches.service_account_key === 'rejected') return badRequest('Must not use GetUser for service account');
  const { email, auth_type = null } = body;
  if (typeof email !== 'string' || email === '') return invalid('/email', "The property '/email' is required");
  if (!isEmail(email)) {
    return invalid('/email', "The property '/email' is not a valid e-mail address", switches.invalid_email_status);
  }
  if (auth_type === null) return { email, auth_type: switches.sso === 'yes' ? 'AUTH_TYPE_SSO' : 'AUTH_TYPE_LOCAL' };
  if (typeof auth_type !== 'string' || !authTypes.includes(auth_type)) {
    return invalid('/auth_type', "The property '/auth_type' must be AUTH_TYPE_LOCAL or AUTH_TYPE_SSO");
  }
  if (auth_type === 'AUTH_TYPE_LOCAL' && switches.sso === 'yes' && switches.local_into_sso === 'forbidden') {
    return forbidden('Only an OrganizationAdmin can invite AUTH_TYPE_LOCAL into an organization with single sign-on');
  }
  return { email, auth_type };
}

/** Loose on purpose: what a client takes for an address is its own affair, down to letters beyond ASCII. */
function isEmail(text: string): boolean {
  if (text.length > 254 || /[\s\p{Cc}\p{Cf}]/u.test(text)) return false;
  const [local = '', domain = '', ...more] = text.split('@');
  return more.length === 0 && local !== '' && local.length <= 64 && domain !== '';
}
