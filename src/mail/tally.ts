import { countsInWords, type Outcome } from '../cli/outcomes.ts';
import { CliError, exitCodes } from '../errors.ts';
import { textAt } from '../text/json-fields.ts';
import type { Result } from './result.ts';

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
