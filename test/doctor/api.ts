import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { openSandbox, type Settings } from '../../src/sandbox/sandbox.ts';
import type { Certificate } from '../faults/certificate.ts';
import { testClock } from '../support/run-cli.ts';

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface ApiOptions {
  readonly switches?: Partial<Settings>;
  /** What is answered instead of the sandbox, by path; undefined leaves a request to it. */
  readonly replies?: Readonly<Record<string, Reply | ((url: URL) => Reply | undefined)>>;
  readonly tls?: Certificate;
}

interface TestApi {
  readonly url: string;
  /** The method, path and query of each request. */
  readonly log: readonly string[];
  stop(): Promise<void>;
}

export const key = 'FAKEKEY0MARKER01';
export const secret = 'cfltFAKE-secret+marker/9Zq7==';

/** Starts the sandbox on the loopback with one pending invitation. */
export async function startApi({ switches = {}, replies = {}, tls }: ApiOptions = {}): Promise<TestApi> {
  const credentials = { api_key: key, api_secret: secret };
  const sandbox = openSandbox({ clock: testClock(), switches, credentials });
  await sandbox.populate({ people: [{ email: 'ann@example.com', state: 'pending' }] });
  const log: string[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = '', url: target = '/', headers } = request;
    const url = new URL(target, 'http://test');
    log.push(`${method} ${target}`);
    const given = replies[url.pathname];
    const reply = typeof given === 'function' ? given(url) : given;
    if (reply !== undefined) return write(response, reply);
    const asked = { method, path: url.pathname, query: url.searchParams, body: '' };
    const honest = await sandbox.handler({ ...asked, headers: { authorization: headers.authorization } });
    response.writeHead(honest.status, Object.fromEntries(honest.headers));
    response.end(honest.body);
  };
  const server: Server = tls === undefined ? createServer(answer) : createSecureServer(tls, answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`, log, stop };
}

function write(response: ServerResponse, { status = 200, headers = {}, body }: Reply): void {
  const isText = typeof body === 'string';
  response.writeHead(status, { 'content-type': isText ? 'text/html' : 'application/json', ...headers });
  response.end(isText ? body : JSON.stringify(body));
}
