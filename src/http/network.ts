import type { Socket } from 'node:net';
import type { Dispatcher } from 'undici';
// undici by the parts that are needed: whole, it costs three times as much to load. Its version is pinned.
import buildConnector from 'undici/lib/core/connect.js';
import Client from 'undici/lib/dispatcher/client.js';
import Pool from 'undici/lib/dispatcher/pool.js';
import { CliError } from '../errors.ts';
import type { Clock, Environment } from '../host.ts';
import { addressOf, isLoopback, type ProxyRoute, proxyFor } from './endpoint.ts';
import { DecodeError, isDistrusted, networkError, ProxyRefusal, systemAuthorities } from './network-errors.ts';
import { queryString, type Request, type Response, type Send } from './send.ts';

export interface NetworkOptions {
  /** No other origin is ever contacted; its path is the prefix of every request's. */
  readonly endpoint: URL;
  readonly env: Environment;
  readonly clock: Clock;
}

export interface Network {
  readonly send: Send;
  /** Ends pending requests. No connection keeps the process alive after that. */
  close(): void;
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

/** Milliseconds for a connection, with its tunnel through a proxy and its TLS handshake, to be established. */
const connectLimit = 10_000;

/** The connections to one endpoint. None is opened before the first request. */
export async function openNetwork(options: NetworkOptions): Promise<Network> {
  const { endpoint, env } = options;
  if (env.NODE_TLS_REJECT_UNAUTHORIZED === '0' && !isLoopback(endpoint)) throw verificationOff();
  const place: Place = { ...options, proxy: proxyFor(endpoint, env), sockets: new Set(), exchanges: new Set() };
  const first = await openRoute(place);
  let second: Promise<Route | undefined> | undefined;
  const send = async (request: Request) => {
    const route = (await second) ?? first;
    try {
      return await sendBy(route, request);
    } catch (error) {
      if (route !== first || !isDistrusted(error)) throw error;
      // Nothing was sent: the certificate was refused before that.
      second ??= systemAuthorities().then((ca) => ca && openRoute(place, ca));
      const other = await second;
      if (other === undefined) throw error;
      return sendBy(other, request);
    }
  };
  return { send, close: () => close(place) };
}

interface Place extends NetworkOptions {
  readonly proxy: ProxyRoute | undefined;
  /** All that are open: undici closes one that is still connecting only when that is done or has failed. */
  readonly sockets: Set<Socket>;
  /** The requests that wait for their responses. */
  readonly exchanges: Set<Exchange>;
  isClosed?: boolean;
}

function close(place: Place): void {
  const isBusy = place.exchanges.size > 0;
  place.isClosed = true;
  for (const exchange of place.exchanges) exchange.stop(cancelled());
  for (const socket of place.sockets) {
    if (isBusy || socket.connecting) socket.destroy();
    // To end an idle one would take 2 ms.
    else socket.unref();
  }
}

function cancelled(): CliError {
  return new CliError('cancelled', 'cancelled');
}

/** A way to the endpoint, and what the server's certificate is checked against on it. */
interface Route {
  readonly place: Place;
  readonly hasAskedSystem: boolean;
  /** For many requests. */
  readonly pool: Dispatcher;
  /** For a single request, over a connection of its own. */
  openSingle(): Dispatcher;
}

/** @param ca The authorities in PEM, of the system's store as well; those that Node.js trusts where there are none. */
async function openRoute(place: Place, ca?: string[]): Promise<Route> {
  const { endpoint, proxy } = place;
  const route = { place, hasAskedSystem: ca !== undefined };
  const tls = ca === undefined ? {} : { ca };
  if (proxy !== undefined) {
    const open = await tunnels(proxy, place, tls);
    return { ...route, pool: open(), openSingle: open };
  }
  // undici's own timeout does not use our clock. No request takes the minute after which TCP would probe a connection.
  const connect = tracked(buildConnector({ timeout: 0, keepAlive: false, ...tls }), place);
  const direct = { ...settings, connect };
  return { ...route, pool: new Pool(endpoint.origin, direct), openSingle: () => new Client(endpoint.origin, direct) };
}

function tracked(connect: buildConnector.connector, place: Place): buildConnector.connector {
  return (options, callback) => {
    // undici names the address of a proxy as a server name, which TLS does not allow. isIP of Node.js takes 3 ms at first.
    const isAddress = /^[\d.]+$|:/.test(options.servername ?? '');
    const named = isAddress ? { ...options, servername: '' } : options;
    const socket = connect(named, callback) as unknown as Socket;
    place.sockets.add(socket);
    socket.once('close', () => place.sockets.delete(socket));
    // undici opens another one for a request that has not begun.
    if (place.isClosed) socket.destroy();
    return socket;
  };
}

/** Connections through a proxy. The parts of undici for it are loaded only if there is one. */
async function tunnels({ url, token }: ProxyRoute, place: Place, tls: { ca?: string[] }) {
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
    new Tunnel(origin, { ...settings, headersTimeout: connectLimit, connect: tracked(dial, place) });
  const login = token === undefined ? {} : { token };
  return () => new ProxyAgent({ ...settings, uri: url.href, clientFactory, ...login, requestTls: tls, proxyTls: tls });
}

/** Made once: undici would make an error with a stack for every connection that is closed. */
const connectionDone = new Error('the connection has served its request');

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

async function roundTrip(
  dispatcher: Dispatcher,
  request: Request,
  { place, hasAskedSystem }: Route,
): Promise<Response> {
  const { endpoint, env, clock, proxy } = place;
  const { signal } = request;
  signal?.throwIfAborted();
  if (place.isClosed) throw cancelled();
  const options = dispatchOptions(request, endpoint);
  const exchange = new Exchange();
  place.exchanges.add(exchange);
  const done = new AbortController();
  signal?.addEventListener('abort', () => exchange.stop(signal.reason), { signal: done.signal });
  clock.sleep(connectLimit, done.signal).then(
    () => exchange.sent || exchange.stop(connectTimeout(proxy)),
    () => {},
  );
  try {
    dispatcher.dispatch(options, exchange);
    // The decoders are loaded while the server works on its response.
    if (isCompressed(request)) setImmediate(loadDecoders);
    const response = await exchange.response;
    // undici returns the connection to its pool a turn later: a request sent before that would open another.
    if (!request.fresh) await new Promise(setImmediate);
    return await decoded(response);
  } catch (error) {
    const { sent, partial } = exchange;
    throw networkError(error, {
      peer: addressOf(endpoint),
      proxy,
      sent,
      partial,
      env,
      hasAskedSystem,
    });
  } finally {
    place.exchanges.delete(exchange);
    done.abort('done');
  }
}

function connectTimeout(proxy: ProxyRoute | undefined): Error {
  const error = Object.assign(new Error('connect timed out'), { code: 'ETIMEDOUT' });
  return proxy === undefined ? error : new ProxyRefusal(undefined, error);
}

function dispatchOptions(request: Request, { origin, pathname }: URL): Dispatcher.DispatchOptions {
  const { method, query, body, form } = request;
  const path = `${pathname.replace(/\/+$/, '')}${request.path}${queryString(query)}`;
  const headers = { ...request.headers, ...(isCompressed(request) ? { 'accept-encoding': 'gzip' } : {}) };
  const json = body === undefined ? null : JSON.stringify(body);
  return { origin, method, path, headers, body: form === undefined ? json : new URLSearchParams(form).toString() };
}

/** A page of a list shrinks to a thirteenth; other responses are too short to gain. */
function isCompressed({ query }: Request): boolean {
  return query?.page_size !== undefined || query?.page_token !== undefined;
}

type RawResponse = Omit<Response, 'body'> & { readonly body: Buffer };

/** Collects the response to one request from the callbacks of undici; its promise settles once. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly response: Promise<RawResponse>;
  /** Whether bytes of the request may have been sent. */
  sent = false;
  #resolve: (raw: RawResponse) => void = () => {};
  #reject: (error: unknown) => void = () => {};
  #controller: Dispatcher.DispatchController | undefined;
  #stopped: Error | undefined;
  #head: Omit<Response, 'body'> | undefined;
  #chunks: Buffer[] = [];
  #size = 0;

