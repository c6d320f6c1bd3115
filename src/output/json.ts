import { recordOf } from './fields.ts';
import { jsonText, jsonTexts } from './json-text.ts';
import type { Renderer } from './view.ts';

/** Characters held back until all is there: up to here a source that fails prints nothing at all. */
const heldBack = 16 * 1024 * 1024;

/** One JSON document. */
export const renderer: Renderer = {
  async *many(view, batches, paper) {
    // As bytes outside of V8's heap, which would copy texts to and fro while they wait and grow by twice their size.
    const held: Buffer[] = [];
    let size = 0;
    const opening = paper.isTTY ? '[\n' : '[';
    for await (const batch of batches) {
      const records = batch.map((item) => recordOf(view, item, paper));
      for (const items of paper.isTTY ? indentedTexts(records) : jsonTexts(records, ',\n')) {
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
    yield size === 0 ? '[]\n' : paper.isTTY ? '\n]\n' : ']\n';
  },
  one: (view, item, paper) => `${jsonText(recordOf(view, item, paper), paper.isTTY ? 2 : undefined)}\n`,
};

/** The items as they stand inside an indented array, without its first and last line. */
function indentedTexts(records: readonly unknown[]): string[] {
  return records.length === 0 ? [] : [jsonText(records, 2).slice(2, -2)];
}
