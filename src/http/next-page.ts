import type { Query } from './send.ts';

/** Where a list goes on. */
export interface NextPage {
  /** What tells this page from the others. */
  readonly token: string;
  /** The query of `next`, with each parameter that is in it and no other. */
  readonly query: Query;
}

/** The page that `metadata.next` names; undefined at the end of the list; null if there is a `next` that leads nowhere. */
export function nextPage(page: unknown): NextPage | null | undefined {
  const metadata = member(page, 'metadata');
  if (metadata === undefined || metadata === null) return undefined;
  if (typeof metadata !== 'object') return null;
  const next = member(metadata, 'next');
  if (next === undefined || next === null || next === '') return undefined;
  return typeof next === 'string' ? queryIn(next) : null;
}

/** Only the query is taken: where `next` points to must never matter, as the credentials would go there. */
function queryIn(next: string): NextPage | null {
  const [url = ''] = next.split('#', 1);
  const question = url.indexOf('?');
  if (question === -1) return null;
  const parameters = new URLSearchParams(url.slice(question + 1));
  const token = parameters.get('page_token') ?? '';
  if (token === '') return null;
  const query = [...parameters.keys()].map((name) => {
    const [only = '', ...more] = parameters.getAll(name);
    return [name, more.length === 0 ? only : [only, ...more]];
  });
  return { token, query: Object.fromEntries(query) };
}

function member(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string, unknown>)[key];
}
