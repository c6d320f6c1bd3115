import { stringify } from 'csv-stringify/sync';
import { jsonText, valueAt } from '../text/json-fields.ts';
import { cleanLines } from '../text/sanitize.ts';
import { isNever } from '../text/times.ts';
import { type CellSource, cellSource, requestedFields } from './fields.ts';
import type { Renderer, RenderOptions, View } from './view.ts';

/** A header, then one record for each item, quoted as in RFC 4180. The home of csv-stringify. */
export const renderer: Renderer = {
  async *many(view, batches, options) {
    const { header, record, lineEnd } = columnsFor(view, options);
    // The header waits for the first rows: alone it would say that there are none, though the source failed.
    let lead = header;
    for await (const batch of batches) {
      if (batch.length === 0) continue;
      yield lead + csvText(batch.map(record), lineEnd);
      lead = '';
    }
    if (lead !== '') yield lead;
  },
  one: (view, item, options) => {
    const { header, record, lineEnd } = columnsFor(view, options);
    return header + csvText([record(item)], lineEnd);
  },
};

/** What a spreadsheet would evaluate instead of showing it. */
const formula = /^[\s\u00a0]*[=+\-@\t\r]/;

function columnsFor<T>(view: View<T>, options: RenderOptions) {
  const { csvRaw = false, csvCrlf = false } = options;
  const fields = requestedFields(view, options) ?? view.csv;
  const sources = fields.map((field) => ({
    ...cellSource(view, field),
    write: view.csvText?.[field] ?? csvValue,
  }));
  const record = (item: T): string[] => {
    const values = view.record(item, options.now());
    return sources.map((source) => cell(values, source, csvRaw));
  };
  const lineEnd = csvCrlf ? '\r\n' : '\n';
  return { header: csvText([fields], lineEnd), record, lineEnd };
}

interface CsvSource extends CellSource {
  readonly write: (value: unknown) => string;
}

function cell(values: Record<string, unknown>, source: CsvSource, raw: boolean): string {
  const { keys, isTime, write } = source;
  const value = valueAt(values, ...keys);
  const text = isTime && isNever(value) ? '' : write(value);
  return cleanLines(raw ? text : guarded(text));
}

function csvValue(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? jsonText(value) : String(value);
}

/** Puts a `'` before what a spreadsheet would take for a formula, on every line of the cell. */
export function guarded(text: string): string {
  const lines = text.split('\n').map((line) => (formula.test(line) ? `'${line}` : line));
  return lines.join('\n');
}

/** Records as lines that end with LF, with the CRLF of RFC 4180, or with the CR of an old Mac. */
export function csvText(rows: readonly (readonly string[])[], lineEnd = '\n', delimiter = ','): string {
  // A record of one empty cell would be an empty line, which readers skip.
  const single = rows[0]?.length === 1;
  // By itself it quotes a line end only if it is the one between records.
  return stringify(rows as string[][], {
    record_delimiter: lineEnd,
    delimiter,
    quoted_empty: single,
    quoted_match: /[\r\n]/,
  });
}
