import type { Renderer, RenderOptions, View } from '../../src/output/view.ts';

export type Item = Record<string, unknown>;

const now = () => Date.parse('2026-01-01T12:00:00Z');

/** Shaped like the view of invitations, which this room does not know. */
export const view: View<Item> = {
  fields: [
    'id',
    'email',
    'state',
    'status',
    'expires_at',
    'user',
    'user.id',
    'user.related',
    'metadata.created_at',
    'note',
  ],
  times: ['expires_at', 'metadata.created_at'],
  columns: [
    { title: 'ID', field: 'id', rank: 2, narrowest: Number.POSITIVE_INFINITY },
    { title: 'EMAIL', field: 'email', rank: 1, narrowest: 12 },
    { title: 'STATE', field: 'state', rank: 0, typical: 11 },
    { title: 'EXPIRES', field: 'expires_at', rank: 3, typical: 20 },
    { title: 'USER', field: 'user.id', rank: 5 },
    { title: 'CREATED', field: 'metadata.created_at', rank: 4, typical: 20 },
    { title: 'NOTE', field: 'note', rank: 6, optional: true },
  ],
  csv: ['id', 'email', 'state', 'expires_at', 'user.id', 'metadata.created_at'],
  block: ['id', 'email', 'state', 'expires_at', 'user', 'metadata.created_at'],
  record: (item) => item,
  id: (item) => (typeof item.id === 'string' ? item.id : undefined),
};

export const ann: Item = {
  id: 'i-7od91',
  email: 'ann@example.com',
  state: 'pending',
  expires_at: '2026-01-03T12:00:00.123456Z',
  user: { id: 'u-r0jy59', related: 'https://api.example.com/u-r0jy59' },
  metadata: { created_at: '2026-01-01T09:00:00Z' },
};

export const bob: Item = {
  id: 'i-2',
  email: 'bob.with.a.long.name@example.com',
  state: 'accepted',
  expires_at: null,
  user: null,
};

export const numbered = (count: number): Item[] =>
  Array.from({ length: count }, (_, index) => ({ ...ann, id: `i-${index}` }));

/** A pipe; what a test asks for stands over it. */
export const pipe: RenderOptions = { isTTY: false, width: 0, color: 0, now };

export const terminal: RenderOptions = { ...pipe, isTTY: true, width: 80 };

export const wide: RenderOptions = { ...terminal, width: 200 };

/** Every kind of character that must not reach a terminal, and what starts a formula or a workflow command. */
export const hostile: readonly string[] = [
  '\x1b[31mred\x1b[0m',
  '\x1b]52;c;YWJj\x07',
  '\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\',
  '\x9b2J',
  'a\rb\bc\x00d\x7f',
  'a\nb\tc\u2028d\u2029e',
  '\u202ereversed\u2066x\u200e',
  'zero\u200bwidth\ufeff\u2060\u00ad\u{e0041}',
  'lone \ud800 surrogate \udc00',
  '::error::taken over',
  'x\n  ::stop-commands::y',
  `a text of some length\n::add-mask::y`,
  '##[add-mask]z',
  '=HYPERLINK("http://evil.example")',
];

/** What the sweep over outputs forbids; line ends are looked at elsewhere. */
export const forbidden =
  /(?!\n|\r\n)[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\p{Cs}]|##\[|^[^\S\n]*::/mu;

export async function* batches<T>(...given: readonly (readonly T[])[]): AsyncGenerator<readonly T[]> {
  yield* given;
}

/** Gives these items, then fails. */
export async function* failing<T>(items: readonly T[], error: Error): AsyncGenerator<readonly T[]> {
  yield items;
  throw error;
}

/** What a renderer wrote, and the error it ended with. */
export async function written(
  texts: AsyncIterable<string>,
): Promise<{ text: string; parts: string[]; error?: unknown }> {
  const parts: string[] = [];
  try {
    for await (const part of texts) parts.push(part);
  } catch (error) {
    return { text: parts.join(''), parts, error };
  }
  return { text: parts.join(''), parts };
}

export async function many(renderer: Renderer, items: readonly Item[], options: RenderOptions = pipe): Promise<string> {
  const { text, error } = await written(renderer.many(view, batches(items), options));
  if (error !== undefined) throw error;
  return text;
}

/** An array in an array in an array, so deep that a writer which descends runs out of stack. */
export function nested(depth: number): unknown {
  let value: unknown = [];
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}
