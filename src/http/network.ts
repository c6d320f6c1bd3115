import type { Socket } from 'node:net';
import type { Dispatcher } from 'undici';
// undici by the parts that are needed: whole, it costs three times as much to load. Its version is pinned.
import buildConnector from 'undici/lib/core/connect.js';
import Client from 'undici/lib/dispatcher/client.js';
import Pool from 'undici/lib/dispatcher/pool.js';
import { CliError } from '../errors.ts';
import type { Clock } from '../host.ts';
import { decodeBody, loadDecoders } from './decode.ts';
import { isLoopback } from './endpoint.ts';
import { networkError, ProxyRefusal } from './network-errors.ts';
import { type ProxyRoute, proxyFor } from './proxy.ts';
import { type RawResponse, ResponseReader } from './response-reader.ts';
import { queryString, type Request, type Response, type Send } from './send.ts';

export interface NetworkOptions {
  /** Its origin is the only one ever spoken to; its path stands before every request's. */
  readonly endpoint: URL;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** As `20.18.1`. */
  readonly nodeVersion: string;
}

export interface Network {
  readonly send: Send;
  /** Ends what is still under way. Nothing of it keeps the process alive after that. */
  close(): Promise<void>;
}

/** Milliseconds until a connection, or a tunnel through a proxy, must stand. */
const connectLimit = 10_000;

const settings = {
  // Below what servers use: a connection that they close while it is being used again loses a request.
  keepAliveTimeout: 1000,
  keepAliveMaxTimeout: 1000,
  maxHeaderSize: 16 * 1024,
  // One wall clock over the attempt does this better: undici's start anew with every byte.
  headersTimeout: 0,
  bodyTimeout: 0,
} as const;

/**
 * V8 before Node 22 optimizes undici's parser in the background and holds up the exit by 75 ms until that is done. The
 * rest it optimizes so early that a list of ten pages pays for it, a tenth of its time, and a thousand pages gain nothing.
 */
const lessOptimizing = '--liftoff-only --interrupt-budget=500000';

/** undici would make an error for each connection that is given up, with the stack of nobody's interest. */
const spent = new Error('the connection has served its request');

/** The way to one endpoint. Nothing is connected before the first request. */
export async function openNetwork({ endpoint, env, clock, nodeVersion }: NetworkOptions): Promise<Network> {
  if (env.NODE_TLS_REJECT_UNAUTHORIZED === '0' && !isLoopback(endpoint)) throw unverified();
  if (Number.parseInt(nodeVersion, 10) < 22) (await import('node:v8')).setFlagsFromString(lessOptimizing);
  const proxy = proxyFor(endpoint, env);
  const sockets = new Set<Socket>();
  const end = new AbortController();
  const { many, one } =
    proxy === undefined ? direct(endpoint, { sockets, clock, ended: end.signal }) : await tunnels(proxy, sockets);
  const shared = many();
  let underWay = 0;
  const send = async (request: Request) => {
    const dispatcher = request.fresh ? one() : shared;
    underWay += 1;
    try {
      return await roundTrip(dispatcher, request, { endpoint, proxy });
    } finally {
      underWay -= 1;
      if (dispatcher !== shared) await dispatcher.destroy(spent);
    }
  };
  const close = async () => {
    end.abort('closed');
    // An idle connection needs no more than to be let go: to end it takes 2 ms.
    for (const socket of sockets) socket.unref();
    if (underWay === 0) return;
    await shared.destroy();
    for (const socket of sockets) socket.destroy();
  };
  return { send, close };
}

/** Makers of connections: for many requests, and for a single one. */
interface Ways {
  many(): Dispatcher;
  one(): Dispatcher;
}

interface Keeping {
  readonly sockets: Set<Socket>;
  readonly clock: Clock;
  /** Aborts when nothing is waited for any more. */
  readonly ended: AbortSignal;
}

function direct(endpoint: URL, { sockets, clock, ended }: Keeping): Ways {
  // undici's own limit reads a clock of its own.
  const connect = limited(tracked(buildConnector({ timeout: 0 }), sockets), { clock, ended });
  return {
    many: () => new Pool(endpoint.origin, { ...settings, connect }),
    one: () => new Client(endpoint.origin, { ...settings, connect }),
  };
}

type Connect = (...dial: Parameters<buildConnector.connector>) => Socket;

/** undici lets go of a socket that is still connecting only when that is done or has failed, ten seconds later. */
function tracked(connect: buildConnector.connector, sockets: Set<Socket>): Connect {
  return (options, callback) => {
    const socket = connect(options, callback) as unknown as Socket;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    return socket;
  };
}

