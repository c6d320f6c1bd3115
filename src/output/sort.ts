import { jsonText, valueAt } from '../text/json-fields.ts';
import { parseTime } from '../text/times.ts';
import { checkFields, fieldNamed } from './fields.ts';
import type { View } from './view.ts';

interface SortOptions {
  /** A field, under any of its names. */
  readonly sort?: string;
  readonly reverse?: boolean;
  readonly limit?: number;
  /** Called with the number of rows that were passed on. */
  readonly counted?: { rows: number };
}

/** The rows in the order and the number asked for. Sorting needs them all; without it they pass through as they arrive. */
export async function* sortAndLimit<T>(view: View<T>, batches: AsyncIterable<readonly T[]>, options: SortOptions) {
  const { sort, reverse = false, limit = Number.POSITIVE_INFINITY, counted = { rows: 0 } } = options;
  if (sort !== undefined) checkFields(view, [sort]);
  const source = sort === undefined && !reverse ? batches : ordered(view, batches, { sort, reverse });
  for await (const batch of source) {
    const rows = batch.slice(0, limit - counted.rows);
    counted.rows += rows.length;
    if (rows.length > 0) yield rows;
    if (counted.rows >= limit) return;
  }
}

interface Order {
  readonly sort: string | undefined;
  readonly reverse: boolean;
}

async function* ordered<T>(view: View<T>, batches: AsyncIterable<readonly T[]>, { sort, reverse }: Order) {
  const all: T[] = [];
  for await (const batch of batches) for (const row of batch) all.push(row);
  if (sort !== undefined) yield sortedBy(view, all, { field: fieldNamed(view, sort) ?? sort, reverse });
  else yield all.reverse();
}

/** Rows without the field come last, either way round. Times are compared as times: their zones may differ. */
function sortedBy<T>(view: View<T>, rows: readonly T[], { field, reverse }: { field: string; reverse: boolean }): T[] {
  const isTime = view.times.includes(field);
  const keyed = rows.map((row) => ({ row, key: keyOf(valueAt(view.record(row), ...field.split('.')), isTime) }));
  const sign = reverse ? -1 : 1;
  keyed.sort((a, b) => {
    if (a.key === b.key) return 0;
    if (a.key === undefined || b.key === undefined) return a.key === undefined ? 1 : -1;
    return a.key < b.key ? -sign : sign;
  });
  return keyed.map(({ row }) => row);
}

function keyOf(value: unknown, isTime: boolean): string | number | undefined {
  if (value === null || value === undefined || value === '') return undefined;
  if (isTime) return parseTime(value);
  return typeof value === 'object' ? jsonText(value) : String(value);
}
