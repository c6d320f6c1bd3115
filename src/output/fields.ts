import { CliError } from '../errors.ts';
import { didYouMean } from '../suggest.ts';
import type { Paper, View } from './view.ts';

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
  return valueUnder(record, path.split('.'));
}

/** The same for a path taken apart once, where many records are read. */
export function valueUnder(record: Readonly<Fields>, keys: readonly string[]): unknown {
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
  for (const field of outermost) place(picked, field.split('.'), valueAt(record, field) ?? null);
  return picked;
}

/** The item as json, ndjson and yaml show it. */
export function recordOf<T>(view: View<T>, item: T, { fields }: Paper): Fields {
  const record = view.record(item);
  return fields === undefined ? record : pick(record, fields);
}

function place(target: Fields, [key = '', ...rest]: readonly string[], value: unknown): void {
  const inner = Object.hasOwn(target, key) && isFields(target[key]) ? target[key] : {};
  // Plain assignment to `__proto__` would swap the prototype.
  const placed = { value: rest.length === 0 ? value : inner, enumerable: true, writable: true, configurable: true };
  Object.defineProperty(target, key, placed);
  if (rest.length > 0) place(inner, rest, value);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}
