import type { Exchange, Scenario, Scenarios } from '../exchange.ts';
import { always, drop, fromPage2, type Page, page } from '../faults.ts';
import { failure, resource } from '../honest.ts';
import { unauthenticated } from './errors.ts';

const small = { maximumPage: 2 };

/** Lists with wrong page links. Most have two rows a page. */
export const pages = {
  'next-foreign': next((token, { foreignUrl }) => `${foreignUrl}/iam/v2/invitations?page_token=${token}`),
  'next-userinfo': next(
    (token, { url }) => `${url.replace('//', '//evil:pw@')}/iam/v2/invitations?page_token=${token}`,
  ),
  'next-protorel': next((token, { foreignUrl }) => `${foreignUrl.replace('http:', '')}/?page_token=${token}`),
  'next-other-path': next((token, { url }) => `${url}/iam/v2/users?page_token=${token}`),
  'next-relative': next((token) => `/iam/v2/invitations?page_size=2&page_token=${token}`),
  'next-query-only': next((token) => `?page_token=${token}`),
  'next-encoded': { rules: { ...small, tokenTail: '+/=&#% ä' } },
  'next-garbage': next(() => 'http://[not a link'),
  'next-javascript': next(() => 'javascript:alert(1)'),
  'next-no-token': next((_, { url }) => `${url}/iam/v2/invitations?page=2`),
  'next-empty-token': next((_, { url }) => `${url}/iam/v2/invitations?page_token=`),
  'next-number': next(() => 42),
  'next-object': next(() => ({ page_token: 't2' })),
  'next-loop': { rules: small, fault: page((document, { url }) => withToken(document, url, 'again')) },
  'next-cycle': { rules: small, fault: page(cycle) },
  'next-infinite': { rules: small, fault: page(freshRows) },
  'next-infinite-empty': { rules: small, fault: page(freshEmpty) },
  'next-infinite-same': {
    rules: small,
    fault: page((document, { url, nth }) => withToken(document, url, `fresh${nth}`)),
  },
  'page-dup': { rules: small, fault: page((document) => ({ ...document, data: twice(document.data) })) },
  'page-overlap': { rules: small, fault: page(overlap) },
  'page-empty-middle': { rules: small, fault: page(gap([])) },
  'page-data-null': { rules: small, fault: page(gap(null)) },
  'page-last-empty': { rules: small, fault: page(oneMore) },
  'total-size-lies': { rules: small, fault: page((document) => withMetadata(document, { total_size: 1 })) },
  'next-empty-string': { fault: page((document) => withMetadata(document, { next: '' })) },
  'next-null': { fault: page((document) => withMetadata(document, { next: null })) },
  'page2-401': { rules: small, fault: fromPage2(always(unauthenticated())) },
  'page2-html': { rules: small, fault: fromPage2(always({ status: 200, body: '<html></html>' })) },
  'page2-no-data': { rules: small, fault: fromPage2(always({ status: 200, body: '{"metadata":{}}' })) },
  'page2-reset': { rules: small, fault: fromPage2(drop) },
  'page2-503-once': {
    rules: small,
    fault: fromPage2((exchange) => (exchange.nth === 2 ? failure(503, 'wait') : exchange.honest())),
  },
  'page-token-expired': { rules: small, fault: fromPage2(always(failure(400, 'The page token has expired'))) },
  'filter-ignored': { rules: { filters: 'ignored' } },
  'dup-email': { seed: (store) => store.add('i-twin', 'sent@example.com') },
  'case-email': { seed: (store) => store.add('i-upper', 'Big.Name@Example.COM') },
} satisfies Scenarios;

/** Writes the link to the next page in another form. */
function next(form: (token: string, exchange: Exchange) => unknown): Scenario {
  const change = (document: Page, exchange: Exchange) => {
    const link = document.metadata.next;
    if (typeof link !== 'string') return document;
    return withMetadata(document, { next: form(link.split('page_token=')[1] ?? '', exchange) });
  };
  return { rules: small, fault: page(change) };
}

function withMetadata(document: Page, more: Record<string, unknown>): Page {
  return { ...document, metadata: { ...document.metadata, ...more } };
}

function withToken(document: Page, url: string, token: string): Page {
  return withMetadata(document, { next: `${url}/iam/v2/invitations?page_token=${token}` });
}

function cycle(document: Page, { url, request }: Exchange): Page {
  return withToken(document, url, request.query.get('page_token') === 'a' ? 'b' : 'a');
}

function freshRows(document: Page, { url, nth }: Exchange): Page {
  const data = [{ id: `i-fresh${nth}`, email: `fresh${nth}@example.com`, metadata: {} }];
  return withToken({ ...document, data }, url, `fresh${nth}`);
}

function freshEmpty(document: Page, { url, nth }: Exchange): Page {
  return withToken({ ...document, data: [] }, url, `fresh${nth}`);
}

function twice(data: unknown): unknown {
  return Array.isArray(data) ? data.flatMap((row) => [row, row]) : data;
}

/** Each page begins with the last row of the previous one. */
function overlap(document: Page, { store, request, url }: Exchange): Page {
  const start = Number(request.query.get('page_token')?.slice(1) ?? 0);
  const before = store.rows.slice(Math.max(0, start - 1), start).map((row) => resource(row, url));
  return { ...document, data: [...before, ...(Array.isArray(document.data) ? document.data : [])] };
}

/** Adds a page without rows between the first and the second one. */
function gap(data: [] | null) {
  return (document: Page, { url, request }: Exchange) => {
    const token = request.query.get('page_token');
    if (token === 'gap') return withToken({ ...document, data }, url, 't2');
    return token === null && document.metadata.next !== undefined ? withToken(document, url, 'gap') : document;
  };
}

/** Adds an empty page after the last one. */
function oneMore(document: Page, { url }: Exchange): Page {
  const empty = Array.isArray(document.data) && document.data.length === 0;
  return document.metadata.next === undefined && !empty ? withToken(document, url, 't1000') : document;
}
