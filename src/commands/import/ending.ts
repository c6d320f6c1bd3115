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

interface Ending {
  readonly refusals: Refusals;
  readonly tally: Tally;
}

/** Writes the rows that were refused, and says what can be typed now. */
export async function endingHints(ctx: Context, what: Import, { refusals, tally }: Ending): Promise<string[]> {
  const hints: string[] = [];
  const rejected = rejectedPath(what.input.file);
  if (refusals.reasons.size > 0 && (await written(ctx, rejected, what, refusals))) {
    hints.push(
      `the rows that failed are in ${rejected}; mended, they can be imported: invite import ${shellQuote(rejected)}`,
    );
  }
  const isUnfinished = tally.count('not_attempted') + tally.count('unknown') > 0;
  if (isUnfinished) hints.push(`go on with: ${goingOn(ctx, what)}`);
  return hints;
}

/** The import has been carried out all the same if that file cannot be written. */
async function written(ctx: Context, path: string, { input }: Import, { reasons }: Refusals): Promise<boolean> {
  try {
    await writeRejected(path, input.text, reasons);
    return true;
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    ctx.say(`warning: ${error.toRecord().message}`);
    return false;
  }
}

/** The command that was typed, without asking again. */
function goingOn({ globals }: Context, { input, options }: Import): string {
  const words = [
    'invite',
    ...(globals.profile === undefined ? [] : ['-p', globals.profile]),
    ...(globals.endpoint === undefined ? [] : ['--endpoint', globals.endpoint]),
    ...['import', input.file ?? '-'],
    ...(options.authType === undefined ? [] : ['--auth-type', options.authType]),
    ...(options.role ?? []).flatMap((role) => ['--role', formatRole(role)]),
    ...(options.allowUnicode ? ['--allow-unicode'] : []),
    ...(options.concurrency === undefined ? [] : ['--concurrency', String(options.concurrency)]),
    '--yes',
  ];
  return words.map(shellQuote).join(' ');
}
