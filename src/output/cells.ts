import { clean, lazyPattern, truncate } from '../text/sanitize.ts';
import { isNever, relativeTime } from '../text/times.ts';
import { fieldNamed, valueAtKeys } from './fields.ts';
import { jsonText } from './json.ts';
import type { Column, Fields, RenderOptions, View } from './view.ts';

/** Where a cell gets its value. */
export interface CellSource {
  readonly keys: readonly string[];
  readonly isTime: boolean;
  readonly value?: (record: Fields) => unknown;
  readonly words?: (value: unknown, record: Fields) => string;
}

/** A column as a table draws it. */
export interface TableColumn extends Column, CellSource {
  /** Named in `--fields`. */
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
  const words = view.words !== undefined && Object.hasOwn(view.words, field) ? view.words[field] : undefined;
  return { keys: field.split('.'), isTime: view.times.includes(field), ...(words === undefined ? {} : { words }) };
}

/** UTF-16 units that even the plainest table gives one cell; more is mischief or a mistake. */
const widestCell = 512;
/** Far more than any cell shows; the rest of a text is not even cleaned. */
const longestRead = 8 * widestCell;

/** The text of a cell: one cleaned line, times as the API sent them, `-` for nothing. */
export function cellText(record: Fields, { keys, isTime, words, value: read }: CellSource): string {
  const value = read === undefined ? valueAtKeys(record, keys) : read(record);
  const raw = words === undefined ? plainText(value) : words(value, record);
  const text = isTime && isNever(value) ? '' : afterSpace(clean(raw.slice(0, longestRead)));
  if (text === '') return '-';
  return truncate(text, widestCell);
}

/** The same for a person at a terminal: times in words. */
export function shownText(record: Fields, column: CellSource, now: number): string {
  const text = cellText(record, column);
  return column.isTime ? relativeTime(text, now) : text;
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
  return idIn(value) ?? jsonText(value);
}

function idIn(value: object): string | undefined {
  const id = Object.hasOwn(value, 'id') ? Reflect.get(value, 'id') : undefined;
  return typeof id === 'string' ? id : undefined;
}
