import { CliError } from '../errors.ts';
import { jsonSafe } from '../text/sanitize.ts';

/** JSON that is safe on a terminal, on one line unless indented. Throws `bad_response` if the value is nested too deeply. */
export function jsonText(value: unknown, indent?: number): string {
  return jsonSafe(orTooDeep(() => JSON.stringify(value, null, indent)));
}

/**
 * A text that holds one character beyond Latin-1 takes two bytes for each, and V8 on Node 20 needs a millisecond more for
 * a string of 128 KiB or above. A page of a list would be one.
 */
const longest = 32 * 1024;

/** JSON that is safe on a terminal: texts of several values, each on one line, with the separator between them. */
export function* jsonTexts(values: readonly unknown[], separator: string): Generator<string, void> {
  let text = '';
  for (const value of values) {
    const json = jsonText(value);
    text = text === '' ? json : text + separator + json;
    if (text.length < longest) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}

/** A writer that descends into the value runs out of stack on what only a broken or hostile server sends. */
export function orTooDeep(write: () => string): string {
  try {
    return write();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new CliError('bad_response', 'cannot print an answer that is nested so deeply', { cause });
  }
}
