import { jsonText } from '../text/json-fields.ts';
import { recordsOf } from './fields.ts';
import type { Renderer } from './view.ts';

/** Characters held back until all is there: up to here a source that fails prints nothing at all. */
const mostHeld = 16 * 1024 * 1024;

export const jsonRenderer: Renderer = {
  async *many(view, batches, options) {
    const toRecord = recordsOf(view, options);
    let held: string[] | undefined = [];
    let size = 0;
    for await (const batch of batches) {
      if (batch.length === 0) continue;
      const records = batch.map(toRecord);
      const opening = size === 0 ? (options.isTTY ? '[\n' : '[') : ',\n';
      const text = opening + (options.isTTY ? jsonText(records, 2).slice(2, -2) : jsonLines(records, ',\n'));
      size += text.length;
      held?.push(text);
      if (size <= mostHeld) continue;
      yield held?.join('') ?? text;
      held = undefined;
    }
    yield (held?.join('') ?? '') + (size === 0 ? '[]\n' : options.isTTY ? '\n]\n' : ']\n');
  },
  one: (view, item, options) => `${jsonText(recordsOf(view, options)(item), options.isTTY ? 2 : undefined)}\n`,
};

/** One JSON object a line, as they come. */
export const ndjsonRenderer: Renderer = {
  async *many(view, batches, options) {
    const toRecord = recordsOf(view, options);
    for await (const batch of batches) if (batch.length > 0) yield `${jsonLines(batch.map(toRecord), '\n')}\n`;
  },
  one: (view, item, options) => `${jsonText(recordsOf(view, options)(item))}\n`,
};

function jsonLines(records: readonly unknown[], separator: string): string {
  return records.map((record) => jsonText(record)).join(separator);
}
