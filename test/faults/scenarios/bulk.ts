import type { Exchange, Scenario, Scenarios } from '../exchange.ts';
import { after, drop, failure, json, on } from '../faults.ts';
import { unauthenticated } from './answers.ts';

/** Large lists. */
export const bulk = {
  'big-pages': { fault: on('list', bigPages()) },
} satisfies Scenarios;

/** Scenarios with a number, such as `rate:5`. */
export const bulkByNumber: Readonly<Record<string, (number: number) => Scenario>> = {
  /** The number of requests per second before 429. */
  rate: (perSecond) => ({ rules: { reissue: 'second_id' }, fault: limited(perSecond) }),
  'slow-create': (milliseconds) => ({
    rules: { reissue: 'second_id' },
    fault: on(
      'create',
      after(milliseconds, (exchange) => exchange.honest()),
    ),
  }),
  'quota-after': (count) => ({
    fault: afterPosts(count, () => failure(402, 'The request would exceed the quota', 'quota_exceeded')),
  }),
  'auth-revoked-after': (count) => ({ fault: afterPosts(count, unauthenticated) }),
  'down-after': (count) => ({ fault: afterPosts(count, drop) }),
};

/** Applies the fault once there have been more POSTs than this. */
function afterPosts(count: number, fault: (exchange: Exchange) => ReturnType<NonNullable<Scenario['fault']>>) {
  let posts = 0;
  return (exchange: Exchange) => {
    if (exchange.request.kind === 'create') posts++;
    return posts > count ? fault(exchange) : exchange.honest();
  };
}

function limited(perSecond: number): NonNullable<Scenario['fault']> {
  const times: number[] = [];
  return (exchange) => {
    const recent = times.filter((time) => time > exchange.request.at - 1000);
    if (recent.length >= perSecond) return json(429, {}, { 'Retry-After': '1', 'X-RateLimit-Remaining': '0' });
    times.push(exchange.request.at);
    return exchange.honest();
  };
}

/** 20,000 rows in pages of 1,000; with few fields, to stay below the limit of a body. */
function bigPages() {
  const size = 1000;
  const person = (n: number) => ({
    id: `i-big${n}`,
    email: `big${n}@example.com`,
    status: 'INVITE_STATUS_SENT',
    expires_at: '2099-01-01T00:00:00.000123Z',
    user: { id: `u-big${n}` },
    metadata: { created_at: '2026-01-01T00:00:00.000123Z' },
  });
  return ({ request: { query } }: Exchange) => {
    const start = Number(query.get('page_token') ?? 0);
    const email = query.get('email');
    const rows = Array.from({ length: size }, (_, n) => person(start + n));
    const data = rows.filter((row) => email === null || row.email === email);
    const end = start + size;
    return json(200, { data, metadata: end < 20_000 ? { next: `/iam/v2/invitations?page_token=${end}` } : {} });
  };
}
