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
  /** No other origin is ever contacted; its path is the prefix of every request's. */
  readonly endpoint: URL;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** As `20.18.1`. */
  readonly nodeVersion: string;
}

export interface Network {
  readonly send: Send;
  /** Ends pending requests. No connection keeps the process alive after that. */
  close(): Promise<void>;
}

/** Milliseconds for a connection, or a tunnel through a proxy, to be established. */
const connectLimit = 10_000;

const settings = {
  // Shorter than servers use: a request is lost if the server closes the connection at that moment.
  keepAliveTimeout: 1000,
  keepAliveMaxTimeout: 1000,
  maxHeaderSize: 16 * 1024,
  // Each attempt has a timeout of its own: those of undici start anew with every byte.
  headersTimeout: 0,
  bodyTimeout: 0,
} as const;

/**
 * V8 before Node 22 optimizes undici's parser in the background and delays the exit by 75 ms until that is done. Other
 * code it optimizes so early that a list of ten pages takes a tenth longer, and one of a thousand pages gains nothing.
 */
const lessOptimizing = '--liftoff-only --interrupt-budget=500000';

/** Made once: undici would make an error with a stack for every connection that is closed. */
const connectionDone = new Error('the connection has served its request');

/** The connections to one endpoint. None is opened before the first request. */
export async function openNetwork({ endpoint, env, clock, nodeVersion }: NetworkOptions): Promise<Network> {
  if (env.NODE_TLS_REJECT_UNAUTHORIZED === '0' && !isLoopback(endpoint)) throw verificationOff();
  if (Number.parseInt(nodeVersion, 10) < 22) (await import('node:v8')).setFlagsFromString(lessOptimizing);
  const proxy = proxyFor(endpoint, env);
  const sockets = new Set<Socket>();
  const closing = new AbortController();
  const { openPool, openSingle } =
    proxy === undefined ? direct(endpoint, { sockets, clock, closed: closing.signal }) : await tunnels(proxy, sockets);
  const pool = openPool();
  let pending = 0;
  const send = async (request: Request) => {
    const dispatcher = request.fresh ? openSingle() : pool;
    pending += 1;
    try {
      return await roundTrip(dispatcher, request, { endpoint, proxy });
    } finally {
      pending -= 1;
      if (dispatcher !== pool) await dispatcher.destroy(connectionDone);
    }
  };
  const close = async () => {
    closing.abort('closed');
    // Idle connections are only unreferenced: ending them takes 2 ms.
    for (const socket of sockets) socket.unref();
    if (pending === 0) return;
    await pool.destroy();
    for (const socket of sockets) socket.destroy();
  };
  return { send, close };
}

interface Dispatchers {
  /** For many requests. */
  openPool(): Dispatcher;
  /** For a single request, over a connection of its own. */
  openSingle(): Dispatcher;
}

interface ConnectionOptions {
  readonly sockets: Set<Socket>;
  readonly clock: Clock;
  /** Aborts when the network is closed. */
  readonly closed: AbortSignal;
}

function direct(endpoint: URL, { sockets, clock, closed }: ConnectionOptions): Dispatchers {
  // undici's own timeout does not use our clock.
  const connect = limited(tracked(buildConnector({ timeout: 0 }), sockets), { clock, closed });
  return {
    openPool: () => new Pool(endpoint.origin, { ...settings, connect }),
    openSingle: () => new Client(endpoint.origin, { ...settings, connect }),
  };
}

type Connect = (...dial: Parameters<buildConnector.connector>) => Socket;

/** Remembers the sockets: undici closes one that is still connecting only when that is done or has failed. */
function tracked(connect: buildConnector.connector, sockets: Set<Socket>): Connect {
  return (options, callback) => {
    const socket = connect(options, callback) as unknown as Socket;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    return socket;
  };
}

/** Destroys a connection that is not established in time, TLS included. */
function limited(connect: Connect, { clock, closed }: Pick<ConnectionOptions, 'clock' | 'closed'>): Connect {
  return (options, callback) => {
    const limit = new AbortController();
    const socket = connect(options, (...outcome) => {
      limit.abort('connected or failed');
      callback(...outcome);
    });
    socket.once('close', () => limit.abort('closed'));
    const giveUp = () => socket.destroy(Object.assign(new Error('connect timed out'), { code: 'ETIMEDOUT' }));
    clock.sleep(connectLimit, AbortSignal.any([limit.signal, closed])).then(giveUp, () => {});
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
  // The decoders are loaded while the server works on its response.
  const reader = new ResponseReader(isCompressed(request) ? loadDecoders : undefined);
  const stop = () => reader.stop(signal?.reason);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    dispatcher.dispatch(dispatchOptions(request, endpoint), reader);
    const raw = await reader.response;
    // undici returns the connection to its pool a turn later: a request sent before that would open another.
    await new Promise(setImmediate);
    return await decoded(raw);
  } catch (error) {
    const { sent, partial } = reader;
    throw networkError(error, { peer: address(endpoint), proxy: proxy && address(proxy.url), sent, partial });
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function dispatchOptions(request: Request, endpoint: URL): Dispatcher.DispatchOptions {
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

/** A page of a list shrinks to a thirteenth; other responses are too short to gain. */
function isCompressed({ query }: Request): boolean {
  return query?.page_size !== undefined || query?.page_token !== undefined;
}

async function decoded({ status, headers, body }: RawResponse): Promise<Response> {
  try {
    return { status, headers, body: await decodeBody(body, headers.get('content-encoding') ?? '') };
  } catch (error) {
    // The status of an error is enough without its body.
    if (status >= 400) return { status, headers, body: new Uint8Array() };
    throw error;
  }
}

function address(url: URL): string {
  return `${url.hostname}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`;
}

/** Connections through a proxy. The parts of undici for it are loaded only if there is one. */
async function tunnels({ url, token }: ProxyRoute, sockets: Set<Socket>): Promise<Dispatchers> {
  const [{ default: ProxyAgent }, { default: connect }] = await Promise.all([
    import('undici/lib/dispatcher/proxy-agent.js'),
    import('undici/lib/api/api-connect.js'),
  ]);
  /** Throws an error of ours when no tunnel opens: undici would take its own for temporary and retry for ever. */
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
  return { openPool: open, openSingle: open };
}

function verificationOff(): CliError {
  return new CliError('usage', 'cannot send a key while "NODE_TLS_REJECT_UNAUTHORIZED" is 0', {
    reason: 'it turns off the verification of certificates',
    hints: [
      'unset NODE_TLS_REJECT_UNAUTHORIZED',
      'for a certificate authority of your own: export NODE_EXTRA_CA_CERTS=/path/to/ca.pem',
    ],
  });
}
