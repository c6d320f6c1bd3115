import type { Fault, Scenarios } from '../exchange.ts';
import { always, failure, first, json, on, once, repeatable } from '../faults.ts';

/** Responses that ask to retry, and failing servers. */
export const retries = {
  '429-seconds': { fault: once(later({ 'Retry-After': '1' })) },
  '429-huge': { fault: later({ 'Retry-After': '86400' }) },
  '429-forever': { fault: later({ 'Retry-After': '1' }) },
  '500-then-ok': { fault: on(repeatable, first(1, always(failure(500, 'Something broke')))) },
  '503-forever': { fault: always(failure(503, 'Gone fishing')) },
  '501': { fault: always(failure(501, 'Not here')) },
  flaky: { fault: (exchange) => (exchange.total % 2 === 1 ? failure(500, 'Try me again') : exchange.honest()) },
} satisfies Scenarios;

/** Too many requests, with only these headers. */
export function later(headers: Record<string, string>, status = 429): Fault {
  const { body = '' } = failure(status, 'Too many requests, slow down');
  return always({
    status,
    headers: { 'Content-Type': 'application/json', 'X-Request-Id': 'req-later', ...headers },
    body,
  });
}

export const busy = json(429, {}, { 'Retry-After': '1', 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': '1' });
