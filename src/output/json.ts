import { CliError } from '../errors.ts';
import { jsonSafe } from '../text/sanitize.ts';
import { recordsOf } from './fields.ts';
import type { Renderer } from './view.ts';

/** JSON that is safe on a terminal, on one line unless indented. Throws `bad_response` if the value is nested too deeply. */
export function jsonText(value: unknown, indent?: number): string {
  return jsonSafe(orTooDeep(() => JSON.stringify(value, null, indent)));
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

/** Characters held back until all is there: up to here a source that fails prints nothing at all. */
const heldBack = 16 * 1024 * 1024;

/** One JSON document. */
export const jsonRenderer: Renderer = {
  async *many(view, batches, options) {
    // As bytes outside of V8's heap, which would copy texts to and fro while they wait and grow by twice their size.
    const held: Buffer[] = [];
    const toRecord = recordsOf(view, options);
    let size = 0;
    const opening = options.isTTY ? '[\n' : '[';
    for await (const batch of batches) {
      const records = batch.map(toRecord);
      for (const items of options.isTTY ? indentedTexts(records) : jsonTexts(records, ',\n')) {
        const text = (size === 0 ? opening : ',\n') + items;
        size += text.length;
        if (size <= heldBack) {
          held.push(Buffer.from(text));
          continue;
        }
        // Each is let go before the next one becomes a text again.
        for (let bytes = held.shift(); bytes !== undefined; bytes = held.shift()) yield bytes.toString();
        yield text;
      }
    }
    for (const bytes of held) yield bytes.toString();
    yield size === 0 ? '[]\n' : options.isTTY ? '\n]\n' : ']\n';
  },
  one: (view, item, options) => `${jsonText(recordsOf(view, options)(item), options.isTTY ? 2 : undefined)}\n`,
};

/** One JSON object a line, as they come. */
export const ndjsonRenderer: Renderer = {
  async *many(view, batches, options) {
    const toRecord = recordsOf(view, options);
    for await (const batch of batches) {
      for (const text of jsonTexts(batch.map(toRecord), '\n')) yield `${text}\n`;
    }
  },
  one: (view, item, options) => `${jsonText(recordsOf(view, options)(item))}\n`,
};

/** The items as they stand inside an indented array, without its first and last line. */
function indentedTexts(records: readonly unknown[]): string[] {
  return records.length === 0 ? [] : [jsonText(records, 2).slice(2, -2)];
}

/**
 * A text that holds one character beyond Latin-1 takes two bytes for each, and V8 on Node 20 needs a millisecond more for
 * a string of 128 KiB or above. A page of a list would be one.
 */
const longestText = 32 * 1024;

/** Texts of several values, each on one line, with the separator between them. */
function* jsonTexts(values: readonly unknown[], separator: string): Generator<string, void> {
  let text = '';
  for (const value of values) {
    const json = jsonText(value);
    text = text === '' ? json : text + separator + json;
    if (text.length < longestText) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}
