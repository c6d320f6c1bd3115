import { placeIn } from '../confluent/crn.ts';
import type { CliError } from '../errors.ts';
import { type Invitation, textAt } from '../invitations/invitation.ts';
import { invitationFields, invitationView } from '../invitations/view.ts';
import type { View } from '../output/view.ts';

/** What became of one target. */
export const outcomes = [
  'created',
  'reinvited',
  'already_invited',
  'already_member',
  'resent',
  'deleted',
  'user_removed',
  'not_found',
  'failed',
  'unknown',
  'not_attempted',
] as const;

export type Outcome = (typeof outcomes)[number];

export interface GrantedRole {
  readonly role_name: string;
  readonly crn_pattern: string;
  readonly outcome: 'granted' | 'already_granted' | 'failed' | 'not_attempted';
  readonly error?: CliError;
}

export interface Result {
  /** As typed: an e-mail or an id. */
  readonly target: string;
  readonly outcome: Outcome;
  /** The invitation as the API last showed it. */
  readonly invitation?: Invitation;
  readonly roles?: readonly GrantedRole[];
  readonly error?: CliError;
  /** The answer was lost; the invitation was found again by looking. */
  readonly reconciled?: true;
  /** Nothing was sent: this is what would become of it. */
  readonly dry_run?: true;
  /** An earlier run of the same import did it. */
  readonly done_earlier?: true;
  /** Where the API says that what is in the way can be found. */
  readonly location?: string;
  /** Things a person should know although all went well. */
  readonly warnings?: readonly string[];
}

/** Results as they are shown: the invitation's own fields first, then what became of it. */
export function resultView(now: number): View<Result> {
  const invitations = invitationView(now);
  return {
    ...invitations,
    fields: [
      ...[...invitationFields, 'outcome', 'roles', 'error', 'error.code', 'error.message'],
      ...['reconciled', 'dry_run', 'done_earlier', 'location'],
    ],
    words: { roles: rolesInWords },
    columns: [
      { title: 'OUTCOME', field: 'outcome', rank: 1 },
      { title: 'ID', field: 'id', rank: 0 },
      { title: 'EMAIL', field: 'email', rank: 0 },
      { title: 'STATE', field: 'state', rank: 3 },
      { title: 'EXPIRES', field: 'expires_at', rank: 4 },
      { title: 'ERROR', field: 'error.message', rank: 2 },
    ],
    csv: [...invitations.csv, 'outcome', 'roles', 'error.code', 'error.message'],
    block: [
      ...['outcome', 'id', 'email', 'state', 'auth_type', 'expires_at', 'user'],
      ...['roles', 'reconciled', 'dry_run', 'location', 'error.message'],
    ],
    record: (result) => resultRecord(result, now),
    id: (result) => (result.error === undefined ? textAt(result.invitation ?? {}, 'id') : undefined),
  };
}

/** The same for what is gone: its last state is of no interest to a person. */
export function removalView(now: number): View<Result> {
  const results = resultView(now);
  return {
    ...results,
    columns: results.columns.filter(({ field }) => field !== 'state' && field !== 'expires_at'),
    block: ['outcome', 'id', 'email', 'user', 'dry_run', 'error.message'],
  };
}

function resultRecord({ target, invitation, outcome, roles, error, ...result }: Result, now: number) {
  const named = target.includes('@') ? { email: target } : { id: target };
  const { reconciled, dry_run, done_earlier, location } = result;
  return {
    ...(invitation === undefined ? named : { ...named, ...invitationView(now).record(invitation) }),
    ...(outcome === 'deleted' && dry_run === undefined ? afterDelete : {}),
    outcome,
    ...(roles === undefined || roles.length === 0 ? {} : { roles: roles.map(roleRecord) }),
    ...(error === undefined ? {} : { error: error.toRecord() }),
    ...(reconciled === undefined ? {} : { reconciled }),
    ...(dry_run === undefined ? {} : { dry_run }),
    ...(done_earlier === undefined ? {} : { done_earlier }),
    ...(location === undefined ? {} : { location }),
  };
}

/** What DELETE does; whether the API shows it as a status is not documented, and the one from before holds no more. */
const afterDelete = { state: 'deactivated', status: undefined } as const;

function roleRecord({ error, ...role }: GrantedRole) {
  return error === undefined ? role : { ...role, error: error.toRecord() };
}

/** `EnvironmentAdmin on environment=env-abc granted`, one after the other. */
function rolesInWords(value: unknown): string {
  const roles = Array.isArray(value) ? (value as readonly ReturnType<typeof roleRecord>[]) : [];
  return roles
    .map(({ role_name, crn_pattern, outcome }) => `${role_name} on ${placeIn(crn_pattern)} ${outcome}`)
    .join(', ');
}
