import { CliError } from '../errors.ts';
import { jsonSafe } from './sanitize.ts';

/** JSON that is safe on a terminal, on one line unless indented. Throws `bad_response` if the value is nested too deeply. */
export function jsonText(value: unknown, indent?: number): string {
  return jsonSafe(orTooDeep(() => JSON.stringify(value, null, indent)));
}

/** Each value on one line. */
export function jsonItems(values: readonly unknown[], separator: string): string {
  return jsonSafe(orTooDeep(() => values.map((value) => JSON.stringify(value)).join(separator)));
}

/** A writer that descends into the value runs out of stack on what only a broken or hostile server sends. */
export function orTooDeep(write: () => string): string {
  try {
    return write();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new CliError('bad_response', 'cannot print an answer that is nested so deeply', { cause });
  }
}
