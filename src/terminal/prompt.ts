import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { createPromptModule } from 'inquirer';
import { CliError } from '../errors.ts';
import { firstOf } from '../text/times.ts';
import { type Choice, type PickerOptions, picker } from './picker.ts';

/** Where questions are asked: keys come from one stream, words go to the other, which is stderr and never stdout. */
export interface Prompter {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  readonly signal?: AbortSignal;
  /** False draws without colors. */
  readonly color?: boolean;
  /** Nothing is redrawn, a list is printed and answered by typing: for dumb terminals and screen readers. */
  readonly isPlain?: boolean;
}

/** True if the text will do, else what is wrong with it. */
type Check = (text: string) => true | string;

/** As inquirer takes it. */
interface Question {
  readonly type: 'input' | 'password';
  readonly message: string;
  readonly [option: string]: unknown;
}

interface Key {
  readonly name?: string;
  readonly ctrl?: boolean;
}

/** Enter alone means no. Every question throws `cancelled` at Ctrl-C, Ctrl-D or Esc, or when the prompter's signal aborts. */
export async function askYesNo(prompter: Prompter, message: string): Promise<boolean> {
  const check: Check = (text) => /^(?:y|yes|n|no)?$/i.test(text.trim()) || 'answer y or n';
  // What was neither is forgotten, so that the next answer begins on an empty line.
  const theme = { validationFailureMode: 'clear' };
  const answer = await ask(prompter, { type: 'input', message: `${message} (y/N)`, theme }, check);
  return /^y/i.test(answer.trim());
}

export function askText(prompter: Prompter, message: string, check: Check = () => true): Promise<string> {
  return ask(prompter, { type: 'input', message }, check);
}

/** Only stars are drawn, and no key turns them into the text. */
export function askSecret(prompter: Prompter, message: string): Promise<string> {
  const check: Check = (text) => text.trim() !== '' || 'type or paste it, then press Enter';
  return ask(prompter, { type: 'password', message, mask: '*', toggleMask: false }, check);
}

function ask(prompter: Prompter, question: Question, check: Check): Promise<string> {
  return prompter.isPlain ? askPlainly(prompter, question, check) : askDrawn(prompter, question, check);
}

/** The value of one choice; what was typed instead of a number where the list is only printed. */
export async function askOne(prompter: Prompter, message: string, choices: readonly Choice[]): Promise<string> {
  const [only = ''] = await pick(prompter, { message, choices, isMultiple: false });
  return only;
}

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
const maxPrinted = 20;

async function pickPlainly(prompter: Prompter, { message, choices, isMultiple }: PickerQuestion) {
  const printed = choices.slice(0, maxPrinted);
  const lines = choices.map(({ name }, index) => `${String(index + 1).padStart(2)}  ${name}`);
  prompter.output.write(`${firstOf(lines, maxPrinted).join('\n')}\n`);
  const expected = isMultiple ? 'numbers or names, separated by spaces' : 'a number or a name';
  const wordsOf = (text: string) => (isMultiple ? text.trim().split(/[\s,]+/) : [text.trim()]).filter(Boolean);
  // Only a number that was printed is one; another may be an id.
  const meant = (word: string) =>
    /^\d+$/.test(word) ? (printed[Number(word) - 1] ?? choices.find(({ value }) => value === word))?.value : word;
  const check: Check = (text) => {
    const words = wordsOf(text);
    const wrong = words.find((word) => meant(word) === undefined);
    if (wrong !== undefined) return `there is no number ${wrong}`;
    return words.length > 0 || `type ${expected}; Ctrl-D cancels`;
  };
  const answer = await askPlainly(prompter, { type: 'input', message: `${message} (${expected}):` }, check);
  return wordsOf(answer).flatMap((word) => meant(word) ?? []);
}

/** Asks again until the text is valid. */
async function askPlainly(prompter: Prompter, question: Question, check: Check): Promise<string> {
  for (;;) {
    const text = await readLine(prompter, question);
    const result = check(text);
    if (result === true) return text;
    prompter.output.write(`${result}\n`);
  }
}

