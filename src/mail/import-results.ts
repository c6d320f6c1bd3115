import { foldEmail } from '../api/email.ts';
import { formatRole } from '../api/roles.ts';
import type { Context } from '../cli/context.ts';
import { CliError, exitCodes } from '../errors.ts';
import { removeFile } from '../files/write.ts';
import { formatColumns } from '../people/columns.ts';
import type { ImportInput, ImportOptions } from '../people/import-input.ts';
import { isCorrected, isRejectedFile, keepAside, markDone, rejectedPath, writeRejected } from '../people/rejected.ts';
import { shellQuote } from '../text/shell.ts';
import type { Result } from './result.ts';
import { affectsEveryTarget } from './tally.ts';

/** One run of an import. */
export interface ImportRun {
  readonly input: ImportInput;
  readonly options: ImportOptions;
}

/** Rows of which a terminal shows every one; of more it shows those that changed something or failed. */
const mostShown = 20;

/** What became of the rows, as far as the end of the import depends on it. */
export class ImportResults {
  readonly #ctx: Context;
  readonly #rows: number;
  readonly #isLarge: boolean;
  #unchanged = 0;
  #isUnfinished = false;
  #seen = 0;
  /** Why rows were refused that have to be corrected, by address. */
  readonly reasons = new Map<string, string>();

  constructor(ctx: Context, rows: number) {
    this.#ctx = ctx;
    this.#rows = rows;
    this.#isLarge = rows > mostShown && ctx.host.stdout.isTTY;
  }

  /** Counts a result; false for what a person need not see. */
  readonly isShown = (result: Result): boolean => {
    const { target, outcome, error } = result;
    this.#seen += 1;
    if (error !== undefined && isFaultOfRow(result)) this.reasons.set(foldEmail(target), reasonOf(error));
    else if (error !== undefined || outcome === 'not_attempted') this.#isUnfinished = true;
    if (outcome === 'not_attempted') return false;
    if (!this.#isLarge || isChange(result)) return true;
    this.#unchanged += 1;
    return false;
  };

  /** Says how many rows a terminal did not show. */
  reportHidden(): void {
    if (this.#unchanged > 0) this.#ctx.remark(`${this.#unchanged} unchanged are not shown (-o csv shows everybody)`);
  }

  /** Whether running the same import again would do more. */
  get isUnfinished(): boolean {
    return this.#isUnfinished || this.#seen < this.#rows;
  }
}

function isChange({ outcome, error, roles = [] }: Result): boolean {
  const isKnown = outcome === 'already_invited' || outcome === 'already_member';
  return error !== undefined || !isKnown || roles.some((role) => role.outcome !== 'already_granted');
}

/** Whether the row has to be corrected: to try again would not help, and other rows fare better. */
function isFaultOfRow({ outcome, error }: Result): boolean {
  if (error === undefined || outcome === 'unknown' || outcome === 'not_attempted') return false;
  const { cause, retryable } = error.details;
  const failure = error.code === 'partial_failure' && cause instanceof CliError ? cause : error;
  return !retryable && !affectsEveryTarget(failure) && failure.exitCode !== exitCodes.network;
}

function reasonOf(error: CliError): string {
  const { message, http_status } = error.toRecord();
  return http_status === null || message.includes(String(http_status)) ? message : `${message} (HTTP ${http_status})`;
}

interface Ending {
  readonly results: ImportResults;
  /** The failure that the command ends with. */
  readonly error?: CliError;
}

/** Brings the file of refused rows up to date, and gives the hints for a failure: one of them is the way on. */
export async function endingHints(ctx: Context, run: ImportRun, { results, error }: Ending): Promise<string[]> {
  const written = await updateRejected(ctx, run, results);
  // What would repair a single row is part of the way on.
  const others = (error?.details.hints ?? []).filter((hint) => !hint.startsWith('invite create '));
  if (results.isUnfinished) {
    const when = error?.code === 'quota_exceeded' ? ' once there is room' : '';
    return [...others, `to continue${when}: ${importCommand(run, run.input.file ?? '-')} --yes`];
  }
  if (written === undefined) return others;
  return [...others, `correct the rows in ${written}, then: ${importCommand(run, written)}`];
}

/** Returns where the refused rows are now, if there are any. The import is done all the same if that fails. */
async function updateRejected(
  ctx: Context,
  { input }: ImportRun,
  { reasons, isUnfinished }: ImportResults,
): Promise<string | undefined> {
  const { file, annotate, understood } = input;
  const path = rejectedPath(file, understood.ignored);
  const isInput = path === file;
  // Its other rows would be lost.
  if (isInput && isUnfinished) return undefined;
  try {
    const corrected = !isInput && (await isCorrected(path, input));
    if (reasons.size === 0) {
      if (isRejectedFile(file) && !isUnfinished)
        ctx.say(`none of the rows in ${file} fails now; it is kept as ${markDone(file)}`);
      else if (!corrected && !isUnfinished && removeFile(path)) ctx.say(`removed ${path}: none of its rows fails now`);
      return undefined;
    }
    if (corrected) ctx.say(`${path} was edited and is kept as ${keepAside(path)}`);
    await writeRejected(path, { ...input, reasons, onProblem: annotate });
    if (isUnfinished) ctx.say(`rows that failed so far are in ${path}`);
    return path;
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    ctx.say(`warning: ${error.toRecord().message}`);
    return undefined;
  }
}

/** The command for this file, with the options that were typed. */
function importCommand({ input: { headings }, options }: ImportRun, file: string): string {
  const words = [
    ...['invite', 'import', file],
    ...(headings.size === 0 ? [] : ['--columns', formatColumns(headings)]),
    ...(options.authType === undefined ? [] : ['--auth-type', options.authType]),
    ...(options.role ?? []).flatMap((role) => ['--role', formatRole(role)]),
    ...(options.allowUnicode ? ['--allow-unicode'] : []),
    ...(options.allowUnknownRoles ? ['--allow-unknown-roles'] : []),
    ...(options.concurrency === undefined ? [] : ['--concurrency', String(options.concurrency)]),
  ];
  return words.map(shellQuote).join(' ');
}
