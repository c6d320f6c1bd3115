import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificate } from '../faults/certificate.ts';

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface ApiOptions {
  /** The responses by path, without the query; other paths respond 404. */
  readonly replies?: Readonly<Record<string, Reply | ((url: URL) => Reply)>>;
  readonly tls?: Certificate;
  /** Milliseconds by which its clock is ahead. */
  readonly ahead?: number;
}

interface TestApi {
  readonly url: string;
  /** The method, path and query of each request. */
  readonly log: readonly string[];
  stop(): Promise<void>;
}

export const key = 'FAKEKEY0MARKER01';
export const secret = 'cfltFAKE-secret+marker/9Zq7==';
const organization = '11111111-2222-4333-8444-555555555555';

const list = (...data: unknown[]): Reply => ({ body: { metadata: {}, data } });

/** The responses of an API without problems. */
export const healthy: NonNullable<ApiOptions['replies']> = {
  '/iam/v2/invitations': {
    ...list({ id: 'i-1', email: 'ann@example.com', status: 'INVITE_STATUS_SENT' }),
    headers: { 'x-ratelimit-limit': '100', 'x-ratelimit-remaining': '90', 'x-ratelimit-reset': '60' },
  },
  '/org/v2/organizations': list({ id: organization }),
  [`/iam/v2/api-keys/${key}`]: {
    body: { id: key, spec: { owner: { id: 'u-ann' }, resource: { id: 'cloud', kind: 'Cloud' } } },
  },
  '/iam/v2/role-bindings': list(
    { principal: 'User:u-other', role_name: 'OrganizationAdmin' },
    { principal: 'User:u-ann', role_name: 'AccountAdmin' },
  ),
  '/service-quota/v1/applied-quotas': list({ id: 'iam.max_pending_invitations.per_organization', applied_limit: 150 }),
};

/**
 * Starts a stub on the loopback. It does not wrap the sandbox: these tests set the response of each path, most of them
 * responses that no organization gives, and accept any credentials.
 */
export async function startApi({ replies = healthy, tls, ahead = 0 }: ApiOptions = {}): Promise<TestApi> {
  const log: string[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://test');
    log.push(`${request.method} ${url.pathname}${url.search}`);
    const reply = replies[url.pathname] ?? { status: 404, body: { errors: [{ detail: 'nothing here' }] } };
    const { status = 200, headers = {}, body } = typeof reply === 'function' ? reply(url) : reply;
    const isText = typeof body === 'string';
    response.writeHead(status, {
      'content-type': isText ? 'text/html' : 'application/json',
      date: new Date(Date.now() + ahead).toUTCString(),
      ...headers,
    });
    response.end(isText ? body : JSON.stringify(body));
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
