import { Writable } from 'node:stream';
import { createPromptModule } from 'inquirer';
import { CliError } from '../errors.ts';
import { type Choice, type PickerOptions, picker } from './picker.ts';
import type { Terminal } from './plain-question.ts';

/** Where questions are asked. */
export interface Prompter extends Terminal {
  /** False draws without colours. */
  readonly color?: boolean;
  /** Nothing is redrawn, a list is printed and answered by typing: for dumb terminals and screen readers. */
  readonly isPlain?: boolean;
}

/** True if the text will do, else what is wrong with it. */
type Check = (text: string) => true | string;

interface Question {
  readonly type: string;
  readonly message: string;
  readonly [option: string]: unknown;
}

interface Key {
  readonly name?: string;
  readonly ctrl?: boolean;
}

/** Enter alone means no. Every question throws `cancelled` at Ctrl-C, Ctrl-D or Esc, or when the prompter's signal aborts. */
export async function askYesNo(prompter: Prompter, message: string): Promise<boolean> {
  if (prompter.isPlain) return /^y(es)?$/i.test((await askPlainly(prompter, `${message} (y/N)`)).trim());
  return ask(prompter, { type: 'confirm', message, default: false });
}

export async function askText(
  prompter: Prompter,
  message: string,
  options: { readonly validate?: Check } = {},
): Promise<string> {
  const check = options.validate ?? (() => true);
  if (prompter.isPlain) return askPlainly(prompter, message, check);
  return askLine(prompter, { type: 'input', message }, check);
}

/** Only stars are drawn, and no key turns them into the text. */
export async function askSecret(prompter: Prompter, message: string): Promise<string> {
  const check: Check = (text) => text.trim() !== '' || 'type or paste it, then press Enter';
  if (!prompter.isPlain) return askLine(prompter, { type: 'password', message, mask: '*', toggleMask: false }, check);
  const { readHidden } = await import('./plain-question.ts');
  for (;;) {
    const text = await readHidden(prompter, message);
    if (text === undefined) throw leftQuestion(prompter.signal);
    const result = check(text);
    if (result === true) return text;
    prompter.output.write(`${result}\n`);
  }
}

/** The value of one choice; what was typed instead of a number where the list is only printed. */
export async function askOne(prompter: Prompter, message: string, choices: readonly Choice[]): Promise<string> {
  const [only = ''] = await pick(prompter, { message, choices, isMultiple: false });
  return only;
}

/** The same for one choice or more. */
export function askMany(prompter: Prompter, message: string, choices: readonly Choice[]): Promise<readonly string[]> {
  return pick(prompter, { message, choices, isMultiple: true });
}

type PickerQuestion = Omit<PickerOptions, 'columns'>;

async function pick(prompter: Prompter, question: PickerQuestion): Promise<readonly string[]> {
  if (prompter.isPlain) return pickPlainly(prompter, question);
  const columns = () => prompter.output.columns || 80;
  return run(prompter, (context) => picker({ ...question, columns }, context));
}

/** More than anybody would hear read out. */
const mostPrinted = 20;

async function pickPlainly(prompter: Prompter, { message, choices, isMultiple }: PickerQuestion) {
  const printed = choices.slice(0, mostPrinted).map(({ name }, index) => `${String(index + 1).padStart(2)}  ${name}`);
  const more = choices.length > mostPrinted ? [`and ${choices.length - mostPrinted} more`] : [];
  prompter.output.write(`${[...printed, ...more].join('\n')}\n`);
  const expected = isMultiple ? 'numbers, or as they are called, separated by spaces' : 'a number, or as it is called';
  const wordsOf = (text: string) => (isMultiple ? text.trim().split(/[\s,]+/) : [text.trim()]).filter(Boolean);
  const check: Check = (text) => {
    const words = wordsOf(text);
    const wrong = words.find((word) => /^\d+$/.test(word) && choices[Number(word) - 1] === undefined);
    if (wrong !== undefined) return `there is no number ${wrong}`;
    return words.length > 0 || `type ${expected}; Ctrl-D leaves`;
  };
  const answer = await askPlainly(prompter, `${message} (${expected}):`, check);
  return wordsOf(answer).map((word) => (/^\d+$/.test(word) ? (choices[Number(word) - 1]?.value ?? word) : word));
}

async function askPlainly(prompter: Prompter, question: string, check: Check = () => true): Promise<string> {
  const { readLine } = await import('./plain-question.ts');
  for (;;) {
    const lines = await readLine(prompter, question);
    if (lines === undefined) throw leftQuestion(prompter.signal);
    if (lines.length > 1) throw severalLines(question);
    const result = check(lines[0] ?? '');
    if (result === true) return lines[0] ?? '';
    prompter.output.write(`${result}\n`);
  }
}

type PromptContext = Required<Terminal>;

async function ask<T>(prompter: Prompter, question: Question): Promise<T> {
  return run(prompter, async (context) => {
    const prompt = createPromptModule(context);
    // The options of each type are known here, and inquirer's own types do not let a list of them through.
    const answers: { answer: unknown } = await prompt([{ ...question, name: 'answer' }] as never);
    return answers.answer as T;
  });
}

async function run<T>(prompter: Prompter, show: (context: PromptContext) => Promise<T>): Promise<T> {
  const { input, output, signal, color } = prompter;
  const leave = new AbortController();
  const quit = () => leave.abort();
  const quitAtKey = (_: unknown, key?: Key) => {
    if (key?.name === 'escape' || (key?.ctrl && key.name === 'd')) quit();
  };
  signal?.addEventListener('abort', quit);
  input.on('keypress', quitAtKey).on('end', quit).on('close', quit);
  if (signal?.aborted) quit();
  try {
    return await show({ input, output: drawnOn(output, color), signal: leave.signal });
  } catch (error) {
    throw isLeft(error) ? leftQuestion(signal) : error;
  } finally {
    signal?.removeEventListener('abort', quit);
    input.off('keypress', quitAtKey).off('end', quit).off('close', quit);
  }
}

/** Lines that were pasted together with the first are an error: they would be lost in silence. */
async function askLine(prompter: Prompter, question: Question, check: Check): Promise<string> {
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
  prompter.input.on('keypress', watch);
  try {
    const answer = await ask<string>(prompter, { ...question, validate });
    if (!isTorn) return answer;
  } finally {
    prompter.input.off('keypress', watch);
  }
  throw severalLines(question.message);
}

function severalLines(question: string): CliError {
  const hints = ['paste one line, without the line break in it'];
  return new CliError('usage', `cannot take several lines for "${question}"`, { hints });
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
  // Asked for at each drawing: the window may have been resized.
  const size = { columns: { get: () => output.columns }, rows: { get: () => output.rows } };
  return Object.defineProperties(Object.assign(drawing, { isTTY: true }), size) as unknown as NodeJS.WriteStream;
}

const leavingErrors = new Set(['ExitPromptError', 'AbortPromptError', 'CancelPromptError']);

function isLeft(error: unknown): boolean {
  return error instanceof Error && leavingErrors.has(error.name);
}

function leftQuestion(signal: AbortSignal | undefined): CliError {
  return signal?.reason instanceof CliError ? signal.reason : new CliError('cancelled', 'cancelled');
}
