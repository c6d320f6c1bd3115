export type Value =
  | { readonly kind: 'map'; readonly line: number; readonly entries: Entry[] }
  | { readonly kind: 'list'; readonly line: number; readonly items: Value[] }
  | { readonly kind: 'scalar'; readonly line: number; readonly scalar: unknown };

export interface Entry {
  readonly key: string;
  readonly line: number;
  readonly value: Value;
}

/** The key under which a saved plan keeps the line of the reviewed file that a value came from. */
export const lineKey = 'x-line';

/** The key under which a saved plan keeps the file that a value came from, where there were several. */
export const fileKey = 'x-file';

/** A parsed JSON value as a document. Its lines are those that a saved plan keeps under `x-line`. */
export function jsonValue(value: unknown, outer = 1): Value {
  if (Array.isArray(value)) {
    return { kind: 'list', line: outer, items: value.map((item: unknown) => jsonValue(item, outer)) };
  }
  if (typeof value !== 'object' || value === null) return { kind: 'scalar', line: outer, scalar: value };
  const own: unknown = Object.hasOwn(value, lineKey) ? Reflect.get(value, lineKey) : undefined;
  const line = typeof own === 'number' && Number.isSafeInteger(own) && own > 0 ? own : outer;
  const entries = Object.entries(value).map(([key, inner]: [string, unknown]) => ({
    key,
    line,
    value: jsonValue(inner, line),
  }));
  return { kind: 'map', line, entries };
}

export function kindInWords(value: Value): string {
  if (value.kind !== 'scalar') return value.kind === 'map' ? 'a mapping' : 'a list';
  if (value.scalar === null) return 'empty';
  return typeof value.scalar === 'string' ? 'text' : `a ${typeof value.scalar}`;
}
