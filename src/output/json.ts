import { jsonText, orTooDeep } from '../text/json-fields.ts';
import { jsonSafe } from '../text/sanitize.ts';
import { recordsOf } from './fields.ts';
import type { Batches, Renderer, RenderOptions } from './view.ts';

export const jsonRenderer: Renderer = {
  many: (view, batches, options) => document(batches, recordsOf(view, options), options),
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

async function* document<T>(batches: Batches<T>, toRecord: (item: T) => unknown, { isTTY }: RenderOptions) {
  let opening = isTTY ? '[\n' : '[';
  for await (const batch of batches) {
    if (batch.length === 0) continue;
    const records = batch.map(toRecord);
    yield opening + (isTTY ? jsonText(records, 2).slice(2, -2) : jsonLines(records, ',\n'));
    opening = ',\n';
  }
  if (opening !== ',\n') yield '[]\n';
  else yield isTTY ? '\n]\n' : ']\n';
}

function jsonLines(records: readonly unknown[], separator: string): string {
  // One look at all of them, and not at each, for what would have to be escaped.
  return jsonSafe(orTooDeep(() => records.map((record) => JSON.stringify(record)).join(separator)));
}
