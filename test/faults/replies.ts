import type { Reply } from './exchange.ts';

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Reply {
  const limits = { 'X-RateLimit-Limit': '1000', 'X-RateLimit-Remaining': '999', 'X-RateLimit-Reset': '1' };
  const all = { 'Content-Type': 'application/json', 'X-Request-Id': 'req-honest', ...limits, ...headers };
  return { status, headers: all, body: JSON.stringify(body) };
}

/** An error in the documented format. */
export function failure(status: number, detail: string, code?: string): Reply {
  const error = { id: 'e-1', status: String(status), ...(code === undefined ? {} : { code }), title: 'Failed', detail };
  return json(status, { errors: [error] }, { 'X-Request-Id': 'req-failure' });
}

export function notFound(): Reply {
  return json(404, { errors: [{ id: 'e-1', status: '404', title: 'Not Found' }] }, { 'X-Request-Id': 'req-missing' });
}

export function conflict(url: string): Reply {
  const reply = failure(409, 'This user already exists within the Organization', 'resource_already_exists');
  return { ...reply, headers: { ...reply.headers, Location: `${url}/iam/v2/invitations/i-accepted` } };
}
