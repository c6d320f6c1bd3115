import { CliError } from '../errors.ts';
import type { Host } from '../host.ts';
import type { Redactor } from '../http/redact.ts';
import { formatDefinition } from '../output/formats.ts';
import { colorLevel } from '../output/style.ts';
import type { Prompter } from '../terminal/prompt.ts';
import { cleanLines } from '../text/sanitize.ts';
import type { GlobalOptions } from './global-options.ts';

/** Something on the terminal that lines must not be written into. */
export interface Overlay {
  hide(): void;
  show(): void;
}

/** Words on stderr: cleaned, redacted, and out of the way of what is drawn there. */
export interface Messages {
  print(text: string): void;
  /** The same, unless `--quiet` asks for silence. */
  say(text: string): void;
  /** What is only of use to somebody who looks at a table. */
  remark(text: string): void;
  setOverlay(drawing: Overlay | undefined): void;
  /** Draws a line in place of the one before and of what is drawn; undefined takes it away. */
  status(line: string | undefined): void;
  /** Lets the line make room for what is written to the terminal by other ways. */
  withoutStatus<T>(write: () => T): T;
}

interface MessagesOptions {
  readonly host: Host;
  readonly globals: GlobalOptions;
  readonly redactor: Redactor;
}

export function createMessages({ host, globals, redactor }: MessagesOptions): Messages {
  let drawing: Overlay | undefined;
  let line: string | undefined;
  const draw = (text: string) => void host.stderr.write(text).catch(() => {});
  const aside = <T>(write: () => T): T => {
    if (line === undefined) return write();
    draw(clearLine);
    const result = write();
    draw(line);
    return result;
  };
  const print = (text: string) => {
    const words = cleanLines(redactor.redact(text)).replace(/\n*$/, '\n');
    drawing?.hide();
    // A reader of stderr that has gone is no reason to stop.
    aside(() => host.stderr.write(words).catch(() => {}));
    drawing?.show();
  };
  const say = (text: string) => (globals.quiet ? undefined : print(text));
  return {
    print,
    say,
    remark: (text) => (formatDefinition(globals.output).reader === 'person' ? say(text) : undefined),
    setOverlay: (now) => {
      drawing = now;
      if (line !== undefined) now?.hide();
    },
    status: (text) => {
      if (line === undefined && text !== undefined) drawing?.hide();
      if (line !== undefined) draw(clearLine);
      const wasShown = line !== undefined;
      line = text === undefined ? undefined : fitted(cleanLines(redactor.redact(text)), host.stderr.columns);
      if (line !== undefined) draw(line);
      else if (wasShown) drawing?.show();
    },
    withoutStatus: aside,
  };
}

const clearLine = '\r\u001b[K';

/** On one line: one that wraps could not be drawn over. */
function fitted(text: string, columns = 80): string {
  return text.length < columns ? text : `${text.slice(0, Math.max(0, columns - 2))}…`;
}

export interface Confirmation {
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
export function prompterFor(
  { stdin, stderr, env }: Host,
  globals: GlobalOptions,
  signal: AbortSignal,
): Prompter | undefined {
  if (!globals.input || !stdin.isTTY || !stderr.isTTY) return undefined;
  const color = colorLevel({ flag: globals.color, env, isTTY: true }) > 0;
  return { input: stdin.stream, output: stderr.stream, signal, color };
}

/** Returns if the answer is yes. Throws `cancelled` on no, `confirmation_required` where nobody can be asked. */
export async function confirm(desk: Prompter | undefined, question: Confirmation): Promise<void> {
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
