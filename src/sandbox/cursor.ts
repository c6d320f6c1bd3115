import type { Ask } from './rule.ts';

/** Where a page begins, and by which query it is made. */
export interface Cursor {
  /** The position of the last row of the page before; undefined for the first page. */
  readonly place: number | undefined;
  readonly query: URLSearchParams;
}

/** What `page_token` stands for. Undefined if it is none of ours, or of another collection. */
export function cursorOf({ query, switches }: Pick<Ask, 'query' | 'switches'>, kind: string): Cursor | undefined {
  const token = query.get('page_token') ?? '';
  if (token === '') return { place: undefined, query };
  const [of, place, carried] = partsOf(token);
  if (of !== kind || typeof place !== 'number' || typeof carried !== 'string') return undefined;
  return { place, query: switches.page_token_carries === 'filters' ? new URLSearchParams(carried) : query };
}

/** The token of the page that begins after a position. */
export function tokenFor(kind: string, place: number, { query, switches }: Pick<Ask, 'query' | 'switches'>): string {
  const carried = new URLSearchParams(switches.page_token_carries === 'filters' ? query : '');
  carried.delete('page_token');
  return Buffer.from(JSON.stringify([kind, place, String(carried)])).toString('base64url');
}

function partsOf(token: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}
