import { CliError } from '../errors.ts';
import type { Host } from '../host.ts';
import type { Redactor } from '../http/redact.ts';
import { formatDefinition } from '../output/formats.ts';
import { colorLevel, isDumb } from '../output/style.ts';
import type { Prompter } from '../terminal/prompt.ts';
import { cleanLines } from '../text/sanitize.ts';
import type { GlobalOptions } from './global-options.ts';

/** Something drawn on the terminal, such as a progress bar, that makes room for messages. */
export interface Overlay {
  hide(): void;
  show(): void;
}

/** Messages on stderr: sanitized, redacted, and kept apart from what is drawn there. */
export interface Messages {
  print(text: string): void;
  /** The same, unless `--quiet` is set. */
  say(text: string): void;
  /** A message of use only to somebody who reads a table. */
  remark(text: string): void;
  setOverlay(drawing: Overlay | undefined): void;
  /** Draws a line in place of the previous one and of the overlay; undefined erases it. */
  status(line: string | undefined): void;
  /** Erases the status line while something else is written to the terminal. */
  withoutStatus<T>(write: () => T): T;
  /** Erases whatever is drawn, before the process ends at once. */
  clear(): void;
}

interface MessagesOptions {
  readonly host: Host;
  readonly globals: GlobalOptions;
  readonly redactor: Redactor;
}

export function createMessages({ host, globals, redactor }: MessagesOptions): Messages {
  let overlay: Overlay | undefined;
  let line: string | undefined;
  const draw = (text: string) => void host.stderr.write(text).catch(() => {});
  const withoutStatus = <T>(write: () => T): T => {
    if (line === undefined) return write();
    draw(clearLine);
    const result = write();
    draw(line);
    return result;
  };
  const print = (text: string) => {
    const message = cleanLines(redactor.redact(text)).replace(/\n*$/, '\n');
    overlay?.hide();
    // A closed stderr is no reason to stop.
    withoutStatus(() => host.stderr.write(message).catch(() => {}));
    overlay?.show();
  };
  const say = (text: string) => (globals.quiet ? undefined : print(text));
  return {
    print,
    say,
    remark: (text) => (formatDefinition(globals.output).reader === 'person' ? say(text) : undefined),
    setOverlay: (next) => {
      overlay = next;
      if (line !== undefined) next?.hide();
    },
    status: (text) => {
      if (line === undefined && text !== undefined) overlay?.hide();
      if (line !== undefined) draw(clearLine);
      const wasShown = line !== undefined;
      line = text === undefined ? undefined : fitLine(cleanLines(redactor.redact(text)), host.stderr.columns);
      if (line !== undefined) draw(line);
      else if (wasShown) overlay?.show();
    },
    withoutStatus,
    clear: () => {
      if (line === undefined) overlay?.hide();
      else draw(clearLine);
      line = undefined;
      overlay = undefined;
    },
  };
}

const clearLine = '\r\u001b[K';

/** Cut to the width of the terminal: a wrapped line could not be erased. */
function fitLine(text: string, columns = 80): string {
  return text.length < columns ? text : `${text.slice(0, Math.max(0, columns - 2))}…`;
}

export interface Confirmation {
  /** One sentence; further lines give details. */
  readonly message: string;
  /** What has to be typed to confirm; without it a yes is enough. */
  readonly phrase?: string;
  /** The flag that confirms in scripts. */
  readonly flag: string;
  /** Confirmed on the command line. */
  readonly answered: boolean;
}

/** Undefined where prompts are not possible. */
export function prompterFor(
  { stdin, stderr, env }: Host,
  globals: GlobalOptions,
  signal: AbortSignal,
): Prompter | undefined {
  if (!globals.input || !stdin.isTTY || !stderr.isTTY) return undefined;
  const color = colorLevel({ flag: globals.color, env, isTTY: true }) > 0;
  const isPlain = isDumb(env) || env.ACCESSIBLE !== undefined;
  return { input: stdin.stream, output: stderr.stream, signal, color, isPlain };
}

/** Returns if the answer is yes. Throws `cancelled` on no, `confirmation_required` where prompts are not possible. */
export async function confirm(prompter: Prompter | undefined, question: Confirmation): Promise<void> {
  if (question.answered) return;
  if (prompter === undefined) {
    throw new CliError('confirmation_required', 'this needs a confirmation, and prompts are not possible here', {
      reason: cleanLines(question.message).split('\n', 1)[0] ?? '',
      hints: [`${question.flag} confirms`],
    });
  }
  const { phrase } = question;
  const message = cleanLines(question.message);
  const { askYesNo } = await import('../terminal/prompt.ts');
  const isConfirmed = phrase === undefined ? await askYesNo(prompter, message) : await typed(prompter, message, phrase);
  if (!isConfirmed) throw new CliError('cancelled', 'cancelled, nothing was changed');
}

/** Whether the phrase was typed, at the second attempt at the latest; an empty answer is a no. */
async function typed(prompter: Prompter, message: string, phrase: string): Promise<boolean> {
  const { askText } = await import('../terminal/prompt.ts');
  const first = (await askText(prompter, `${message}\ntype ${phrase} to confirm:`)).trim();
  if (first === phrase || first === '') return first === phrase;
  const again = `that is not ${phrase}; type it once more, or press Enter to cancel:`;
  return (await askText(prompter, again)).trim() === phrase;
}
