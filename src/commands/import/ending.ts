import type { Result } from '../../changes/result.ts';
import { isAboutAll, type Tally } from '../../changes/tally.ts';
import type { Context } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { rejectedPath, writeRejected } from '../../import/rejected.ts';
import { foldEmail } from '../../invitations/email.ts';
import { shellQuote } from '../../output/shell.ts';
import { formatRole } from '../../roles/role.ts';
import type { Import } from './act.ts';

/** The rows that were refused for what is in them. */
export class Refusals {
  readonly reasons = new Map<string, string>();

  /** False for what a person need not see. */
  readonly see = ({ target, outcome, error, done_earlier }: Result): boolean => {
    if (error !== undefined && !isAboutAll(error)) this.reasons.set(foldEmail(target), error.toRecord().message);
    return !done_earlier && outcome !== 'not_attempted';
  };
}

/** Writes the rows that were refused, and says where. The import has been carried out all the same if it cannot. */
export async function keepRefused(ctx: Context, { input }: Import, { reasons }: Refusals): Promise<string[]> {
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
export function wayOn(what: Import, tally: Tally): string[] {
  const isUnfinished = tally.count('not_attempted') + tally.count('unknown') > 0;
  return isUnfinished ? [`go on with: ${goingOn(what)}`] : [];
}

/** The command that was typed, without asking again. */
function goingOn({ input, options }: Import): string {
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
