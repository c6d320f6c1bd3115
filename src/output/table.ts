import { block } from './block.ts';
import { plainTable } from './plain-table.ts';
import type { Paper, Renderer, View } from './view.ts';

/** Rows that a person looks at; more of them, or a pipe, get the plain table. */
const mostDrawn = 100;

/** A table with borders on a terminal, else plain columns as the rows come; one item is a block of lines. */
export const renderer: Renderer = {
  async *many<T>(view: View<T>, batches: AsyncIterable<readonly T[]>, paper: Paper) {
    if (paper.accessible) return yield* blocks(view, batches, paper);
    const plain = plainTable(view, paper.fields);
    let held: readonly T[] = [];
    let isPlain = !paper.isTTY;
    for await (const batch of batches) {
      held = [...held, ...batch];
      isPlain ||= held.length > mostDrawn;
      if (!isPlain || held.length === 0) continue;
      yield await plain(held);
      held = [];
    }
    if (held.length === 0) return;
    const { drawTable } = await import('./drawn-table.ts');
    yield await drawTable(view, held, paper);
  },
  one: block,
};

/** Every item for itself, an empty line between them. */
async function* blocks<T>(view: View<T>, batches: AsyncIterable<readonly T[]>, paper: Paper) {
  let isFirst = true;
  for await (const batch of batches) {
    for (const item of batch) {
      yield isFirst ? block(view, item, paper) : `\n${block(view, item, paper)}`;
      isFirst = false;
    }
  }
}
