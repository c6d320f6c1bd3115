import { CliError } from '../errors.ts';
import { isJsonObject, jsonText, valueAt } from '../text/json-fields.ts';
import { clean, lazyPattern, lowerAscii, truncate } from '../text/sanitize.ts';
import { didYouMean } from '../text/suggest.ts';
import { isNever, parseTime, relativeTime } from '../text/times.ts';
import type { Batches, Column, Fields, RenderOptions, View } from './view.ts';

/** What has fields that can be named, by themselves or by the titles of columns. */
export type Named = Pick<View<never>, 'fields'> & Partial<Pick<View<never>, 'columns'>>;

/** The field that a name means: the field's own, or the title of its column, in capitals or small letters. */
function fieldNamed(view: Named, name: string): string | undefined {
  if (view.fields.includes(name)) return name;
  const isMeant = (other: string) => other.toLowerCase() === name.toLowerCase();
  return view.columns?.find(({ title }) => isMeant(title.trim()))?.field ?? view.fields.find(isMeant);
}

/** Throws `usage` at the first name that the view does not know. */
export function checkFields(view: Named, names: readonly string[]): void {
  const unknown = names.find((name) => fieldNamed(view, name) === undefined);
  if (unknown === undefined) return;
  throw new CliError('usage', `unknown field "${unknown}"`, {
    hints: [...didYouMean(unknown, view.fields), `known fields: ${view.fields.join(', ')}`],
  });
}

/** The fields that were asked for under any of their names, each once; undefined if none were. */
export function requestedFields<T>(
  view: View<T>,
  { fields }: { readonly fields?: readonly string[] | undefined },
): string[] | undefined {
  return fields === undefined ? undefined : [...new Set(fields.map((name) => fieldNamed(view, name) ?? name))];
}

/** The record with these fields only, in their order and nested as before; one that it lacks is null, so all look alike. */
export function pick(record: Fields, fields: readonly string[]): Fields {
  const picked: Fields = {};
  const outermost = fields.filter((field) => !fields.some((other) => field.startsWith(`${other}.`)));
  for (const field of outermost) placeValue(picked, field.split('.'), valueAt(record, ...field.split('.')) ?? null);
  return picked;
}

/** Turns items into what json, ndjson and yaml show of them. */
export function recordsOf<T>(view: View<T>, options: Pick<RenderOptions, 'fields' | 'now'>): (item: T) => Fields {
  const fields = requestedFields(view, options);
  const record = (item: T) => view.record(item, options.now());
  return fields === undefined ? record : (item) => pick(record(item), fields);
}

function placeValue(target: Fields, [key = '', ...rest]: readonly string[], value: unknown): void {
  const inner = Object.hasOwn(target, key) && isJsonObject(target[key]) ? target[key] : {};
  // Plain assignment to `__proto__` would swap the prototype.
  const placed = { value: rest.length === 0 ? value : inner, enumerable: true, writable: true, configurable: true };
  Object.defineProperty(target, key, placed);
  if (rest.length > 0) placeValue(inner, rest, value);
}

export interface CellSource {
  readonly keys: readonly string[];
  readonly isTime: boolean;
  readonly value?: (record: Fields) => unknown;
  readonly words?: ((value: unknown, record: Fields) => string) | undefined;
}

export interface TableColumn extends Column, CellSource {
  readonly isRequested: boolean;
}

/** The columns of the view, or those that were asked for: by the title of one, or by the name of any field. */
export function columnsOf<T>(view: View<T>, { fields }: Pick<RenderOptions, 'fields'>): TableColumn[] {
  const columns: readonly Column[] = fields?.map((name) => requestedColumn(view, name)) ?? view.columns;
  const isRequested = fields !== undefined;
  return columns.map((column) => ({ ...cellSource(view, column.field), ...column, isRequested }));
}

function requestedColumn<T>(view: View<T>, name: string): Column {
  const titled = view.columns.find(({ title }) => title.trim().toLowerCase() === name.toLowerCase());
  if (titled !== undefined && !view.fields.includes(name)) return titled;
  const field = fieldNamed(view, name) ?? name;
  const narrowest = view.columns.find((column) => column.field === field)?.narrowest;
  return { title: field.toUpperCase(), field, rank: 1, ...(narrowest === undefined ? {} : { narrowest }) };
}

export function cellSource<T>(view: View<T>, field: string): CellSource {
  return { keys: field.split('.'), isTime: view.times.includes(field), words: view.words?.[field] };
}

/** UTF-16 units that even the plainest table gives one cell; more is mischief or a mistake. */
const widestCell = 512;
/** Far more than any cell shows; the rest of a text is not even cleaned. */
const longestRead = 8 * widestCell;

/** The text of a cell: one cleaned line, `-` for nothing; a time as the API sent it, or in words from `now` on. */
export function cellText(record: Fields, { keys, isTime, words, value: read }: CellSource, now?: number): string {
  const value = read === undefined ? valueAt(record, ...keys) : read(record);
  const raw = words === undefined ? plainText(value) : words(value, record);
  const text = isTime && isNever(value) ? '' : afterSpace(clean(raw.slice(0, longestRead)));
  if (text === '') return '-';
  const shown = truncate(text, widestCell);
  return isTime && now !== undefined ? relativeTime(shown, now) : shown;
}

export function rowOf(columns: readonly CellSource[], record: Fields, now?: number): string[] {
  return columns.map((column) => cellText(record, column, now));
}

/** A combining mark at the beginning would join whatever is left of the cell; it gets a space of its own. */
function afterSpace(text: string): string {
  return text.charCodeAt(0) >= firstMark && mark().test(text) ? ` ${text}` : text;
}

const mark = lazyPattern(String.raw`^\p{M}`, 'u');

const firstMark = 0x300;

/** A reference to another resource is shown by its id. */
function plainText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.join(', ');
  const id = valueAt(value, 'id');
  return typeof id === 'string' ? id : jsonText(value);
}

interface SortOptions {
  /** Milliseconds since 1970. */
  now(): number;
  /** A field, under any of its names. */
  readonly sort?: string;
  readonly reverse?: boolean;
  readonly limit?: number;
}

/** The rows in the order and the number asked for. Sorting needs them all; without it they pass through as they arrive. */
export async function* sortAndLimit<T>(view: View<T>, batches: Batches<T>, options: SortOptions) {
  const { sort, reverse = false, limit = Number.POSITIVE_INFINITY } = options;
  if (sort !== undefined) checkFields(view, [sort]);
  const source = sort === undefined && !reverse ? batches : [await ordered(view, batches, options)];
  let left = limit;
  for await (const batch of source) {
    const rows = batch.slice(0, left);
    left -= rows.length;
    if (rows.length > 0) yield rows;
    if (left === 0) return;
  }
}

/** All rows. Those without the field come last, either way round. Times are compared as times: their zones may differ. */
async function ordered<T>(view: View<T>, batches: Batches<T>, { sort, reverse, now }: SortOptions): Promise<T[]> {
  const rows: T[] = [];
  for await (const batch of batches) for (const row of batch) rows.push(row);
  if (sort === undefined) return rows.reverse();
  const field = fieldNamed(view, sort) ?? sort;
  const isTime = view.times.includes(field);
  const keyed = rows.map((row) => ({ row, key: keyOf(valueAt(view.record(row, now()), ...field.split('.')), isTime) }));
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
  if (typeof value === 'number') return value;
  return lowerAscii(typeof value === 'object' ? jsonText(value) : String(value));
}
