import { CliError } from '../errors.ts';
import { didYouMean } from '../text/suggest.ts';
import type { Fields, RenderOptions, View } from './view.ts';

type Named = Pick<View<never>, 'fields'> & Partial<Pick<View<never>, 'columns'>>;

/** The field that a name means: the field's own, or the title of its column, in capitals or small letters. */
export function fieldNamed(view: Named, name: string): string | undefined {
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

/** The value of a field, dots reaching inside; never anything inherited, whatever the server called its keys. */
export function valueAt(record: Fields, path: string): unknown {
  return valueAtKeys(record, path.split('.'));
}

/** The same for a path that was split once, where many records are read. */
export function valueAtKeys(record: Fields, keys: readonly string[]): unknown {
  let value: unknown = record;
  for (const key of keys) {
    if (!isObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

/** The record with these fields only, in their order and nested as before; one that it lacks is null, so all look alike. */
export function pick(record: Fields, fields: readonly string[]): Fields {
  const picked: Record<string, unknown> = {};
  const outermost = fields.filter((field) => !fields.some((other) => field.startsWith(`${other}.`)));
  for (const field of outermost) placeValue(picked, field.split('.'), valueAt(record, field) ?? null);
  return picked;
}

/** Turns items into what json, ndjson and yaml show of them. */
export function recordsOf<T>(view: View<T>, options: Pick<RenderOptions, 'fields'>): (item: T) => Fields {
  const fields = requestedFields(view, options);
  return fields === undefined ? (item) => view.record(item) : (item) => pick(view.record(item), fields);
}

function placeValue(target: Record<string, unknown>, [key = '', ...rest]: readonly string[], value: unknown): void {
  const inner = Object.hasOwn(target, key) && isObject(target[key]) ? target[key] : {};
  // Plain assignment to `__proto__` would swap the prototype.
  const placed = { value: rest.length === 0 ? value : inner, enumerable: true, writable: true, configurable: true };
  Object.defineProperty(target, key, placed);
  if (rest.length > 0) placeValue(inner, rest, value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