  constructor() {
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get partial(): RawResponse | undefined {
    const [only] = this.#chunks;
    const body = only !== undefined && this.#chunks.length === 1 ? only : Buffer.concat(this.#chunks);
    return this.#head && { ...this.#head, body };
  }

  /** Ends the request at once: undici itself notices an abort only once it is connected. */
  stop(reason: unknown): void {
    this.#stopped = reason instanceof Error ? reason : new Error('aborted', { cause: reason });
    this.#reject(reason);
    this.#controller?.abort(this.#stopped);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#stopped === undefined) this.sent = true;
    else controller.abort(this.#stopped);
  }

  onResponseStart(_: unknown, status: number, headers: Readonly<Record<string, string | string[] | undefined>>): void {
    const pairs = Object.entries(headers).map(([name, value = '']) => [name, [value].flat().join(', ')] as const);
    this.#head = { status, headers: new Map(pairs) };
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size > bodyLimit) controller.abort(new DecodeError(tooBigReason));
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (this.partial !== undefined) this.#resolve(this.partial);
  }

  onResponseError(_: unknown, error: Error): void {
    // A 204 is complete with its headers; a server that sends a body after it only breaks the connection.
    if (this.#head?.status === 204) this.onResponseEnd();
    else this.#reject(error);
  }
}

/** Bytes that a response may have, counted after decoding. */
const bodyLimit = 10 * 1024 * 1024;

const tooBigReason = `it is larger than ${bodyLimit / 1024 / 1024} MiB`;

async function decoded({ status, headers, body }: RawResponse): Promise<Response> {
  try {
    const label = (headers.get('content-encoding') ?? '').trim().toLowerCase();
    return { status, headers, body: await decodedBody(body, label) };
  } catch (error) {
    // The status of an error is enough without its body.
    if (status >= 400) return { status, headers, body: new Uint8Array() };
    throw error;
  }
}

let decoders: Promise<typeof import('node:zlib')> | undefined;

/** Once: the bundle would copy all of the module for each response. */
function loadDecoders() {
  decoders ??= import('node:zlib');
  return decoders;
}

/** Decodes by the label or, as gateways forget that, by gzip's first bytes. */
async function decodedBody(body: Buffer, label: string): Promise<Buffer> {
  const decoder = decoderFor(body, label);
  if (decoder === undefined || body.length === 0) return body;
  const { [decoder]: decode } = await loadDecoders();
  try {
    return decode(body, { maxOutputLength: bodyLimit });
  } catch (error) {
    const isTooBig = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw new DecodeError(isTooBig ? tooBigReason : `it is not valid ${label || 'gzip'}`, { cause: error });
  }
}

function decoderFor(body: Buffer, label: string) {
  switch (label) {
    case '':
    case 'identity':
      return body[0] === 0x1f && body[1] === 0x8b ? 'gunzipSync' : undefined;
    case 'gzip':
    case 'x-gzip':
      return 'gunzipSync';
    case 'br':
      return 'brotliDecompressSync';
    case 'deflate':
      // It means the zlib format, but some servers leave out its header.
      return body.length > 1 && ((body[0] ?? 0) & 0x0f) === 8 && body.readUInt16BE() % 31 === 0
        ? 'inflateSync'
        : 'inflateRawSync';
    default:
      throw new DecodeError(`its content encoding "${label.slice(0, 40)}" is unknown`);
  }
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
