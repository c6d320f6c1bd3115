import { CliError, ifPossible } from '../errors.ts';
import { jsonSafe } from './sanitize.ts';

/** A JSON object whose fields nobody has checked yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object that a text is as JSON; undefined if it is anything else. */
export function objectIn(text: string): JsonObject | undefined {
  const value: unknown = ifPossible(() => JSON.parse(text));
  return isJsonObject(value) ? value : undefined;
}

/** The value at a path of names (`user`, `id`); undefined where there is none. What objects inherit is not found. */
export function valueAt(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const name of path) found = isJsonObject(found) && Object.hasOwn(found, name) ? found[name] : undefined;
  return found;
}

/** The text at a path; undefined where there is none, or an empty one. */
export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = valueAt(value, ...path);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

export function numberAt(value: unknown, ...path: readonly string[]): number | undefined {
  const found = valueAt(value, ...path);
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined;
}

/** JSON that is safe on a terminal, on one line unless indented. Throws `bad_response` if the value is nested too deeply. */
export function jsonText(value: unknown, indent?: number): string {
  return jsonSafe(orTooDeep(() => JSON.stringify(value, null, indent)));
}

/** A writer that descends into the value runs out of stack on what only a broken or hostile server sends. */
export function orTooDeep(write: () => string): string {
  try {
    return write();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new CliError('bad_response', 'cannot print a response that is nested so deeply', { cause });
  }
}
