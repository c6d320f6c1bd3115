import type { Exchange, Fault, Reply, Scenario, Scenarios } from '../exchange.ts';
import { always, drop, failure, fromPage2, json, on, type Page, page } from '../faults.ts';
import { unauthenticated } from './errors.ts';

const small = { invitation_page: 2 };

/** Lists with wrong page links. Most have two rows a page. */
export const pages = {
  'next-foreign': next((token, { foreignUrl }) => `${foreignUrl}/iam/v2/invitations?page_token=${token}`),
  'next-userinfo': next(
    (token, { url }) => `${url.replace('//', '//evil:pw@')}/iam/v2/invitations?page_token=${token}`,
  ),
  'next-other-path': next((token, { url }) => `${url}/iam/v2/users?page_token=${token}`),
  'next-relative': next((token) => `/iam/v2/invitations?page_size=2&page_token=${token}`),
  'next-encoded': { rules: small, fault: on('list', strangeTokens) },
  'next-garbage': next(() => 'http://[not a link'),
  'next-loop': endless((document, { url }) => withToken(document, url, 'again')),
  'next-infinite': { rules: small, fault: on('list', freshRows) },
  'next-infinite-same': endless((document, { url, nth }) => withToken(document, url, `fresh${nth}`)),
  'page-dup': { rules: small, fault: page((document) => ({ ...document, data: twice(document.data) })) },
  'page-overlap': { rules: small, fault: page(overlap) },
  'page-empty-middle': { rules: small, fault: on('list', gap([])) },
  'page-last-empty': { rules: { invitation_page: 5, trailing_page: 'yes' } },
  'total-size-lies': { rules: small, fault: page((document) => withMetadata(document, { total_size: 1 })) },
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
  'dup-email': { people: [{ email: 'sent@example.com', state: 'pending', invitation: 'i-twin' }] },
  'case-email': { people: [{ email: 'Big.Name@Example.COM', state: 'pending' }] },
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

function twice(data: unknown): unknown {
  return Array.isArray(data) ? data.flatMap((row) => [row, row]) : data;
}

/** Tokens whose characters have to be encoded, and which have to come back whole. */
async function strangeTokens({ request, honest }: Exchange): Promise<Reply> {
  const tail = '+/=&#% ä';
  const query = new URLSearchParams(request.query);
  const token = query.get('page_token');
  if (token?.endsWith(tail)) query.set('page_token', token.slice(0, -tail.length));
  else if (token !== null) return failure(400, 'The page_token is not valid');
  const reply = await honest(query);
  const encoded = encodeURIComponent(tail);
  return { ...reply, body: String(reply.body).replace(/(page_token=[\w-]+)/, `$1${encoded}`) };
}

/** Each page has a row that no other has. */
function freshRows({ url, nth }: Exchange): Reply {
  const data = [{ id: `i-fresh${nth}`, email: `fresh${nth}@example.com`, status: 'INVITE_STATUS_SENT', metadata: {} }];
  return json(200, withToken({ data, metadata: {} }, url, `fresh${nth}`));
}

/** Every token leads to the first page, changed. */
function endless(change: (document: Page, exchange: Exchange) => Page): Scenario {
  const fault: Fault = async (exchange) => {
    const query = new URLSearchParams(exchange.request.query);
    query.delete('page_token');
    const reply = await exchange.honest(query);
    return { ...reply, body: JSON.stringify(change(JSON.parse(String(reply.body)), exchange)) };
  };
  return { rules: small, fault: on('list', fault) };
}

const lastRows = new WeakMap<Exchange['sandbox'], unknown>();

/** Each page begins with the last row of the previous one. */
function overlap(document: Page, { sandbox }: Exchange): Page {
  const data = Array.isArray(document.data) ? document.data : [];
  const before = lastRows.get(sandbox);
  lastRows.set(sandbox, data.at(-1));
  return { ...document, data: before === undefined ? data : [before, ...data] };
}

const hidden = new WeakMap<Exchange['sandbox'], unknown>();

/** Adds a page without rows between the first and the second one. */
function gap(data: [] | null): Fault {
  return async ({ request, sandbox, url, honest }) => {
    const token = request.query.get('page_token');
    if (token === 'gap') return json(200, { data, metadata: { next: hidden.get(sandbox) } });
    const reply = await honest();
    const document = JSON.parse(String(reply.body)) as Page;
    if (token !== null || document.metadata.next === undefined) return reply;
    hidden.set(sandbox, document.metadata.next);
    return { ...reply, body: JSON.stringify(withToken(document, url, 'gap')) };
  };
}
