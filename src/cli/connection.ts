import type { CliError } from '../errors.ts';
import type { Host } from '../host.ts';
import { AnswerWait } from '../http/answer-wait.ts';
import { type Api, createApi, httpStack } from '../http/api.ts';
import { type Credentials, isReadOnly } from '../http/auth.ts';
import type { Redactor } from '../http/redact.ts';
import type { Send } from '../http/send.ts';
import type { ServerClock } from '../http/server-clock.ts';
import { explainRefusal } from '../profiles/auth-errors.ts';
import type { Identity } from '../profiles/profile.ts';
import { readSecret } from '../profiles/secret.ts';
import { type GlobalOptions, version } from './global-options.ts';
import { canRedraw } from './printer.ts';

export interface Connection {
  readonly api: Api;
  /** Sends one request through all layers; its response is not checked. */
  readonly send: Send;
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
  /** Draws a status line on a terminal; undefined erases it. */
  status?(line: string | undefined): void;
  /** Masks in the log of a GitHub workflow a secret that a program printed. */
  mask(secret: string): void;
  /** Prints a line of the HTTP log; without it there is none. */
  trace?(line: string): void;
}

/** Connects to the API of an identity, over the network or within the process, through the same layers. */
export async function connect(options: ConnectionOptions): Promise<Connection> {
  const { host, globals, identity, redactor, signal } = options;
  const transport = identity.kind === 'sandbox' ? await sandboxTransport(host) : await networkTransport(options);
  const say = messageWriter(options);
  const server = identity.kind === 'sandbox' ? 'the sandbox' : identity.endpoint.host;
  const draw = canRedraw(host) && !globals.quiet ? options.status : undefined;
  const unanswered = new AnswerWait({ clock: host.clock, every: host.every, server, say, draw });
  const send = httpStack(transport.send, {
    ...{ endpoint: identity.endpoint, server, credentials: transport.credentials, redactor, version },
    ...{ clock: host.clock, serverClock: options.serverClock, say, unanswered, retries: globals.retries },
    ...{ debug: options.trace, readOnly: isReadOnly(host.env) },
  });
  const stoppable: Send = (request) => send({ signal, ...request });
  const close = () => {
    unanswered.close();
    return transport.close();
  };
  const explain = (failure: CliError) => explainRefusal(failure, identity, host.clock.now());
  return { api: createApi(stoppable, explain), send: stoppable, close };
}

/** A program that reads json from stdout may parse stderr, too, and expects nothing but an error there. */
function messageWriter({ host, globals, say }: ConnectionOptions): (line: string) => void {
  const isForProgram = globals.output === 'json' || globals.output === 'ndjson';
  return (line) => (isForProgram && !host.stderr.isTTY ? undefined : say(line));
}

/** What answers the requests, and the credentials for it. */
interface Transport {
  readonly send: Send;
  readonly credentials: () => Promise<Credentials>;
  close(): Promise<void>;
}

async function sandboxTransport({ stateDir, clock, processes }: Host): Promise<Transport> {
  const { openSandbox, sandboxKey } = await import('../sandbox/sandbox.ts');
  const sandbox = await openSandbox({ folder: stateDir, clock, processes });
  const credentials = async () => ({ key: sandboxKey.api_key, secret: sandboxKey.api_secret });
  return { send: sandbox.send, credentials, close: () => sandbox.close() };
}

async function networkTransport({ host, identity, mask, interrupted }: ConnectionOptions): Promise<Transport> {
  const { openNetwork } = await import('../http/network.ts');
  const { send, close } = await openNetwork({
    endpoint: identity.endpoint,
    env: host.env,
    clock: host.clock,
  });
  const credentials = async () => {
    const secret = await readSecret(identity.secret, host.run, interrupted);
    if ('command' in identity.secret) mask(secret);
    if (identity.kind === 'token') return { token: secret };
    return { key: identity.api_key, secret };
  };
  return { send, credentials, close };
}
