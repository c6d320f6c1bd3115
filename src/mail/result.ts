import { nameOf } from '../api/email.ts';
import {
  commonColumns,
  type Invitation,
  invitationFields,
  invitationView,
  type State,
  withState,
} from '../api/invitation.ts';
import { type BoundRole, roleOn } from '../api/roles.ts';
import { type Outcome, OutcomeCounts } from '../cli/printer.ts';
import { CliError, exitCodes } from '../errors.ts';
import type { Fields, View } from '../output/view.ts';
import { textAt } from '../text/json-fields.ts';
import { firstOf, frequencies } from '../text/times.ts';

export interface GrantedRole extends BoundRole {
  readonly outcome: 'granted' | 'already_granted' | 'revoked' | 'not_granted' | 'failed' | 'not_attempted';
  readonly error?: CliError;
}

export function withOutcome(roles: readonly BoundRole[], outcome: GrantedRole['outcome']): GrantedRole[] {
  return roles.map(({ role_name, crn_pattern }) => ({ role_name, crn_pattern, outcome }));
}

export interface Result {
  /** As typed: an e-mail or an id. */
  readonly target: string;
  readonly invited_as?: string | undefined;
  readonly outcome: Outcome;
  /** The invitation as the API last returned it. */
  readonly invitation?: Invitation | undefined;
  /** The id of the user, where no invitation says it. */
  readonly user?: string | undefined;
  readonly roles?: readonly GrantedRole[] | undefined;
  /** The number of API keys that were deleted with the user. */
  readonly api_keys?: number | undefined;
  readonly error?: CliError | undefined;
  /** Why somebody in a file is left out, and the line that says it. */
  readonly reason?: string | undefined;
  readonly line?: number | undefined;
  /** The response was lost; the invitation was found by looking the address up. */
  readonly reconciled?: true | undefined;
  /** Nothing was sent: this is what would be done. */
  readonly dry_run?: true | undefined;
  /** The URL of the conflicting resource, where the API gives one. */
  readonly location?: string | undefined;
  /** Shown on stderr although the change succeeded. */
  readonly warnings?: readonly string[] | undefined;
}

/** Results as they are shown: the invitation's own fields first, then what was done. */
export const resultView: View<Result> = {
  ...invitationView,
  fields: [
    ...invitationFields,
    'outcome',
    'roles',
    'error',
    'error.code',
    'error.message',
    'reason',
    'line',
    'api_keys',
    'reconciled',
    'dry_run',
    'location',
  ],
  words: { email: nameOf, roles: grantsInWords },
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
  csv: [...invitationView.csv, 'outcome', 'roles', 'error.code', 'error.message', 'reason'],
  block: [
    'outcome',
    'id',
    'email',
    'state',
    'auth_type',
    'expires_at',
    'user',
    'roles',
    'reconciled',
    'dry_run',
    'location',
    'error.message',
  ],
  record: resultRecord,
  id: (result) => (result.error === undefined ? textAt(result.invitation ?? {}, 'id') : undefined),
};

/** The same for deletions, where a table needs no state. */
export const removalView: View<Result> = {
  ...resultView,
  columns: resultView.columns.filter(({ field }) => field !== 'state' && field !== 'expires_at'),
  block: ['outcome', 'id', 'email', 'user', 'dry_run', 'error.message'],
};

/** The same for changes of members: what matters is who, and which role. */
export const memberChangeView: View<Result> = {
  ...resultView,
  fields: [...resultView.fields, 'invited_as'],
  columns: [
    { title: 'OUTCOME', field: 'outcome', rank: 0 },
    commonColumns.email,
    commonColumns.id,
    { title: 'ROLES', field: 'roles', rank: 3 },
    { title: 'ERROR', field: 'error.message', rank: 4 },
  ],
  id: ({ error, user, invitation = {} }) =>
    error === undefined ? (user ?? textAt(invitation, 'user', 'id')) : undefined,
};

/** The same for people who are taken out: their id is that of the user. */
export const leaveView: View<Result> = {
  ...memberChangeView,
  columns: [
    { title: 'OUTCOME', field: 'outcome', rank: 0 },
    commonColumns.email,
    { title: 'ROLES', field: 'roles', rank: 2 },
    { title: 'API KEYS', field: 'api_keys', rank: 4, optional: true },
    { title: 'ERROR', field: 'error.message', rank: 3, optional: true },
  ],
  csv: ['email', 'user.id', 'outcome', 'roles', 'api_keys', 'error.code', 'error.message'],
  block: ['outcome', 'email', 'user', 'roles', 'api_keys', 'dry_run', 'error.message'],
  id: ({ error, user, outcome }) => (error === undefined && outcome !== 'not_found' ? user : undefined),
};

function resultRecord(result: Result, now: number) {
  const { target, user, outcome, roles = [], api_keys, error, reason, line, reconciled, dry_run, location } = result;
  return {
    ...(target === '' || target === user ? {} : target.includes('@') ? { email: target } : { id: target }),
    invited_as: result.invited_as,
    ...invitationAfter(result, now),
    ...(user === undefined ? {} : { user: { id: user } }),
    outcome,
    roles: roles.length === 0 ? undefined : roles.map(roleRecord),
    api_keys,
    error: error?.toRecord(),
    reason,
    line,
    reconciled,
    dry_run,
    location,
  };
}

