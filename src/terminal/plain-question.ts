import { createInterface } from 'node:readline';

/** Keys come from one stream, words go to the other, which is stderr and never stdout. */
export interface Terminal {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  readonly signal?: AbortSignal;
}

/** Asks on one line and reads a line, nothing redrawn. Undefined: the person left, by Ctrl-D, Ctrl-C or Esc. */
export async function readLine(terminal: Terminal, question: string): Promise<readonly string[] | undefined> {
  const { input, output, signal } = terminal;
  if (signal?.aborted) return undefined;
  output.write(`${question} `);
  const lines = createInterface({ input, terminal: false });
  const read: string[] = [];
  try {
    await new Promise<void>((resolve) => {
      lines.on('line', (line) => {
        read.push(line);
        resolve();
      });
      lines.on('close', resolve);
      signal?.addEventListener('abort', () => resolve());
    });
    // Gives lines that were pasted with the first a chance to be seen.
    for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  } finally {
    lines.close();
  }
  const isLeft = read.length === 0 || read.some((line) => line.includes('\x1b'));
  if (isLeft) output.write('\n');
  return isLeft ? undefined : read;
}

/** Reads a line of which nothing is shown. */
export async function readHidden(terminal: Terminal, question: string): Promise<string | undefined> {
  const { input, output, signal } = terminal;
  if (signal?.aborted) return undefined;
  output.write(`${question} `);
  input.setRawMode(true);
  input.setEncoding('utf8');
  let text = '';
  try {
    return await new Promise<string | undefined>((resolve) => {
      const read = (typed: string) => {
        for (const character of typed) {
          if (character === '\r' || character === '\n') return resolve(text);
          if (leaving.includes(character)) return resolve(undefined);
          text = erasing.includes(character) ? text.slice(0, -1) : text + character;
        }
      };
      input.on('data', read).on('end', () => resolve(undefined));
      signal?.addEventListener('abort', () => resolve(undefined));
      input.resume();
    });
  } finally {
    input.removeAllListeners('data');
    input.setRawMode(false);
    input.pause();
    output.write('\n');
  }
}

/** Ctrl-C, Ctrl-D and Esc. */
const leaving = ['\x03', '\x04', '\x1b'];
const erasing = ['\x7f', '\b'];
