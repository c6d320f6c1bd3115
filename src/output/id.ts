import { cleanLine } from '../text/sanitize.ts';
import type { Renderer, View } from './view.ts';

/** One id a line; an item without an id prints nothing. */
export const renderer: Renderer = {
  async *many(view, batches) {
    for await (const batch of batches) {
      const text = batch.map((item) => line(view, item)).join('');
      if (text !== '') yield text;
    }
  },
  one: line,
};

function line<T>(view: View<T>, item: T): string {
  const id = view.id(item);
  return id === undefined ? '' : `${cleanLine(id)}\n`;
}
