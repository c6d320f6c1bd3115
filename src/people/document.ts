export type Value =
  | { readonly kind: 'map'; readonly line: number; readonly entries: Entry[] }
  | { readonly kind: 'list'; readonly line: number; readonly items: Value[] }
  | { readonly kind: 'scalar'; readonly line: number; readonly scalar: unknown };

export interface Entry {
  readonly key: string;
  readonly line: number;
  readonly value: Value;
}

export function kindInWords(value: Value): string {
  if (value.kind !== 'scalar') return value.kind === 'map' ? 'a mapping' : 'a list';
  if (value.scalar === null) return 'empty';
  return typeof value.scalar === 'string' ? 'text' : `a ${typeof value.scalar}`;
}
