import type { Exchange, Fault, Kind, Reply } from './exchange.ts';
import { head } from './wire.ts';

/** Responds to every request with this. */
export function always(reply: Reply): Fault {
  return () => reply;
}

/** Applies the fault only to some kinds of request. */
export function on(kinds: Kind | readonly Kind[], fault: Fault): Fault {
  return (exchange) => ([kinds].flat().includes(exchange.request.kind) ? fault(exchange) : exchange.honest());
}

/** Applies the fault only to the first requests of each kind. */
export function first(count: number, fault: Fault): Fault {
  return (exchange) => (exchange.nth <= count ? fault(exchange) : exchange.honest());
}

/** Applies the fault only to the very first request. */
export function once(fault: Fault): Fault {
  return (exchange) => (exchange.total === 1 ? fault(exchange) : exchange.honest());
}

/** The request takes effect, but the response is another one. */
export function instead(reply: Reply | ((exchange: Exchange, honest: Reply) => Reply)): Fault {
  return async (exchange) => {
    const honest = await exchange.honest();
    return typeof reply === 'function' ? reply(exchange, honest) : reply;
  };
}

/** The request takes effect, but the response differs in this. */
export function but(changes: Partial<Reply>): Fault {
  return instead((_, honest) => (honest.status < 300 ? { ...honest, ...changes } : honest));
}

/** The connection breaks before the response; nothing has taken effect. */
export const drop: Fault = reset;

/** The request takes effect, but the connection breaks before the response. */
export const lose: Fault = async (exchange) => {
  await exchange.honest();
  return reset(exchange);
};

/** Resets the connection as a crashed server does, once what was written has been sent. */
function reset({ socket, clock }: Pick<Exchange, 'socket' | 'clock'>): undefined {
  void clock.sleep(20).then(() => socket.resetAndDestroy());
}

/** Never responds. */
export const hang: Fault = () => undefined;

/** The request takes effect, but there is no response. */
export const hangProcessed: Fault = async (exchange) => {
  await exchange.honest();
  return undefined;
};

/** The response arrives up to half of its body: enough to know that the request took effect. */
export const hangInBody: Fault = async ({ honest, socket }) => {
  const reply = await honest();
  const bytes = Buffer.from(reply.body ?? '');
  const headers = { ...reply.headers, 'Content-Length': String(bytes.length) };
  socket.write(Buffer.from(head({ ...reply, headers }), 'latin1'));
  socket.write(bytes.subarray(0, bytes.length / 2));
  return undefined;
};

/** The same, and the connection breaks. */
export const cutInBody: Fault = async (exchange) => {
  await hangInBody(exchange);
  return reset(exchange);
};

export function after(milliseconds: number, fault: Fault): Fault {
  return async (exchange) => {
    await exchange.clock.sleep(milliseconds);
    return fault(exchange);
  };
}

export function html(status: number, title: string): Reply {
  const text = `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`;
  return { status, headers: { 'Content-Type': 'text/html; charset=utf-8', 'X-Request-Id': 'req-html' }, body: text };
}

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
