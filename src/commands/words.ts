import type { Input } from '../host.ts';
import { readStream } from '../import/source.ts';

const never = new AbortController().signal;

/** The words of the command line; a `-` among them stands for the lines of stdin. Empty lines do not count. */
export async function wordsAndLines(words: readonly string[], stdin: Input, signal = never): Promise<string[]> {
  const all: string[] = [];
  for (const word of words) {
    if (word !== '-') all.push(word);
    else for (const line of await linesOf(stdin, signal)) all.push(line);
  }
  return all;
}

/** As `invite list -o id` writes them, or a file with a mark in front and Windows line ends. */
async function linesOf(stdin: Input, signal: AbortSignal): Promise<string[]> {
  const { bytes } = await readStream(stdin.stream, signal);
  const text = bytes.toString('utf8').replace(/^\ufeff/, '');
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
