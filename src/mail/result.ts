import { roleOn } from '../api/crn.ts';
import {
  commonColumns,
  type Invitation,
  invitationFields,
  invitationView,
  type State,
  withState,
} from '../api/invitation.ts';
import { countsInWords, type Outcome } from '../cli/outcomes.ts';
import { CliError, exitCodes } from '../errors.ts';
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

/** More different reasons than anybody reads. */
const mostReasons = 200;
const shownReasons = 10;

/** Counts what became of many targets, and says at the end what that means for the command. */
export class Tally {
  readonly counts = new Map<Outcome, number>();
  readonly #reasons = new Map<string, number>();
  readonly #correct: (result: Result) => Result;
  readonly #awaited: { readonly count: number; readonly resolve: () => void }[] = [];
  #stopped: CliError | undefined;
  #total = 0;
  #failures = 0;
  /** By outcome. */
  readonly #failed = new Map<Outcome, number>();
  #conflicts = 0;
  readonly #repairs: string[] = [];
  readonly #hints = new Map<string, number>();

  /** @param correct Corrects a result before it counts: `--strict` makes failures of some. */
  constructor(correct: (result: Result) => Result = (result) => result) {
    this.#correct = correct;
  }

  add(done: Result): Result {
    const result = this.#correct(done);
    this.#total += 1;
    this.counts.set(result.outcome, this.count(result.outcome) + 1);
    // What was left for a person to decide was not tried.
    if (result.error !== undefined && result.outcome !== 'blocked') this.#addFailure(result, result.error);
    for (const { count, resolve } of this.#awaited) if (count <= this.#total) resolve();
    return result;
  }

  /** Resolves once this many targets are counted. */
  reaches(count: number): Promise<void> {
    if (this.#total >= count) return Promise.resolve();
    return new Promise((resolve) => this.#awaited.push({ count, resolve }));
  }

  count(outcome: Outcome): number {
    return this.counts.get(outcome) ?? 0;
  }

  /** "3 created (1 failed), 1 already_invited" */
  summary(): string {
    return countsInWords(this.counts, this.#failed);
  }

  /** Nothing more is to be sent; the first reason counts. */
  stop(reason: CliError): void {
    this.#stopped ??= reason;
  }

  get stopped(): CliError | undefined {
    return this.#stopped;
  }

  get total(): number {
    return this.#total;
  }

  get failures(): number {
    return this.#failures;
  }

  /**
   * The one failure that the whole command ends with; undefined if all went well.
   * @param interrupted Why no new change was begun, if somebody or the time ended it.
   */
  error(interrupted?: CliError): CliError | undefined {
    const missed = this.count('not_attempted');
    const ended = this.#isStopped(missed) ? this.#stopped : missed > 0 ? interrupted : undefined;
    if (ended !== undefined) return this.#ended(ended, missed);
    if (this.#failures === 0) return undefined;
    const reason = this.#reasonLines().join('\n');
    // `--strict` alone fails like this: then the conflict is all there is to tell.
    const code = this.#conflicts === this.#failures ? 'already_exists' : 'partial_failure';
    return new CliError(code, `${this.#failures} of ${this.#total} failed`, {
      reason,
      hints: [...this.#repairs, ...this.#sharedHints()],
    });
  }

  /** An outage that kept nobody waiting is a failure among others, unless there is nothing but failures. */
  #isStopped(missed: number): boolean {
    if (this.#stopped === undefined) return false;
    return missed > 0 || this.#failures === this.#total || this.#stopped.exitCode !== exitCodes.network;
  }

  #ended(failure: CliError, missed: number): CliError {
    const why = failure.details.reason;
    const others = this.#reasonLines().filter((line) => why === undefined || !line.endsWith(`× ${why}`));
    const left = missed === 0 ? [] : [`${missed} of ${this.#total} were not attempted`];
    return failure.with({ reason: [...(why === undefined ? [] : [why]), ...left, ...others].join('\n') });
  }

  /** Who it is about is taken out of the reason, so that one refusal of many people is one line. */
  #addFailure({ target, invitation, outcome }: Result, error: CliError): void {
    this.#failures += 1;
    this.#failed.set(outcome, (this.#failed.get(outcome) ?? 0) + 1);
    if (error.code === 'already_exists' && outcome !== 'failed') this.#conflicts += 1;
    if (error.code === 'partial_failure') {
      if (this.#repairs.length < shownReasons) this.#repairs.push(...(error.details.hints ?? []));
    } else for (const hint of new Set(error.details.hints)) this.#hints.set(hint, (this.#hints.get(hint) ?? 0) + 1);
    const { reason, http_status } = error.details;
    const cause = reason ?? error.message;
    const status = http_status === undefined || cause.includes(String(http_status)) ? '' : ` (HTTP ${http_status})`;
    const words = `${cause}${status}`;
    const person = invitation ?? {};
    const names = [target, textAt(person, 'email') ?? '', textAt(person, 'user', 'id') ?? ''];
    const general = names.filter((name) => name !== '').reduce((text, name) => text.replaceAll(name, '…'), words);
    const key = this.#reasons.size < mostReasons || this.#reasons.has(general) ? general : 'other reasons';
    this.#reasons.set(key, (this.#reasons.get(key) ?? 0) + 1);
  }

  /** What helps against every single failure is worth saying at the end. */
  #sharedHints(): string[] {
    return [...this.#hints].filter(([, count]) => count === this.#failures).map(([hint]) => hint);
  }

  #reasonLines(): string[] {
    const most = [...this.#reasons].sort(([, a], [, b]) => b - a);
    const lines = most.slice(0, shownReasons).map(([reason, count]) => `${count} × ${reason}`);
    const more = most.length - lines.length;
    return more > 0 ? [...lines, `and ${more} other reasons`] : lines;
  }
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
