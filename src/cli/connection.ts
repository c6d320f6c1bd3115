import type { CliError } from '../errors.ts';
import type { Host } from '../host.ts';
import { AnswerWait } from '../http/answer-wait.ts';
import { type Api, createApi, httpStack, type StackOptions } from '../http/api.ts';
import { fixedSigner, RenewingSigner, type Signer } from '../http/auth.ts';
import { isReadOnly, type ServerClock } from '../http/layers.ts';
import type { Redactor } from '../http/redact.ts';
import type { Request, Send } from '../http/send.ts';
import { explainRefusal } from '../profiles/auth-errors.ts';
import { type Identity, type RemoteIdentity, readSecret, sandboxApiKey } from '../profiles/profile.ts';
import type { Exchange } from '../profiles/token-exchange.ts';
import { type GlobalOptions, version } from './global-options.ts';
import type { DrawLine } from './printer.ts';

export interface Connection {
  readonly api: Api;
  /** Sends one request through all layers; its response is not checked. */
  readonly send: Send;
  /** Exchanges the token of an identity pool; resolves to when it expires, milliseconds since 1970. Undefined for others. */
  expiresAt(): Promise<number | undefined>;
  close(): Promise<void>;
}

interface ConnectionOptions {
  readonly host: Host;
  readonly globals: GlobalOptions;
  readonly identity: Identity;
  readonly redactor: Redactor;
  readonly signal: AbortSignal;
  /** Aborts at the first Ctrl-C, for what is not worth finishing. */
  readonly interrupted: AbortSignal;
  readonly serverClock?: ServerClock;
  /** Prints a message. */
  say(text: string): void;
  /** Draws a line on the terminal; undefined erases it. Left out where nothing can be redrawn. */
  readonly draw?: DrawLine | undefined;
  /** Masks in the log of a GitHub workflow a secret that a program printed. */
  mask(secret: string): void;
  /** Prints a line of the HTTP log; without it there is none. */
  trace?(line: string): void;
}

/** Connects to the API of an identity, over the network or within the process, through the same layers. */
export async function connect(options: ConnectionOptions): Promise<Connection> {
  const { host, globals, identity, redactor, signal, serverClock, trace: debug } = options;
  const say = messageWriter(options);
  const { endpoint } = identity;
  const server = identity.kind === 'sandbox' ? 'the sandbox' : endpoint.host;
  const layers = { endpoint, server, redactor, version, clock: host.clock, say, retries: globals.retries, debug };
  const transport =
    identity.kind === 'sandbox' ? await sandboxTransport(options) : await networkTransport(identity, options, layers);
  const unanswered = new AnswerWait({ clock: host.clock, every: host.every, server, say, draw: options.draw });
  const { signer } = transport;
  const send = httpStack(transport.send, {
    ...layers,
    signer,
    unanswered,
    serverClock,
    readOnly: isReadOnly(host.env),
  });
  const stoppable: Send = (request) => send({ signal, ...request });
  const close = () => {
    unanswered.close();
    return transport.close();
  };
  const explain = (failure: CliError) => explainRefusal(failure, identity, host.clock.now());
  const expiresAt = async () => signer.expiresAt?.();
  return { api: createApi(stoppable, explain), send: stoppable, expiresAt, close };
}

/** A program that reads json from stdout may parse stderr, too, and expects nothing but an error there. */
function messageWriter({ host, globals, say }: ConnectionOptions): (line: string) => void {
  const isForProgram = globals.output === 'json' || globals.output === 'ndjson';
  return (line) => (isForProgram && !host.stderr.isTTY ? undefined : say(line));
}

/** What answers the requests, and what signs them. */
interface Transport {
  readonly send: Send;
  readonly signer: Signer;
  close(): Promise<void>;
}

async function sandboxTransport({
  host: { stateDir, clock, processes },
  redactor,
}: ConnectionOptions): Promise<Transport> {
  const { openSandbox, sandboxKey } = await import('../sandbox/sandbox.ts');
  const { api_secret } = sandboxKey;
  const { send } = openSandbox({
    folder: stateDir,
    clock,
    processes,
    credentials: { api_key: sandboxApiKey, api_secret },
  });
  const credentials = async () => ({ key: sandboxApiKey, secret: api_secret });
  return { send, signer: fixedSigner(credentials, redactor.addSecret), close: async () => {} };
}

async function networkTransport(
  identity: RemoteIdentity,
  options: ConnectionOptions,
  layers: StackOptions,
): Promise<Transport> {
  const { host } = options;
  // V8 before Node 22 optimizes undici's parser in the background and delays the exit by 75 ms until that is done.
  if (Number.parseInt(host.nodeVersion, 10) < 22) (await import('node:v8')).setFlagsFromString('--liftoff-only');
  const { openNetwork } = await import('../http/network.ts');
  const open = (endpoint: URL) => openNetwork({ endpoint, env: host.env, clock: host.clock });
  const { send, close } = await open(identity.endpoint);
  if (identity.kind !== 'pool') return { send, signer: fixedSignerFor(identity, options), close };
  const sendTo = async (origin: URL, request: Request) => {
    const network = await open(origin);
    try {
      return await httpStack(network.send, { ...layers, endpoint: origin, server: origin.host })(request);
    } finally {
      await network.close();
    }
  };
  const signer = await poolSigner(identity, options, { send: httpStack(send, layers), sendTo });
  return { send, signer, close };
}

/** Signs with the key or the access token. */
function fixedSignerFor(
  identity: Exclude<RemoteIdentity, { kind: 'pool' }>,
  { host, redactor, mask, interrupted }: ConnectionOptions,
): Signer {
  if (identity.kind === 'token') {
    return fixedSigner(async () => ({ token: identity.access_token }), redactor.addSecret);
  }
  const credentials = async () => {
    const secret = await readSecret(identity.secret, host.run, { signal: interrupted });
    if ('command' in identity.secret) mask(secret);
    return { key: identity.api_key, secret };
  };
  return fixedSigner(credentials, redactor.addSecret);
}

/** Signs with access tokens that are exchanged for those of the pool's identity provider. */
async function poolSigner(
  identity: Exchange['identity'],
  { host, redactor, signal, interrupted }: ConnectionOptions,
  senders: Pick<Exchange, 'send' | 'sendTo'>,
): Promise<Signer> {
  const { exchangeToken } = await import('../profiles/token-exchange.ts');
  const { clock } = host;
  const { addSecret } = redactor;
  const world = { run: host.run, addSecret, now: () => clock.now(), signal, interrupted };
  const exchange: Exchange = { identity, ...senders, ...world };
  return new RenewingSigner(() => exchangeToken(exchange), clock);
}
