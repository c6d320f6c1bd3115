import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Clock } from '../../src/host.ts';
import { openSandbox, type PersonSeed, type Sandbox } from '../../src/sandbox/sandbox.ts';
import { timestamp } from '../../src/sandbox/state.ts';
import { listen } from '../support/listen.ts';
import { realClock } from '../support/real-clock.ts';
import { fakeCredentials } from '../support/run-built.ts';
import type { Certificate } from './certificate.ts';
import { type Kind, type LoggedRequest, logged, type RawRequest, type Reply, type Scenario } from './exchange.ts';
import { scenarioOf } from './scenarios.ts';
import { onRequests, send } from './wire.ts';

export interface FaultServerOptions {
  /** A name from the tables in `scenarios/`. Default: no fault. */
  readonly scenario?: string;
  /** The number of pending invitations besides one in each state. */
  readonly people?: number;
  /** Serves https with this certificate; `hang` accepts connections without a handshake. */
  readonly tls?: Certificate | 'hang';
  /** The clock of the client, if it is in this process. Default: the real time. */
  readonly clock?: Clock;
}

export interface FaultServer {
  readonly url: string;
  readonly port: number;
  readonly sandbox: Sandbox;
  readonly log: readonly LoggedRequest[];
  /** The requests to the other origin, to which redirects and page links point. */
  readonly foreignLog: readonly LoggedRequest[];
  readonly foreignUrl: string;
  readonly state: { readonly maxInFlight: number };
  /** The kinds of all requests in order, such as `list create`. */
  kinds(): string;
  count(kind: Kind): number;
  /** The number of mails to each e-mail that got any, in lower case. */
  mails(): Promise<ReadonlyMap<string, number>>;
  stop(): Promise<void>;
}

/** Starts the sandbox of one scenario on a free loopback port. */
export async function startFaultServer(options: FaultServerOptions = {}): Promise<FaultServer> {
  const scenario = scenarioOf(options.scenario ?? 'honest');
  const clock = options.clock ?? realClock;
  const sandbox = openSandbox({
    credentials: fakeCredentials,
    clock,
    switches: { quota: 1_000_000, ...scenario.rules },
  });
  await sandbox.populate({ people: [...peopleAt(clock.now(), options.people ?? 0), ...(scenario.people ?? [])] });
  const foreign = await serve({ scenario: {}, sandbox, clock, foreignUrl: '' });
  const foreignUrl = `http://localhost:${foreign.port}`;
  const own = await serve({ ...options, scenario, sandbox, clock, foreignUrl });
  return {
    ...own,
    sandbox,
    foreignLog: foreign.log,
    foreignUrl,
    kinds: () => own.log.map(({ kind }) => kind).join(' '),
    count: (kind) => own.log.filter((request) => request.kind === kind).length,
    mails: async () => new Map([...(await sandbox.mails())].filter(([, count]) => count > 0)),
    stop: async () => {
      await Promise.all([own.stop(), foreign.stop()]);
    },
  };
}

const day = 86_400_000;

/** One invitation in each state, some days old, and further pending ones. */
function peopleAt(now: number, pending: number): PersonSeed[] {
  const person = (name: string, state: NonNullable<PersonSeed['state']>, days = 3): PersonSeed => ({
    email: `${name}@example.com`,
    state,
    invitation: `i-${name}`,
    user: `u-i-${name}`,
    created_at: timestamp(now - 9 * day),
    expires_at: timestamp(now + days * day),
  });
  return [
    person('sent', 'pending', 2),
    person('staged', 'staged'),
    person('expired', 'expired', -6),
    person('accepted', 'accepted'),
    person('gone', 'deactivated'),
    ...Array.from({ length: pending }, (_, n) => person(`person${n + 1}`, 'pending')),
  ];
}

/** Runs the act with a server, and stops the server. */
export async function withServer<T>(options: FaultServerOptions, act: (server: FaultServer) => Promise<T>): Promise<T> {
  const server = await startFaultServer(options);
  try {
    return await act(server);
  } finally {
    await server.stop();
  }
}

interface ServeOptions extends Pick<FaultServerOptions, 'tls'> {
  readonly scenario: Pick<Scenario, 'fault'>;
  readonly sandbox: Sandbox;
  readonly clock: Clock;
  readonly foreignUrl: string;
}

interface Serving {
  readonly url: string;
  readonly port: number;
  readonly log: LoggedRequest[];
  readonly state: { maxInFlight: number };
  stop(): Promise<void>;
}

async function serve(options: ServeOptions): Promise<Serving> {
  const state = { maxInFlight: 0 };
  let inFlight = 0;
  let connections = 0;
  const log: LoggedRequest[] = [];
  const server = openServer(options.tls, (socket) => onConnection(socket, ++connections));
  const { port, stop } = await listen(server);
  const url = `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;

  function onConnection(socket: Socket, connection: number): void {
    socket.on('error', () => {});
    onRequests(socket, (raw) => onRequest(socket, raw, connection));
  }

  async function onRequest(socket: Socket, raw: RawRequest, connection: number): Promise<void> {
    const request = logged(raw, connection, options.clock.monotonic());
    log.push(request);
    state.maxInFlight = Math.max(state.maxInFlight, ++inFlight);
    const reply = await replyTo(request, { ...options, socket, log, url });
    inFlight--;
    if (reply !== undefined && !socket.destroyed) send(socket, reply);
  }

  return { url, port, log, state, stop };
}

function openServer(tls: FaultServerOptions['tls'], onConnect: (socket: Socket) => void): Server {
  if (tls === undefined) return createServer(onConnect);
  if (tls === 'hang') return createServer(() => {});
  return createTlsServer(tls, onConnect);
}

type RequestContext = ServeOptions & {
  readonly socket: Socket;
  readonly log: readonly LoggedRequest[];
  readonly url: string;
};

function replyTo(request: LoggedRequest, { socket, sandbox, clock, log, url, foreignUrl, scenario }: RequestContext) {
  const honest = async (query = request.query): Promise<Reply> => {
    const { status, headers, body } = await sandbox.handler({ ...request, query, base: url });
    const text = Buffer.from(body).toString('utf8');
    return { status, headers: Object.fromEntries(headers), ...(text === '' ? {} : { body: text }) };
  };
  if (scenario.fault === undefined) return honest();
  const nth = log.filter(({ kind }) => kind === request.kind).length;
  const reuse = log.filter(({ connection }) => connection === request.connection).length;
  return scenario.fault({ request, socket, sandbox, clock, nth, total: log.length, reuse, url, foreignUrl, honest });
}
