import { stringify } from 'csv-stringify/sync';
import { cleanLines } from '../text/sanitize.ts';
import { isNever } from '../text/times.ts';
import { type CellSource, cellSource, valueAtKeys } from './fields.ts';
import { jsonText } from './json-text.ts';
import type { Renderer, RenderOptions, View } from './view.ts';

/** A header, then a record an item, quoted as in RFC 4180. The home of csv-stringify. */
export const renderer: Renderer = {
  async *many(view, batches, options) {
    const { header, record } = columnsFor(view, options);
    yield header;
    for await (const batch of batches) {
      if (batch.length > 0) yield csvText(batch.map(record), options.csvCrlf);
    }
  },
  one: (view, item, options) => {
    const { header, record } = columnsFor(view, options);
    return header + csvText([record(item)], options.csvCrlf);
  },
};

/** What a spreadsheet would run instead of showing it. */
const formula = /^[\s\u00a0]*[=+\-@\t\r]/;

function columnsFor<T>(view: View<T>, { fields = view.csv, csvRaw = false, csvCrlf = false }: RenderOptions) {
  const places = fields.map((field) => cellSource(view, field));
  const record = (item: T): string[] => {
    const values = view.record(item);
    return places.map((place) => cell(values, place, csvRaw));
  };
  return { header: csvText([fields], csvCrlf), record };
}

function cell(values: Record<string, unknown>, { keys, isTime }: CellSource, raw: boolean): string {
  const value = valueAtKeys(values, keys);
  const text = isTime && isNever(value) ? '' : textOf(value);
  return cleanLines(raw ? text : guarded(text));
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? jsonText(value) : String(value);
}

/** A `'` makes text of a formula, also where one begins a further line of the cell. */
function guarded(text: string): string {
  const whole = formula.test(text) ? `'${text}` : text;
  if (!whole.includes('\n')) return whole;
  return whole
    .split('\n')
    .map((line) => (formula.test(line) ? `'${line}` : line))
    .join('\n');
}

/** Records as lines that end with LF, or with the CRLF of RFC 4180. */
export function csvText(rows: readonly (readonly string[])[], crlf = false): string {
  // A record of one empty cell would be an empty line, which readers skip.
  const single = rows[0]?.length === 1;
  // By itself it quotes a line end only if it is the one between records.
  return stringify(rows as string[][], {
    record_delimiter: crlf ? '\r\n' : '\n',
    quoted_empty: single,
    quoted_match: /[\r\n]/,
  });
}
