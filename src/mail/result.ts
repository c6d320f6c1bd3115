import { roleOn } from '../api/crn.ts';
import { type Invitation, type State, withState } from '../api/invitation.ts';
import { commonColumns, invitationFields, invitationView } from '../api/view.ts';
import type { Outcome } from '../cli/outcomes.ts';
import type { CliError } from '../errors.ts';
import type { Fields, View } from '../output/view.ts';
import { textAt } from '../text/json-fields.ts';

export interface GrantedRole {
  readonly role_name: string;
  readonly crn_pattern: string;
  readonly outcome: 'granted' | 'already_granted' | 'revoked' | 'not_granted' | 'failed' | 'not_attempted';
  readonly error?: CliError;
}

/** Roles to which the same happened. */
export function withOutcome(
  roles: readonly Pick<GrantedRole, 'role_name' | 'crn_pattern'>[],
  outcome: GrantedRole['outcome'],
): GrantedRole[] {
  return roles.map(({ role_name, crn_pattern }) => ({ role_name, crn_pattern, outcome }));
}

export interface Result {
  /** As typed: an e-mail or an id. */
  readonly target: string;
  readonly outcome: Outcome;
  /** The invitation as the API last returned it. */
  readonly invitation?: Invitation;
  /** The id of the user, where no invitation says it. */
  readonly user?: string;
  readonly roles?: readonly GrantedRole[];
  /** The number of API keys that were deleted with the user. */
  readonly api_keys?: number;
  readonly error?: CliError;
  /** Why somebody in a file is left out, and the line that says it. */
  readonly reason?: string;
  readonly line?: number;
  /** The response was lost; the invitation was found by looking the address up. */
  readonly reconciled?: true;
  /** Nothing was sent: this is what would be done. */
  readonly dry_run?: true;
  /** The URL of the conflicting resource, where the API gives one. */
  readonly location?: string;
  /** Shown on stderr although the change succeeded. */
  readonly warnings?: readonly string[];
}

/** Results as they are shown: the invitation's own fields first, then what was done. */
export function resultView(now: () => number): View<Result> {
  const invitations = invitationView(now);
  return {
    ...invitations,
    fields: [
      ...[...invitationFields, 'outcome', 'roles', 'error', 'error.code', 'error.message', 'reason', 'line'],
      ...['api_keys', 'reconciled', 'dry_run', 'location'],
    ],
    words: { roles: rolesInWords },
    columns: [
      { title: 'OUTCOME', field: 'outcome', rank: 0, typical: 'already_invited'.length },
      commonColumns.id,
      commonColumns.email,
      { ...commonColumns.state, rank: 5 },
      { ...commonColumns.expires, rank: 6 },
      { title: 'ROLES', field: 'roles', rank: 4, optional: true },
      { title: 'REASON', field: 'reason', rank: 3, optional: true },
      { title: 'ERROR', field: 'error.message', rank: 3 },
    ],
    csv: [...invitations.csv, 'outcome', 'roles', 'error.code', 'error.message', 'reason'],
    block: [
      ...['outcome', 'id', 'email', 'state', 'auth_type', 'expires_at', 'user'],
      ...['roles', 'reconciled', 'dry_run', 'location', 'error.message'],
    ],
    record: (result) => resultRecord(result, now()),
    id: (result) => (result.error === undefined ? textAt(result.invitation ?? {}, 'id') : undefined),
  };
}

/** The same for deletions, where a table needs no state. */
export function removalView(now: () => number): View<Result> {
  const results = resultView(now);
  return {
    ...results,
    columns: results.columns.filter(({ field }) => field !== 'state' && field !== 'expires_at'),
    block: ['outcome', 'id', 'email', 'user', 'dry_run', 'error.message'],
  };
}

/** The same for changes of members: what matters is who, and which role. */
export function memberChangeView(now: () => number): View<Result> {
  return {
    ...resultView(now),
    columns: [
      { title: 'OUTCOME', field: 'outcome', rank: 1 },
      { title: 'EMAIL', field: 'email', rank: 0 },
      { title: 'ID', field: 'id', rank: 4 },
      { title: 'ROLES', field: 'roles', rank: 2 },
      { title: 'ERROR', field: 'error.message', rank: 3 },
    ],
    id: ({ error, user, invitation = {} }) =>
      error === undefined ? (user ?? textAt(invitation, 'user', 'id')) : undefined,
  };
}

/** The same for people who are taken out: their id is that of the user. */
export function leaveView(now: () => number): View<Result> {
  return {
    ...resultView(now),
    columns: [
      { title: 'OUTCOME', field: 'outcome', rank: 1 },
      { title: 'EMAIL', field: 'email', rank: 0 },
      { title: 'ROLES', field: 'roles', rank: 2 },
      { title: 'API KEYS', field: 'api_keys', rank: 4, optional: true },
      { title: 'ERROR', field: 'error.message', rank: 3, optional: true },
    ],
    csv: ['email', 'user.id', 'outcome', 'roles', 'api_keys', 'error.code', 'error.message'],
    block: ['outcome', 'email', 'user', 'roles', 'api_keys', 'dry_run', 'error.message'],
    id: ({ error, user }) => (error === undefined ? user : undefined),
  };
}

function resultRecord(result: Result, now: number) {
  const { target, outcome, roles, api_keys, error, reconciled, dry_run, location, user } = result;
  const { reason, line } = result;
  return {
    ...(target === '' ? {} : target.includes('@') ? { email: target } : { id: target }),
    ...invitationAfter(result, now),
    ...(user === undefined ? {} : { user: { id: user } }),
    outcome,
    ...(roles === undefined || roles.length === 0 ? {} : { roles: roles.map(roleRecord) }),
    ...(api_keys === undefined ? {} : { api_keys }),
    ...(error === undefined ? {} : { error: error.toRecord() }),
    ...(reason === undefined ? {} : { reason }),
    ...(line === undefined ? {} : { line }),
    ...(reconciled === undefined ? {} : { reconciled }),
    ...(dry_run === undefined ? {} : { dry_run }),
    ...(location === undefined ? {} : { location }),
  };
}

/** The invitation as the change left it. A deletion answers with no body, so the status from before it is left out. */
function invitationAfter({ invitation, outcome, dry_run }: Result, now: number): Fields {
  if (invitation === undefined) return {};
  if ((outcome !== 'deleted' && outcome !== 'withdrawn') || dry_run) return withState(invitation, now);
  const { status: _, ...rest } = invitation;
  return { ...rest, state: 'deactivated' satisfies State };
}

function roleRecord({ error, ...role }: GrantedRole) {
  return error === undefined ? role : { ...role, error: error.toRecord() };
}

/** `EnvironmentAdmin on environment=env-abc granted`, one after the other. */
function rolesInWords(value: unknown, { dry_run }: Fields): string {
  const roles = Array.isArray(value) ? (value as readonly ReturnType<typeof roleRecord>[]) : [];
  return roles
    .map(({ role_name, crn_pattern, outcome }) => {
      const isChange = outcome === 'granted' || outcome === 'revoked';
      const words = dry_run && isChange ? `would be ${outcome}` : outcome.replaceAll('_', ' ');
      return `${roleOn({ role_name, crn_pattern })} ${words}`;
    })
    .join(', ');
}
