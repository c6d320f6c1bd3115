import { recordOf } from './fields.ts';
import { jsonText, jsonTexts } from './json-text.ts';
import type { Renderer } from './view.ts';

/** One JSON object a line, as they come. */
export const renderer: Renderer = {
  async *many(view, batches, paper) {
    for await (const batch of batches) {
      const records = batch.map((item) => recordOf(view, item, paper));
      for (const text of jsonTexts(records, '\n')) yield `${text}\n`;
    }
  },
  one: (view, item, paper) => `${jsonText(recordOf(view, item, paper))}\n`,
};
