import { createServer, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Clock } from '../../src/host.ts';
import { openSandbox, type Sandbox, type Settings } from '../../src/sandbox/sandbox.ts';
import { processes } from '../sandbox/world.ts';
import { type Ran, runCli, temporaryFolder, type World } from '../support/run-cli.ts';

const key = 'ABCDEFGHIJKLMNOP';

/** Answers a POST that has taken effect in its own way; `post` counts the POSTs from 1. */
export type Tamper = (response: ServerResponse, honest: Awaited<ReturnType<Sandbox['handler']>>, post: number) => void;

export interface MailApi {
  readonly folder: string;
  readonly stateDir: string;
  readonly clock: Clock & { pass(milliseconds: number): void };
  readonly sandbox: Sandbox;
  /** `GET /iam/v2/invitations/i-1`, in their order. */
  readonly requests: string[];
  /** Spoils answers from now on; undefined: none. */
  tamper: Tamper | undefined;
  invite(line: string, more?: World): Promise<Ran>;
  /** Mails that one person got, or all. */
  mails(email?: string): Promise<number>;
}

/** The sandbox behind a socket, with a clock that nobody waits for and an answer to POST that a test may spoil. */
export async function openMailApi(switches: Partial<Settings> = {}): Promise<MailApi> {
  const folder = temporaryFolder();
  const clock = sharedClock();
  const credentials = { api_key: key, api_secret: 'cfltSECRET' };
  const sandbox = await openSandbox({ folder: temporaryFolder(), clock, processes, switches, credentials });
  const requests: string[] = [];
  let posts = 0;
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method = '', url = '', headers } = request;
    const { pathname, searchParams } = new URL(url, 'http://api.invalid');
    requests.push(`${method} ${pathname}`);
    const call = { method, path: pathname, query: searchParams, headers: headers as Record<string, string>, body };
    const honest = await sandbox.handler(call);
    if (method === 'POST' && api.tamper !== undefined) return api.tamper(response, honest, ++posts);
    response.writeHead(honest.status, Object.fromEntries(honest.headers));
    response.end(honest.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await sandbox.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const env = {
    CONFLUENT_CLOUD_API_KEY: key,
    CONFLUENT_CLOUD_API_SECRET: credentials.api_secret,
    CONFLUENT_CLOUD_ENDPOINT: `http://127.0.0.1:${port}`,
  };
  const api: MailApi = {
    ...{ folder, clock, sandbox, requests, tamper: undefined, stateDir: join(folder, 'state') },
    invite: (line, more = {}) => runCli(line, { folder, clock, ...more, env: { ...env, ...more.env } }),
    mails: async (email) => {
      const all = await sandbox.mails();
      return email === undefined ? [...all.values()].reduce((sum, count) => sum + count, 0) : (all.get(email) ?? 0);
    },
  };
  return api;
}

function sharedClock(): MailApi['clock'] {
  let elapsed = 0;
  return {
    now: () => Date.now() + elapsed,
    monotonic: () => performance.now() + elapsed,
    random: () => 0.5,
    pass: (milliseconds) => {
      elapsed += milliseconds;
    },
    sleep: (milliseconds, signal) => {
      // The limits of an attempt and of a command never come where nobody waits.
      if (milliseconds >= 10_000)
        return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
      if (signal?.aborted) return Promise.reject(signal.reason);
      elapsed += milliseconds;
      return Promise.resolve();
    },
  };
}

export const cut: Tamper = (response) => response.destroy();

export const status =
  (code: number, headers: Record<string, string> = {}): Tamper =>
  (response) => {
    response.writeHead(code, headers);
    response.end();
  };