type PromptContext = Required<Pick<Prompter, 'input' | 'output' | 'signal'>>;

async function run<T>(prompter: Prompter, show: (context: PromptContext) => Promise<T>): Promise<T> {
  const { input, output, signal, color } = prompter;
  const cancel = new AbortController();
  const quit = () => cancel.abort();
  // Ctrl-C ends what reads the line by itself.
  const quitAtKey = (_: unknown, key?: Key) => {
    if (key?.name === 'escape' || (key?.ctrl === true && key.name === 'd')) quit();
  };
  signal?.addEventListener('abort', quit);
  input.on('keypress', quitAtKey).on('end', quit).on('close', quit);
  if (signal?.aborted) quit();
  try {
    return await show({ input, output: drawnOn(output, color), signal: cancel.signal });
  } catch (error) {
    throw error instanceof Error && cancelErrors.includes(error.name) ? cancelled(signal) : error;
  } finally {
    signal?.removeEventListener('abort', quit);
    input.off('keypress', quitAtKey).off('end', quit).off('close', quit);
  }
}

/** Lines that were pasted together with the first are an error: they would be lost in silence. */
async function askDrawn(prompter: Prompter, question: Question, check: Check): Promise<string> {
  let isEntered = false;
  let hasMore = false;
  const watch = (_: unknown, key?: Key) => {
    hasMore ||= isEntered && key?.name !== 'return' && key?.name !== 'enter';
  };
  const validate = async (text: string) => {
    isEntered = true;
    await moreInput();
    isEntered = false;
    return hasMore || check(text);
  };
  prompter.input.on('keypress', watch);
  try {
    const { answer }: { answer: unknown } = await run(prompter, (context) =>
      // The options of each type are known here, and inquirer's own types do not let a list of them through.
      createPromptModule(context)([{ ...question, validate, name: 'answer' }] as never),
    );
    if (!hasMore) return String(answer);
  } finally {
    prompter.input.off('keypress', watch);
  }
  throw severalLines(question.message);
}

function severalLines(question: string): CliError {
  const [sentence] = question.split('\n');
  const hints = ['paste one line, without the line break in it'];
  return new CliError('usage', `cannot take several lines for "${sentence}"`, { hints });
}

/** A paste of several lines, or a long one, comes in pieces: lets those that have arrived by now be read. */
async function moreInput(): Promise<void> {
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

const cancelErrors = ['ExitPromptError', 'AbortPromptError', 'CancelPromptError'];

function cancelled(signal: AbortSignal | undefined): CliError {
  return signal?.reason instanceof CliError ? signal.reason : new CliError('cancelled', 'cancelled');
}

/** Asks on one line and reads a line, nothing redrawn; a secret is not shown. */
function readLine(prompter: Prompter, { type, message }: Question): Promise<string> {
  const { output } = prompter;
  const isSecret = type === 'password';
  const nowhere = new Writable({ write: (_, __, done) => done() });
  // With a terminal of its own, readline takes key by key, and nothing echoes them.
  const unseen = { terminal: true, output: nowhere, historySize: 0, escapeCodeTimeout: 50 };
  return run(prompter, async ({ input, signal }) => {
    const lines = createInterface({ input, signal, ...(isSecret ? unseen : { terminal: false }) });
    // Not before the terminal has ceased to echo: a secret may be pasted at once.
    output.write(`${message} `);
    const read: string[] = [];
    await new Promise<void>((resolve) => {
      lines.on('line', (line) => {
        read.push(line);
        resolve();
      });
      lines.on('close', resolve);
    });
    await moreInput();
    lines.close();
    const [line, ...more] = read;
    const isCancelled = line === undefined || read.some((text) => text.includes('\x1b'));
    if (isCancelled || isSecret) output.write('\n');
    if (isCancelled) throw cancelled(prompter.signal);
    if (more.length > 0) throw severalLines(message);
    return line;
  });
}
