import { get } from 'node:http';
import { type FaultServer, type FaultServerOptions, startFaultServer } from './server.ts';

export const authorization = `Basic ${Buffer.from('key:secret').toString('base64')}`;
export const invitations = '/iam/v2/invitations';

/** Runs the act with a server, and stops the server. */
export async function withServer<T>(options: FaultServerOptions, act: (server: FaultServer) => Promise<T>): Promise<T> {
  const server = await startFaultServer(options);
  try {
    return await act(server);
  } finally {
    await server.stop();
  }
}

export function ask(server: FaultServer, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${server.url}${path}`, {
    ...{ redirect: 'manual', ...init },
    headers: { authorization, 'content-type': 'application/json', ...init.headers },
  });
}

export function post(server: FaultServer, email: string): Promise<Response> {
  return ask(server, invitations, { method: 'POST', body: JSON.stringify({ email }) });
}

interface Listed {
  data: { id: string; email: string }[];
  metadata: { next?: string };
}

export async function list(server: FaultServer, query = ''): Promise<Listed> {
  return (await (await ask(server, `${invitations}${query}`)).json()) as Listed;
}

/** Whether a complete response arrives. Without a connection pool, which would retry by itself. */
export function isAnswered({ url }: FaultServer): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(`${url}${invitations}`, { agent: false, headers: { authorization } }, (response) => {
      response.on('error', () => resolve(false));
      response.on('end', () => resolve(response.complete));
      response.resume();
    });
    request.on('error', () => resolve(false));
  });
}