/** Gives a connection up that does not stand in time, its TLS included. */
function limited(connect: Connect, { clock, ended }: Pick<Keeping, 'clock' | 'ended'>): Connect {
  return (options, callback) => {
    const limit = new AbortController();
    const socket = connect(options, (...outcome) => {
      limit.abort('connected or failed');
      callback(...outcome);
    });
    socket.once('close', () => limit.abort('closed'));
    const giveUp = () => socket.destroy(Object.assign(new Error('connect timed out'), { code: 'ETIMEDOUT' }));
    clock.sleep(connectLimit, AbortSignal.any([limit.signal, ended])).then(giveUp, () => {});
    return socket;
  };
}

interface Route {
  readonly endpoint: URL;
  readonly proxy: ProxyRoute | undefined;
}

async function roundTrip(dispatcher: Dispatcher, request: Request, { endpoint, proxy }: Route): Promise<Response> {
  const { signal } = request;
  signal?.throwIfAborted();
  // While the answer is on its way there is time to load what will decode it.
  const exchange = new ResponseReader(isCompressed(request) ? loadDecoders : undefined);
  const stop = () => exchange.stop(signal?.reason);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    dispatcher.dispatch(onTheWire(request, endpoint), exchange);
    const raw = await exchange.response;
    // undici takes the connection back a turn later: a request sent before that would open another.
    await new Promise(setImmediate);
    return await whole(raw);
  } catch (error) {
    const { sent, partial: begun } = exchange;
    throw networkError(error, { peer: address(endpoint), proxy: proxy && address(proxy.url), sent, partial: begun });
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function onTheWire(request: Request, endpoint: URL): Dispatcher.DispatchOptions {
  const { method, path, query, headers, body } = request;
  const coding = isCompressed(request) ? { 'accept-encoding': 'gzip' } : {};
  return {
    origin: endpoint.origin,
    method,
    path: `${endpoint.pathname.replace(/\/+$/, '')}${path}${queryString(query)}`,
    headers: { ...headers, ...coding },
    body: body === undefined ? null : JSON.stringify(body),
  };
}

/** A page of a list shrinks thirteen times; other answers are too short to gain. */
function isCompressed({ query }: Request): boolean {
  return query?.page_size !== undefined || query?.page_token !== undefined;
}

async function whole({ status, headers, body }: RawResponse): Promise<Response> {
  try {
    return { status, headers, body: await decodeBody(body, headers.get('content-encoding') ?? '') };
  } catch (error) {
    // The status of a refusal says enough without its text.
    if (status >= 400) return { status, headers, body: new Uint8Array() };
    throw error;
  }
}

function address(url: URL): string {
  return `${url.hostname}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`;
}

/** Ways through a proxy. Its parts of undici are loaded only for those who have one. */
async function tunnels({ url, token }: ProxyRoute, sockets: Set<Socket>): Promise<Ways> {
  const [{ default: ProxyAgent }, { default: connect }] = await Promise.all([
    import('undici/lib/dispatcher/proxy-agent.js'),
    import('undici/lib/api/api-connect.js'),
  ]);
  /** Gives its own error when no tunnel opens: undici takes its own for a passing one and asks the proxy again for ever. */
  class Tunnel extends Pool {
    override async connect(options: Dispatcher.ConnectOptions): Promise<Dispatcher.ConnectData> {
      const answer = await connect.call(this, options).catch((cause) => {
        throw new ProxyRefusal(undefined, cause);
      });
      if (answer.statusCode === 200) return answer;
      answer.socket.on('error', () => {}).destroy();
      throw new ProxyRefusal(answer.statusCode);
    }
  }
  const clientFactory = (origin: URL, { connect: dial }: { connect: buildConnector.connector }) =>
    new Tunnel(origin, { ...settings, headersTimeout: connectLimit, connect: tracked(dial, sockets) });
  const open = () =>
    new ProxyAgent({ ...settings, uri: url.href, clientFactory, ...(token === undefined ? {} : { token }) });
  return { many: open, one: open };
}

function unverified(): CliError {
  return new CliError('usage', 'cannot send a key while "NODE_TLS_REJECT_UNAUTHORIZED" is 0', {
    reason: 'it turns off the check that the server is who it says',
    hints: [
      'unset NODE_TLS_REJECT_UNAUTHORIZED',
      'for an authority of your own: export NODE_EXTRA_CA_CERTS=/path/to/ca.pem',
    ],
  });
}
