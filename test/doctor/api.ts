import type { ServerResponse } from 'node:http';
import type { Settings } from '../../src/sandbox/sandbox.ts';
import type { Certificate } from '../faults/certificate.ts';
import { observeSandbox, sendAnswer } from '../support/observed-sandbox.ts';

export { fakeKey as key, fakeSecret as secret } from '../support/run-built.ts';

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

/** Starts the sandbox with one pending invitation; `log` has the method, path and query of each request. */
export async function startApi({ switches = {}, replies = {}, tls }: ApiOptions = {}) {
  const log: string[] = [];
  const answer: Parameters<typeof observeSandbox>[1] = async ({ method, url, perform }, response) => {
    log.push(`${method} ${url.pathname}${url.search}`);
    const given = replies[url.pathname];
    const reply = typeof given === 'function' ? given(url) : given;
    if (reply === undefined) sendAnswer(response, await perform());
    else write(response, reply);
  };
  const { endpoint, sandbox } = await observeSandbox(switches, answer, { tls });
  await sandbox.populate({ people: [{ email: 'ann@example.com', state: 'pending' }] });
  return { url: endpoint, log };
}

function write(response: ServerResponse, { status = 200, headers = {}, body }: Reply): void {
  const isText = typeof body === 'string';
  response.writeHead(status, { 'content-type': isText ? 'text/html' : 'application/json', ...headers });
  response.end(isText ? body : JSON.stringify(body));
}
