import { lazyPattern } from '../patterns.ts';
import { cutOff } from './cut.ts';
import { valueUnder } from './fields.ts';
import { jsonText } from './json-text.ts';
import { clean } from './sanitize.ts';
import { isNever } from './times.ts';
import type { Column, View } from './view.ts';

/** Where a cell gets its value. */
export interface Place {
  readonly keys: readonly string[];
  readonly isTime: boolean;
  readonly words?: (value: unknown) => string;
}

/** A column as a table draws it. */
export interface TableColumn extends Column, Place {
  /** Named in `--fields`: it stays even where space is short. */
  readonly asked: boolean;
}

/** UTF-16 units that even the plainest table gives one cell; more is mischief or a mistake. */
const widestCell = 512;
/** Far more than any cell shows; the rest of a text is not even cleaned. */
const mostRead = 8 * widestCell;

/** The columns of the view, or those that were asked for. */
export function columnsOf<T>(view: View<T>, fields: readonly string[] | undefined): TableColumn[] {
  const asked = fields?.map((field) => ({ title: field.toUpperCase(), field, rank: 1 }));
  return (asked ?? view.columns).map((column) => ({
    ...column,
    ...placeOf(view, column.field),
    asked: asked !== undefined,
  }));
}

export function placeOf<T>(view: View<T>, field: string): Place {
  const words = view.words !== undefined && Object.hasOwn(view.words, field) ? view.words[field] : undefined;
  return { keys: field.split('.'), isTime: view.times.includes(field), ...(words === undefined ? {} : { words }) };
}

/** What stands in a cell: one cleaned line, times as the API sent them, `-` for nothing. */
export function cellOf(record: Record<string, unknown>, { keys, isTime, words }: Place): string {
  const value = valueUnder(record, keys);
  const told = words === undefined ? textOf(value) : words(value);
  const text = isTime && isNever(value) ? '' : standing(clean(told.slice(0, mostRead)));
  if (text === '') return '-';
  return cutOff(text, widestCell);
}

/** A mark at the beginning would join whatever is left of the cell; it gets a space to stand on. */
function standing(text: string): string {
  return text.charCodeAt(0) >= firstMark && mark().test(text) ? ` ${text}` : text;
}

const mark = lazyPattern(String.raw`^\p{M}`, 'u');

const firstMark = 0x300;

/** A reference to another resource is shown by its id. */
function textOf(value: unknown): string {
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
