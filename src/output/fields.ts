import { CliError } from '../errors.ts';
import { clean, lazyPattern, truncate } from '../text/sanitize.ts';
import { didYouMean } from '../text/suggest.ts';
import { isNever } from '../text/times.ts';
import { jsonText } from './json-text.ts';
import type { Column, RenderOptions, View } from './view.ts';

type Fields = Record<string, unknown>;

/** The names of `--fields a,b`, each once. */
export function parseFields(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  const given = [...new Set(names.filter((name) => name !== ''))];
  if (given.length > 0) return given;
  throw new CliError('usage', `"${text}" names no field`, { hints: ['write them as --fields id,email'] });
}

/** Throws `usage` at the first name that the view does not know. */
export function checkFields(view: Pick<View<never>, 'fields'>, names: readonly string[]): void {
  const unknown = names.find((name) => !view.fields.includes(name));
  if (unknown === undefined) return;
  throw new CliError('usage', `unknown field "${unknown}"`, {
    hints: [...didYouMean(unknown, view.fields), `known fields: ${view.fields.join(', ')}`],
  });
}

/** What stands under a field, dots reaching inside; never anything inherited, whatever the server called its keys. */
export function valueAt(record: Readonly<Fields>, path: string): unknown {
  return valueAtKeys(record, path.split('.'));
}

/** The same for a path taken apart once, where many records are read. */
export function valueAtKeys(record: Readonly<Fields>, keys: readonly string[]): unknown {
  let value: unknown = record;
  for (const key of keys) {
    if (!isFields(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

/** The record with these fields only, in their order and nested as before; one that it lacks is null, so all look alike. */
export function pick(record: Readonly<Fields>, fields: readonly string[]): Fields {
  const picked: Fields = {};
  const outermost = fields.filter((field) => !fields.some((other) => field.startsWith(`${other}.`)));
  for (const field of outermost) placeValue(picked, field.split('.'), valueAt(record, field) ?? null);
  return picked;
}

/** The item as json, ndjson and yaml show it. */
export function recordOf<T>(view: View<T>, item: T, { fields }: RenderOptions): Fields {
  const record = view.record(item);
  return fields === undefined ? record : pick(record, fields);
}

function placeValue(target: Fields, [key = '', ...rest]: readonly string[], value: unknown): void {
  const inner = Object.hasOwn(target, key) && isFields(target[key]) ? target[key] : {};
  // Plain assignment to `__proto__` would swap the prototype.
  const placed = { value: rest.length === 0 ? value : inner, enumerable: true, writable: true, configurable: true };
  Object.defineProperty(target, key, placed);
  if (rest.length > 0) placeValue(inner, rest, value);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

/** Where a cell gets its value. */
export interface CellSource {
  readonly keys: readonly string[];
  readonly isTime: boolean;
  readonly words?: (value: unknown) => string;
}

/** A column as a table draws it. */
export interface TableColumn extends Column, CellSource {
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
    ...cellSource(view, column.field),
    asked: asked !== undefined,
  }));
}

export function cellSource<T>(view: View<T>, field: string): CellSource {
  const words = view.words !== undefined && Object.hasOwn(view.words, field) ? view.words[field] : undefined;
  return { keys: field.split('.'), isTime: view.times.includes(field), ...(words === undefined ? {} : { words }) };
}

/** What stands in a cell: one cleaned line, times as the API sent them, `-` for nothing. */
export function cellText(record: Record<string, unknown>, { keys, isTime, words }: CellSource): string {
  const value = valueAtKeys(record, keys);
  const told = words === undefined ? textOf(value) : words(value);
  const text = isTime && isNever(value) ? '' : standing(clean(told.slice(0, mostRead)));
  if (text === '') return '-';
  return truncate(text, widestCell);
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