const deletions: readonly Outcome[] = ['deleted', 'withdrawn', 'removed'];

/** The invitation as the change left it. A deletion answers with no body, so the status from before it is left out. */
function invitationAfter({ invitation, outcome, dry_run }: Result, now: number): Fields {
  if (invitation === undefined) return {};
  if (!deletions.includes(outcome) || dry_run) return withState(invitation, now);
  const { status: _, ...rest } = invitation;
  return { ...rest, state: 'deactivated' satisfies State };
}

function roleRecord({ error, ...role }: GrantedRole) {
  return error === undefined ? role : { ...role, error: error.toRecord() };
}

/** `EnvironmentAdmin on environment=env-abc granted`, one after the other. */
export function grantsInWords(value: unknown, { dry_run }: Fields): string {
  const roles = Array.isArray(value) ? (value as readonly ReturnType<typeof roleRecord>[]) : [];
  return roles
    .map(({ role_name, crn_pattern, outcome }) => {
      const isChange = outcome === 'granted' || outcome === 'revoked';
      const words = dry_run && isChange ? `would be ${outcome}` : outcome.replaceAll('_', ' ');
      return `${roleOn({ role_name, crn_pattern })} ${words}`;
    })
    .join(', ');
}

type Failure = Result & { readonly error: CliError };

/** Counts what became of many targets, and says at the end what that means for the command. */
export class Tally extends OutcomeCounts {
  readonly #failures: Failure[] = [];
  readonly #correct: (result: Result) => Result;
  /** Why nothing more is to be sent. */
  stopped: CliError | undefined;

  /** @param correct Corrects a result before it counts: `--strict` makes failures of some. */
  constructor(correct: (result: Result) => Result = (result) => result) {
    super();
    this.#correct = correct;
  }

  add(done: Result): Result {
    const result = this.#correct(done);
    const { outcome, error } = result;
    if (this.counted(outcome, error) && error !== undefined) this.#failures.push({ ...result, error });
    return result;
  }

  /**
   * The one failure that the whole command ends with; undefined if all went well.
   * @param interrupted Why no new change was begun, if somebody or the time ended it.
   */
  error(interrupted?: CliError): CliError | undefined {
    const failures = this.#failures;
    const missed = this.count('not_attempted');
    const ended = this.#isStopped(missed) ? this.stopped : missed > 0 ? interrupted : undefined;
    const reasons = reasonLines(failures);
    if (ended !== undefined) {
      const why = ended.details.reason;
      const left = missed === 0 ? [] : `${missed} of ${this.total} were not attempted`;
      const others = reasons.filter((line) => why === undefined || !line.endsWith(`× ${why}`));
      return ended.with({ reason: [why ?? [], left, others].flat().join('\n') });
    }
    if (failures.length === 0) return undefined;
    // `--strict` alone fails like this: then the conflict is all there is to tell.
    const isConflict = failures.every(({ error, outcome }) => error.code === 'already_exists' && outcome !== 'failed');
    const code = isConflict ? 'already_exists' : 'partial_failure';
    const details = { reason: reasons.join('\n'), hints: hintsFor(failures) };
    return new CliError(code, `${failures.length} of ${this.total} failed`, details);
  }

  /** An outage that kept nobody waiting is a failure among others, unless there is nothing but failures. */
  #isStopped(missed: number): boolean {
    if (this.stopped === undefined) return false;
    return missed > 0 || this.#failures.length === this.total || this.stopped.exitCode !== exitCodes.network;
  }
}

/** More than these are not read. */
const mostShown = 10;

function reasonLines(failures: readonly Failure[]): string[] {
  const lines = frequencies(failures.map(generalReason)).map(([reason, count]) => `${count} × ${reason}`);
  return firstOf(lines, mostShown, 'other reasons');
}

/** Who it is about is taken out of the reason, so that one refusal of many people is one line. */
function generalReason({ target, user = '', invitation = {}, error }: Failure): string {
  const { reason = error.message, http_status } = error.details;
  const status = http_status === undefined || reason.includes(String(http_status)) ? '' : ` (HTTP ${http_status})`;
  const names = [target, user, textAt(invitation, 'email') ?? '', textAt(invitation, 'user', 'id') ?? ''];
  return names.filter((name) => name !== '').reduce((text, name) => text.replaceAll(name, '…'), `${reason}${status}`);
}

/** What repairs single ones, and what helps against every one. */
function hintsFor(failures: readonly Failure[]): string[] {
  const hintsOf = ({ error }: Failure) => error.details.hints ?? [];
  const repairs = failures.filter(({ error }) => error.code === 'partial_failure').flatMap(hintsOf);
  if (repairs.length > 0) return [...new Set(repairs)].slice(0, mostShown);
  const [first, ...others] = failures;
  const shared = first === undefined ? [] : hintsOf(first);
  return [...new Set(shared)].filter((hint) => others.every((one) => hintsOf(one).includes(hint)));
}

/** Whether somebody else's row would have met the same failure: then it says nothing against this row. */
export function affectsEveryTarget(error: CliError): boolean {
  return allTheSame.has(exitCodes[error.code]) || error.code === 'tls' || error.code === 'io_error';
}

const allTheSame: ReadonlySet<number> = new Set([
  exitCodes.auth_invalid,
  exitCodes.quota_exceeded,
  exitCodes.cancelled,
]);
