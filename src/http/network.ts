import type { Socket } from 'node:net';
import type { Dispatcher } from 'undici';
// undici by the parts that are needed: whole, it costs three times as much to load. Its version is pinned.
import buildConnector from 'undici/lib/core/connect.js';
import Client from 'undici/lib/dispatcher/client.js';
import Pool from 'undici/lib/dispatcher/pool.js';
import { CliError } from '../errors.ts';
import type { Clock } from '../host.ts';
import { baseOf, isLoopback } from './endpoint.ts';
import { isDistrusted, networkError, ProxyRefusal, systemAuthorities } from './network-errors.ts';
import { type ProxyRoute, proxyFor } from './proxy.ts';
import { decodeBody, loadDecoders, type RawResponse, ResponseReader } from './response.ts';
import { queryString, type Request, type Response, type Send } from './send.ts';

export interface NetworkOptions {
  /** No other origin is ever contacted; its path is the prefix of every request's. */
  readonly endpoint: URL;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
}

export interface Network {
  readonly send: Send;
  /** Ends pending requests. No connection keeps the process alive after that. */
  close(): Promise<void>;
}

const settings = {
  // Shorter than servers use: a request is lost if the server closes the connection at that moment.
  keepAliveTimeout: 1000,
  keepAliveMaxTimeout: 1000,
  maxHeaderSize: 16 * 1024,
  // Each attempt has a timeout of its own: those of undici start anew with every byte.
  headersTimeout: 0,
  bodyTimeout: 0,
} as const;

/** Made once: undici would make an error with a stack for every connection that is closed. */
const connectionDone = new Error('the connection has served its request');

/** The connections to one endpoint. None is opened before the first request. */
export async function openNetwork(options: NetworkOptions): Promise<Network> {
  const { endpoint, env } = options;
  if (env.NODE_TLS_REJECT_UNAUTHORIZED === '0' && !isLoopback(endpoint)) throw verificationOff();
  const place: Place = { ...options, proxy: proxyFor(endpoint, env) };
  let route = await openRoute(place);
  const opened = [route];
  let pending = 0;
  const send = async (request: Request) => {
    const used = route;
    pending += 1;
    try {
      return await sendBy(used, request);
    } catch (error) {
      if (!isDistrusted(error) || used.hasAskedSystem) throw error;
      // Nothing was sent: the certificate was refused before that. Another request may have asked the store already.
      const authorities = route === used ? await systemAuthorities() : undefined;
      if (authorities !== undefined) {
        route = await openRoute(place, authorities);
        opened.push(route);
      }
      if (route === used) throw error;
      return await sendBy(route, request);
    } finally {
      pending -= 1;
    }
  };
  const close = async () => {
    for (const { connections } of opened) connections.release();
    if (pending === 0) return;
    await Promise.all(opened.map(({ pool }) => pool.destroy()));
    for (const { connections } of opened) connections.destroy();
  };
  return { send, close };
}

async function sendBy(route: Route, request: Request): Promise<Response> {
  if (!request.fresh) return await roundTrip(route.pool, request, route);
  const single = route.openSingle();
  try {
    return await roundTrip(single, request, route);
  } finally {
    // What comes of the answer goes first: to close a connection takes longer than to make a request.
    setImmediate(() => single.destroy(connectionDone));
  }
}

interface Place extends NetworkOptions {
  readonly proxy: ProxyRoute | undefined;
}

interface Dispatchers {
  /** For many requests. */
  readonly pool: Dispatcher;
  /** For a single request, over a connection of its own. */
  openSingle(): Dispatcher;
}

/** A way to the endpoint, and what the server's certificate is checked against on it. */
interface Route extends Dispatchers {
  readonly place: Place;
  readonly connections: Connections;
  readonly hasAskedSystem: boolean;
}

/** @param authorities PEM, of the system's store as well; those that Node.js trusts where there are none. */
async function openRoute(place: Place, authorities?: string[]): Promise<Route> {
  const { endpoint, clock, proxy } = place;
  const connections = new Connections(clock, authorities);
  const dispatchers =
    proxy === undefined ? direct(endpoint, connections) : await tunnels(proxy, connections, authorities);
  return { ...dispatchers, place, connections, hasAskedSystem: authorities !== undefined };
}

