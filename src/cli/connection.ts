import type { CliError } from '../errors.ts';
import type { GitHub } from '../github.ts';
import type { Host } from '../host.ts';
import { AnswerWait } from '../http/answer-wait.ts';
import { type Api, createApi, httpStack } from '../http/api.ts';
import { fixedSigner, isReadOnly, type ServerClock, type Signer, type StackOptions } from '../http/layers.ts';
import type { Redactor } from '../http/redact.ts';
import type { Request, Send } from '../http/send.ts';
import { type Identity, type RemoteIdentity, readSecret, sandboxApiKey } from '../profiles/profile.ts';
import { explainRefusal } from '../profiles/resolve.ts';
import type { Exchange } from '../profiles/token-exchange.ts';
import { type GlobalOptions, version } from './global-options.ts';
import type { DrawLine } from './printer.ts';

export interface Connection {
  readonly api: Api;
  /** Sends one request through all layers; its response is not checked. */
  readonly send: Send;
  /** Exchanges the token of an identity pool; resolves to when it expires, milliseconds since 1970. Undefined for others. */
  expiresAt(): Promise<number | undefined>;
  close(): void;
}

/** One run of the program: what it shares, whatever it connects to. */
export interface Run {
  readonly host: Host;
  readonly globals: GlobalOptions;
  readonly redactor: Redactor;
  readonly github: GitHub;
  /** Aborts at Ctrl-C and when `--timeout` is up. */
  readonly signal: AbortSignal;
  /** Aborts when what is under way has to end as well. */
  readonly deadline: AbortSignal;
  say(text: string): void;
}

interface ConnectionOptions extends Run {
  readonly identity: Identity;
  readonly serverClock?: ServerClock;
  readonly draw: DrawLine | undefined;
  /** Prints a line of the HTTP log; without it there is none. */
  readonly trace: ((line: string) => void) | undefined;
}

/** Connects to the API of an identity, over the network or within the process, through the same layers. */
export async function connect(options: ConnectionOptions): Promise<Connection> {
  const { host, globals, identity, redactor, deadline, serverClock, trace: debug } = options;
  // A program that reads json from stdout may parse stderr, too, and expects nothing but an error there.
  const isSilent = ['json', 'ndjson'].includes(globals.output) && !host.stderr.isTTY;
  const say = isSilent ? () => {} : options.say;
  const { endpoint } = identity;
  const server = identity.kind === 'sandbox' ? 'the sandbox' : endpoint.host;
  const layers = { endpoint, server, redactor, version, clock: host.clock, say, retries: globals.retries, debug };
  const transport =
    identity.kind === 'sandbox' ? await sandboxTransport(options) : await networkTransport(identity, options, layers);
  const unanswered = new AnswerWait({ clock: host.clock, server, say, draw: options.draw });
  const { signer } = transport;
  const header = () => unanswered.forCredentials(signer.header());
  const send = httpStack(transport.send, {
    ...layers,
    signer: { ...signer, header },
    unanswered,
    serverClock,
    readOnly: isReadOnly(host.env),
  });
  const stoppable: Send = (request) => send({ signal: deadline, ...request });
  const close = () => {
    unanswered.close();
    return transport.close();
  };
  const explain = (failure: CliError) => explainRefusal(failure, identity, host.clock.now());
  const expiresAt = async () => signer.expiresAt?.();
  return { api: createApi(stoppable, explain), send: stoppable, expiresAt, close };
}

interface Transport {
  readonly send: Send;
  readonly signer: Signer;
  close(): void;
}

async function sandboxTransport({ host, redactor }: ConnectionOptions): Promise<Transport> {
  const { openSandbox, sandboxKey } = await import('../sandbox/sandbox.ts');
  const { api_secret } = sandboxKey;
  const { stateDir: folder, clock, processes } = host;
  const { send } = openSandbox({ folder, clock, processes, credentials: { api_key: sandboxApiKey, api_secret } });
  const credentials = async () => ({ key: sandboxApiKey, secret: api_secret });
  return { send, signer: fixedSigner(credentials, redactor.addSecret), close: () => {} };
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
  const sendTo = async (origin: URL, request: Request) => {
    const network = await open(origin);
    try {
      return await httpStack(network.send, { ...layers, endpoint: origin, server: origin.host })(request);
    } finally {
      network.close();
    }
  };
  return { send, signer: await signerFor(identity, options, { send: httpStack(send, layers), sendTo }), close };
}

async function signerFor(
  identity: RemoteIdentity,
  { host, redactor, github, signal, deadline }: ConnectionOptions,
  senders: Pick<Exchange, 'send' | 'sendTo'>,
): Promise<Signer> {
  const { clock, run } = host;
  const { addSecret } = redactor;
  switch (identity.kind) {
    case 'token':
      return fixedSigner(async () => ({ token: identity.access_token }), addSecret);
    case 'key':
      return fixedSigner(async () => {
        const secret = await readSecret(identity.secret, run, { signal });
        if ('command' in identity.secret) github.mask(secret);
        return { key: identity.api_key, secret };
      }, addSecret);
    case 'pool': {
      const { exchangeToken, renewingSigner } = await import('../profiles/token-exchange.ts');
      const world = { run, addSecret, now: () => clock.now(), signal: deadline, interrupted: signal };
      return renewingSigner(() => exchangeToken({ identity, ...senders, ...world }), clock);
    }
    default:
      throw identity satisfies never;
  }
}
