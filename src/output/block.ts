import { cellOf, placeOf } from './cells.ts';
import { valueAt } from './fields.ts';
import { parseTime, relativeTime } from './times.ts';
import type { Paper, View } from './view.ts';

/** One item as aligned `field: value` lines; to a person a time is said in words too. */
export function block<T>(view: View<T>, item: T, paper: Paper): string {
  const record = view.record(item);
  const names = paper.fields ?? view.block.filter((name) => valueAt(record, name) !== undefined);
  const width = Math.max(...names.map((name) => name.length)) + 1;
  return names.map((name) => `${`${name}:`.padEnd(width)} ${shownValue(name)}\n`).join('');

  function shownValue(name: string): string {
    const place = placeOf(view, name);
    const text = cellOf(record, place);
    if (!place.isTime || !paper.isTTY || parseTime(text) === undefined) return text;
    return `${text} (${relativeTime(text, paper.now)})`;
  }
}
