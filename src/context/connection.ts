import type { CliError } from '../errors.ts';
import type { Host } from '../host.ts';
import { AnswerWait } from '../http/answer-wait.ts';
import { type Api, createApi, httpStack } from '../http/api.ts';
import type { Credentials } from '../http/auth.ts';
import { isReadOnly } from '../http/auth.ts';
import type { Redactor } from '../http/redact.ts';
import type { Send } from '../http/send.ts';
import { explainTokenRefusal } from '../profiles/auth-errors.ts';
import type { Identity } from '../profiles/profile.ts';
import { readSecret } from '../profiles/secret.ts';
import type { GlobalOptions } from './global-options.ts';
import { version } from './version.ts';

export interface Connection {
  readonly api: Api;
  /** One request through all layers, its answer as it came, headers and all. */
  readonly send: Send;
  close(): Promise<void>;
}

export interface ConnectionOptions {
  readonly host: Host;
  readonly globals: GlobalOptions;
  readonly identity: Identity;
  readonly redactor: Redactor;
  readonly signal: AbortSignal;
  /** Hears what a person should know while they wait. */
  say(text: string): void;
  /** Draws what is waited for over the line before, on a terminal; undefined takes it away. */
  status?(line: string | undefined): void;
  /** Hears a secret that a program printed: nobody else has taught it to the log of a workflow. */
  mask(secret: string): void;
  /** Hears the HTTP log, if it was asked for. */
  trace?(line: string): void;
}

/** The way to the API of this identity, be it over the network or within the process; the same layers lie on both. */
export async function connect(options: ConnectionOptions): Promise<Connection> {
  const { host, globals, identity, redactor, signal } = options;
  const ground = identity.kind === 'sandbox' ? await sandboxTransport(host) : await networkTransport(options);
  const say = wordsOnStderr(options);
  const server = identity.kind === 'sandbox' ? 'the sandbox' : identity.endpoint.host;
  const unanswered = new AnswerWait({ clock: host.clock, every: host.every, server, say, draw: lineFor(options) });
  const send = httpStack(ground.send, {
    ...{
      endpoint: identity.endpoint,
      server,
      credentials: ground.credentials,
      redactor,
      version,
      clock: host.clock,
      say,
    },
    ...{ unanswered, retries: globals.retries, debug: options.trace, readOnly: isReadOnly(host.env) },
  });
  const stoppable: Send = (request) => send({ signal, ...request });
  const close = () => {
    unanswered.close();
    return ground.close();
  };
  const explain = (failure: CliError) => explainTokenRefusal(failure, identity, host.clock.now());
  return { api: createApi(stoppable, explain), send: stoppable, close };
}

/** A program that reads json expects nothing but the line of the error beside it. */
function wordsOnStderr({ host, globals, say }: ConnectionOptions): (line: string) => void {
  const isForProgram = globals.output === 'json' || globals.output === 'ndjson';
  return (line) => (isForProgram && !host.stderr.isTTY ? undefined : say(line));
}

/** A line that is drawn over itself would be read out again and again by a screen reader. */
function lineFor({ host, globals, status }: ConnectionOptions): ConnectionOptions['status'] {
  return !globals.quiet && host.stderr.isTTY && host.env.ACCESSIBLE === undefined ? status : undefined;
}

/** What the layers stand on: something that answers, and the key it wants. */
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

async function networkTransport({ host, identity, mask }: ConnectionOptions): Promise<Transport> {
  const { openNetwork } = await import('../http/network.ts');
  const { send, close } = await openNetwork({
    endpoint: identity.endpoint,
    env: host.env,
    clock: host.clock,
    nodeVersion: host.nodeVersion,
  });
  const credentials = async () => {
    const secret = await readSecret(identity.secret, host.run);
    if ('command' in identity.secret) mask(secret);
    if (identity.kind === 'token') return { token: secret };
    return { key: identity.api_key, secret };
  };
  return { send, credentials, close };
}