function direct({ origin }: URL, { open }: Connections): Dispatchers {
  const options = { ...settings, connect: open };
  return { pool: new Pool(origin, options), openSingle: () => new Client(origin, options) };
}

async function roundTrip(dispatcher: Dispatcher, request: Request, route: Route): Promise<Response> {
  const { endpoint, env, proxy } = route.place;
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
    if (!request.fresh) await new Promise(setImmediate);
    return await decoded(raw);
  } catch (error) {
    const { sent, partial } = reader;
    throw networkError(error, {
      ...{ peer: address(endpoint), proxy: proxy && address(proxy.url), sent, partial },
      ...{ env, hasAskedSystem: route.hasAskedSystem },
    });
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function dispatchOptions(request: Request, endpoint: URL): Dispatcher.DispatchOptions {
  const { method, path, query, headers } = request;
  const coding = isCompressed(request) ? { 'accept-encoding': 'gzip' } : {};
  return {
    origin: endpoint.origin,
    method,
    path: `${baseOf(endpoint).slice(endpoint.origin.length)}${path}${queryString(query)}`,
    headers: { ...headers, ...coding },
    body: bodyText(request),
  };
}

function bodyText({ body, form }: Request): string | null {
  if (form !== undefined) return new URLSearchParams(form).toString();
  return body === undefined ? null : JSON.stringify(body);
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
async function tunnels(
  { url, token }: ProxyRoute,
  connections: Connections,
  authorities: string[] | undefined,
): Promise<Dispatchers> {
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
  const clientFactory = (origin: URL, { connect: dial }: { connect: Parameters<Connections['tracked']>[0] }) =>
    new Tunnel(origin, { ...settings, headersTimeout: connectLimit, connect: connections.tracked(dial) });
  const login = token === undefined ? {} : { token };
  const tls = authorities === undefined ? {} : { requestTls: { ca: authorities }, proxyTls: { ca: authorities } };
  const open = () => new ProxyAgent({ ...settings, uri: url.href, clientFactory, ...login, ...tls });
  return { pool: open(), openSingle: open };
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

/** Opens a connection; the callback gets it once it is established, TLS included. */
type Connect = (...dial: Parameters<buildConnector.connector>) => void;

/** Milliseconds for a connection, or a tunnel through a proxy, to be established. */
const connectLimit = 10_000;

/** The connections to one endpoint, or to the proxy in between. */
class Connections {
  readonly #clock: Clock;
  readonly #sockets = new Set<Socket>();
  /** The limits of connections that are not established yet. */
  readonly #limits = new Set<AbortController>();
  readonly #connect: ReturnType<Connections['tracked']>;

  constructor(clock: Clock, authorities?: string[]) {
    this.#clock = clock;
    const ca = authorities === undefined ? {} : { ca: authorities };
    // undici's own timeout does not use our clock. No request takes the minute after which TCP would probe a connection.
    this.#connect = this.tracked(buildConnector({ timeout: 0, keepAlive: false, ...ca }));
  }

  /** Remembers the sockets: undici closes one that is still connecting only when that is done or has failed. */
  tracked(connect: buildConnector.connector): (...dial: Parameters<Connect>) => Socket {
    return (options, callback) => {
      const socket = connect(options, callback) as unknown as Socket;
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      return socket;
    };
  }

  /** Opens a connection, and destroys it if it is not established in time. */
  readonly open: Connect = (options, callback) => {
    const limit = new AbortController();
    const end = () => {
      if (this.#limits.delete(limit)) limit.abort('ended');
    };
    this.#limits.add(limit);
    const socket = this.#connect(options, (...outcome) => {
      end();
      callback(...outcome);
    });
    socket.once('close', end);
    const giveUp = () => socket.destroy(Object.assign(new Error('connect timed out'), { code: 'ETIMEDOUT' }));
    this.#clock.sleep(connectLimit, limit.signal).then(giveUp, () => {});
  };

  /** No connection keeps the process alive from now on. Ending idle ones would take 2 ms. */
  release(): void {
    for (const limit of this.#limits) limit.abort('closed');
    for (const socket of this.#sockets) {
      if (socket.connecting) socket.destroy();
      else socket.unref();
    }
  }

  destroy(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
