import { Writable } from 'node:stream';
import { createPromptModule } from 'inquirer';
import { CliError } from '../errors.ts';

/** Where a question is asked: keys from one stream, drawing on the other, which is stderr and never stdout. */
export interface Prompter {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  readonly signal?: AbortSignal;
  /** False draws without colours. */
  readonly color?: boolean;
}

export interface Choice<T> {
  readonly name: string;
  readonly value: T;
}

/** True if the text will do, else what is wrong with it. */
export type Check = (text: string) => true | string;

interface Question {
  readonly type: string;
  readonly message: string;
  readonly [option: string]: unknown;
}

interface Key {
  readonly name?: string;
  readonly ctrl?: boolean;
}

/** Enter alone means no. Every question throws `cancelled` at Ctrl-C, Ctrl-D, or when the desk's signal aborts. */
export function askYesNo(desk: Prompter, message: string): Promise<boolean> {
  return ask(desk, { type: 'confirm', message, default: false });
}

export function askText(desk: Prompter, message: string, options: { readonly validate?: Check } = {}): Promise<string> {
  return askLine(desk, { type: 'input', message }, options.validate ?? (() => true));
}

/** Only stars are drawn, and no key turns them into the text. */
export function askSecret(desk: Prompter, message: string): Promise<string> {
  const check: Check = (text) => text.trim() !== '' || 'type or paste it, then press Enter';
  return askLine(desk, { type: 'password', message, mask: '*', toggleMask: false }, check);
}

export function askChoice<T>(desk: Prompter, message: string, choices: readonly Choice<T>[]): Promise<T> {
  return ask(desk, { type: 'select', message, choices });
}

/** A list that shrinks to what fits as somebody types. */
export function askSearch<T>(desk: Prompter, message: string, choices: readonly Choice<T>[]): Promise<T> {
  const source = (term = '') => {
    const words = term.toLowerCase().split(/\s+/);
    return choices.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
  };
  return ask(desk, { type: 'search', message, source });
}

async function ask<T>({ input, output, signal, color }: Prompter, question: Question): Promise<T> {
  const leave = new AbortController();
  const quit = () => leave.abort();
  const quitAtCtrlD = (_: unknown, key?: Key) => {
    if (key?.ctrl && key.name === 'd') quit();
  };
  signal?.addEventListener('abort', quit);
  input.on('keypress', quitAtCtrlD).on('end', quit).on('close', quit);
  if (signal?.aborted) quit();
  try {
    const prompt = createPromptModule({ input, output: drawnOn(output, color), signal: leave.signal });
    // The options of each type are known here, and inquirer's own types do not let a list of them through.
    const answers: { answer: unknown } = await prompt([{ ...question, name: 'answer' }] as never);
    return answers.answer as T;
  } catch (error) {
    throw meaningOf(error, signal);
  } finally {
    signal?.removeEventListener('abort', quit);
    input.off('keypress', quitAtCtrlD).off('end', quit).off('close', quit);
  }
}

/** Lines that were pasted together with the first are an error: they would be lost in silence. */
async function askLine(desk: Prompter, question: Question, check: Check): Promise<string> {
  let isEntered = false;
  let isTorn = false;
  const watch = (_: unknown, key?: Key) => {
    isTorn ||= isEntered && key?.name !== 'return' && key?.name !== 'enter';
  };
  const validate = async (text: string) => {
    isEntered = true;
    await morePieces();
    isEntered = false;
    return isTorn || check(text);
  };
  desk.input.on('keypress', watch);
  try {
    const answer = await ask<string>(desk, { ...question, validate });
    if (!isTorn) return answer;
  } finally {
    desk.input.off('keypress', watch);
  }
  const hints = ['paste one line, without the line break in it'];
  throw new CliError('usage', `cannot take several lines for "${question.message}"`, { hints });
}

/** A long paste comes in pieces: gives those that have arrived by now a chance to be read. */
async function morePieces(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

const cursorSwitch = /\x1b\[\?25[lh]/g;
const colors = /\x1b\[[\d;]*m/g;

/** Never hides the cursor: a process that is killed in the middle of a question could not show it again. */
function drawnOn(output: NodeJS.WriteStream, color = true): NodeJS.WriteStream {
  const drawing = new Writable({
    write: (chunk, _, done) => {
      const text = String(chunk).replace(cursorSwitch, '');
      output.write(color ? text : text.replace(colors, ''));
      done();
    },
  });
  return Object.assign(drawing, {
    isTTY: true,
    columns: output.columns,
    rows: output.rows,
  }) as unknown as NodeJS.WriteStream;
}

const leavings = new Set(['ExitPromptError', 'AbortPromptError', 'CancelPromptError']);

function meaningOf(error: unknown, signal: AbortSignal | undefined): unknown {
  if (!(error instanceof Error) || !leavings.has(error.name)) return error;
  if (signal?.reason instanceof CliError) return signal.reason;
  return new CliError('cancelled', 'cancelled');
}
