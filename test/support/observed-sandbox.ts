import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { onTestFinished } from 'vitest';
import { openSandbox, type Sandbox, type Settings } from '../../src/sandbox/sandbox.ts';
import type { Certificate } from '../faults/certificate.ts';
import { fakeKey, fakeSecret } from './run-built.ts';
import { type Ran, runCli, type TestClock, temporaryFolder, testClock, type World } from './run-cli.ts';

export type SandboxAnswer = Awaited<ReturnType<Sandbox['handler']>>;

/** A request as a test sees it; `perform` lets the sandbox do what is asked. */
export interface ObservedRequest {
  readonly method: string;
  readonly path: string;
  readonly url: URL;
  readonly body: string;
  readonly perform: () => Promise<SandboxAnswer>;
}

export interface ObservedSandbox {
  readonly folder: string;
  readonly endpoint: string;
  readonly sandbox: Sandbox;
  readonly clock: TestClock;
  /** What the program needs to find it. */
  readonly env: Readonly<Record<string, string>>;
  /** `GET /iam/v2/invitations/i-1`, in their order. */
  readonly requests: string[];
  /** Runs the program against it. */
  invite(line: string | readonly string[], more?: World): Promise<Ran>;
}

interface ObserveOptions {
  readonly clock?: TestClock;
  /** Serves https with this certificate. */
  readonly tls?: Certificate | undefined;
}

/** The sandbox behind a socket, with a clock for which nobody waits; `answer` writes each response. */
export async function observeSandbox(
  switches: Partial<Settings>,
  answer: (request: ObservedRequest, response: ServerResponse) => Promise<void>,
  { clock = testClock(), tls }: ObserveOptions = {},
): Promise<ObservedSandbox> {
  const folder = temporaryFolder();
  const credentials = { api_key: fakeKey, api_secret: fakeSecret };
  const sandbox = openSandbox({ clock, switches, credentials });
  const requests: string[] = [];
  const listen = async (request: IncomingMessage, response: ServerResponse) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method = '', headers } = request;
    const url = new URL(request.url ?? '', 'http://api.invalid');
    const { pathname: path, searchParams: query } = url;
    requests.push(`${method} ${path}`);
    const call = { method, path, query, headers: headers as Record<string, string>, body };
    // The time of the sandbox, not of the machine.
    response.setHeader('Date', new Date(clock.now()).toUTCString());
    await answer({ method, path, url, body, perform: () => sandbox.handler(call) }, response);
  };
  const server = tls === undefined ? createServer(listen) : createSecureServer(tls, listen);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const scheme = tls === undefined ? 'http' : 'https';
  const endpoint = `${scheme}://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const env = {
    CONFLUENT_CLOUD_API_KEY: credentials.api_key,
    CONFLUENT_CLOUD_API_SECRET: credentials.api_secret,
    CONFLUENT_CLOUD_ENDPOINT: endpoint,
  };
  return {
    ...{ folder, endpoint, sandbox, clock, env, requests },
    invite: (line, more = {}) => runCli(line, { folder, clock, ...more, env: { ...env, ...more.env } }),
  };
}

export function sendAnswer(response: ServerResponse, { status, headers, body }: SandboxAnswer): void {
  response.writeHead(status, Object.fromEntries(headers));
  response.end(body);
}
