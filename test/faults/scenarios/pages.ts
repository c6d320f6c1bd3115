import type { Exchange, Reply, Scenarios } from '../exchange.ts';
import { always, failure, fromPage2, json, on, type Page, page } from '../faults.ts';
import { unauthenticated } from './refusals.ts';

const small = { invitation_page: 2 };

/** Lists with wrong page links. Most have two rows a page. */
export const pages = {
  'next-foreign': { rules: small, fault: page(toForeign) },
  'next-infinite': { rules: small, fault: on('list', freshRows) },
  'page2-401': { rules: small, fault: fromPage2(always(unauthenticated())) },
  'page2-503-once': {
    rules: small,
    fault: fromPage2((exchange) => (exchange.nth === 2 ? failure(503, 'wait') : exchange.honest())),
  },
  'filter-ignored': { rules: { filters: 'ignored' } },
  'dup-email': { people: [{ email: 'sent@example.com', state: 'pending', invitation: 'i-twin' }] },
  'case-email': { people: [{ email: 'Big.Name@Example.COM', state: 'pending' }] },
} satisfies Scenarios;

/** The link to the next page leads to another origin. */
function toForeign(document: Page, { url, foreignUrl }: Exchange): Page {
  const { next } = document.metadata;
  return next === undefined ? document : withNext(document, String(next).replace(url, foreignUrl));
}

function withNext(document: Page, next: string): Page {
  return { ...document, metadata: { ...document.metadata, next } };
}

/** Each page has a row that no other has. */
function freshRows({ url, nth }: Exchange): Reply {
  const data = [{ id: `i-fresh${nth}`, email: `fresh${nth}@example.com`, status: 'INVITE_STATUS_SENT', metadata: {} }];
  return json(200, withNext({ data, metadata: {} }, `${url}/iam/v2/invitations?page_token=fresh${nth}`));
}
