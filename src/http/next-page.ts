/** The token in `metadata.next`; undefined at the end of the list; null if there is a `next` that leads nowhere. */
export function nextToken(page: unknown): string | null | undefined {
  const metadata = member(page, 'metadata');
  if (metadata === undefined || metadata === null) return undefined;
  if (typeof metadata !== 'object') return null;
  const next = member(metadata, 'next');
  if (next === undefined || next === null || next === '') return undefined;
  return typeof next === 'string' ? tokenIn(next) : null;
}

/** Only the token is taken: where `next` points to must never matter, as the credentials would go there. */
function tokenIn(next: string): string | null {
  const [url = ''] = next.split('#', 1);
  const query = url.indexOf('?');
  if (query === -1) return null;
  return new URLSearchParams(url.slice(query + 1)).get('page_token') || null;
}

function member(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string, unknown>)[key];
}
