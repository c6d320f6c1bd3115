import { CliError } from '../errors.ts';
import type { Host } from '../host.ts';
import { colorLevel } from '../output/color.ts';
import { cleanLines } from '../output/sanitize.ts';
import type { Desk } from '../terminal/prompt.ts';
import type { Globals } from './globals.ts';

export interface Question {
  /** One sentence; further lines say what it is about. */
  readonly message: string;
  /** What has to be typed to agree; left out, a plain yes does. */
  readonly phrase?: string;
  /** The flag that answers for scripts. */
  readonly flag: string;
  /** The answer was given on the command line. */
  readonly answered: boolean;
}

/** Where questions are asked; undefined if nobody can be asked. */
export function deskOf({ stdin, stderr, env }: Host, globals: Globals, signal: AbortSignal): Desk | undefined {
  if (!globals.input || !stdin.isTTY || !stderr.isTTY) return undefined;
  const color = colorLevel({ flag: globals.color, env, isTTY: true }) > 0;
  return { input: stdin.stream, output: stderr.stream, signal, color };
}

/** Returns if the answer is yes. Throws `cancelled` on no, `confirmation_required` where nobody can be asked. */
export async function confirm(desk: Desk | undefined, question: Question): Promise<void> {
  if (question.answered) return;
  if (desk === undefined) {
    throw new CliError('confirmation_required', 'this needs a confirmation, and nobody can be asked here', {
      reason: cleanLines(question.message).split('\n', 1)[0] ?? '',
      hints: [`${question.flag} confirms`],
    });
  }
  const { askYesNo, askText } = await import('../terminal/prompt.ts');
  const message = cleanLines(question.message);
  const agreed =
    question.phrase === undefined
      ? await askYesNo(desk, message)
      : (await askText(desk, `${message}\ntype ${question.phrase} to confirm:`)) === question.phrase;
  if (!agreed) throw new CliError('cancelled', 'cancelled, nothing was changed');
}
