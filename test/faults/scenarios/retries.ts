import type { Fault, Scenarios } from '../exchange.ts';
import { always, failure, first, html, json, on, once, repeatable } from '../faults.ts';

/** Responses that ask to retry, in valid and invalid ways, and failing servers. */
export const retries = {
  '429-seconds': { fault: once(later({ 'Retry-After': '1' })) },
  '429-date-skew': { fault: once(laterByDate(3600, 1)) },
  '429-huge': { fault: later({ 'Retry-After': '86400' }) },
  '429-twice-header': { fault: once(later({ 'Retry-After': ['1', '2'] })) },
  '429-reset-only': { fault: once(later({ 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': '1' })) },
  '429-forever': { fault: later({ 'Retry-After': '1' }) },
  'err-429-no-body': { fault: always({ status: 429 }) },
  '408-then-ok': { fault: first(1, always(failure(408, 'That took you too long'))) },
  '500-then-ok': { fault: on(repeatable, first(1, always(failure(500, 'Something broke')))) },
  '503-then-ok': { fault: on(repeatable, first(2, always(failure(503, 'Back in a moment')))) },
  '503-retry-after': { fault: once(later({ 'Retry-After': '1' }, 503)) },
  '503-forever': { fault: always(failure(503, 'Gone fishing')) },
  '502-html': { fault: always(html(502, 'Bad Gateway')) },
  '501': { fault: always(failure(501, 'Not here')) },
  flaky: { fault: (exchange) => (exchange.total % 2 === 1 ? failure(500, 'Try me again') : exchange.honest()) },
} satisfies Scenarios;

/** Too many requests, with only these headers. */
export function later(headers: Record<string, string | readonly string[]>, status = 429): Fault {
  const { body = '' } = failure(status, 'Too many requests, slow down');
  return always({
    status,
    headers: { 'Content-Type': 'application/json', 'X-Request-Id': 'req-later', ...headers },
    body,
  });
}

/** Retry-After as a date, from a server whose clock is some seconds ahead. */
function laterByDate(ahead: number, wait: number): Fault {
  return (exchange) => {
    const now = exchange.clock.now() + ahead * 1000;
    const headers = { Date: new Date(now).toUTCString(), 'Retry-After': new Date(now + wait * 1000).toUTCString() };
    return later(headers)(exchange);
  };
}

export const busy = json(429, {}, { 'Retry-After': '1', 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': '1' });
