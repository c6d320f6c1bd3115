import type { Result } from '../../changes/result.ts';
import { affectsEveryTarget, type Tally } from '../../changes/tally.ts';
import { formatRole } from '../../confluent/roles.ts';
import type { Context } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { rejectedPath, writeRejected } from '../../import/rejected.ts';
import { foldEmail } from '../../invitations/email.ts';
import { shellQuote } from '../../text/shell.ts';
import type { ImportRun } from './import-run.ts';

/** The rows that were refused for what is in them. */
export class RejectedRows {
  readonly reasons = new Map<string, string>();

  /** False for what a person need not see. */
  readonly see = ({ target, outcome, error, done_earlier }: Result): boolean => {
    if (error !== undefined && !affectsEveryTarget(error))
      this.reasons.set(foldEmail(target), error.toRecord().message);
    return !done_earlier && outcome !== 'not_attempted';
  };
}

/** Writes the rows that were refused, and says where. The import has been carried out all the same if it cannot. */
export async function writeRejectedRows(
  ctx: Context,
  { input }: ImportRun,
  { reasons }: RejectedRows,
): Promise<string[]> {
  if (reasons.size === 0) return [];
  const { file, text, mark } = input;
  const path = rejectedPath(file);
  try {
    await writeRejected(path, { text, reasons, hear: mark });
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    ctx.say(`warning: ${error.toRecord().message}`);
    return [];
  }
  return [`the rows that failed are in ${path}; mended, they can be imported: invite import ${shellQuote(path)}`];
}

/** What can be typed where something is left to do. */
export function resumeHints(what: ImportRun, tally: Tally): string[] {
  const isUnfinished = tally.count('not_attempted') + tally.count('unknown') > 0;
  return isUnfinished ? [`go on with: ${resumeCommand(what)}`] : [];
}

/** The command that was typed, without asking again. */
function resumeCommand({ input, options }: ImportRun): string {
  const words = [
    ...['invite', 'import', input.file ?? '-'],
    ...(options.authType === undefined ? [] : ['--auth-type', options.authType]),
    ...(options.role ?? []).flatMap((role) => ['--role', formatRole(role)]),
    ...(options.allowUnicode ? ['--allow-unicode'] : []),
    ...(options.concurrency === undefined ? [] : ['--concurrency', String(options.concurrency)]),
    '--yes',
  ];
  return words.map(shellQuote).join(' ');
}
