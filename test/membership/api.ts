import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type OrganizationSeed, openSandbox, type Sandbox, type Settings } from '../../src/sandbox/sandbox.ts';
import { processes } from '../sandbox/world.ts';
import { type Ran, runCli, temporaryFolder } from '../support/run-cli.ts';

export const organization = '00000000-0000-4000-8000-73616e64626f';
export const root = `crn://confluent.cloud/organization=${organization}`;
export const owner = '  - { email: owner@sandbox.example, roles: [OrganizationAdmin] }';

type Answer = Awaited<ReturnType<Sandbox['handler']>>;

/** Answers a request in the place of the sandbox, or after it; undefined leaves it alone. */
export type Hook = (
  request: string,
  response: ServerResponse,
  honest: () => Promise<Answer>,
) => Promise<true | undefined> | undefined;

export interface MembershipApi {
  readonly folder: string;
  readonly endpoint: string;
  readonly sandbox: Sandbox;
  readonly clock: { now(): number; pass(milliseconds: number): void };
  /** `DELETE /iam/v2/users/u-1`, in their order. */
  readonly requests: string[];
  hook: Hook | undefined;
  /** Writes a file and returns its path. */
  write(name: string, text: string): string;
  /** A YAML file of this organization. */
  file(managed: string, people: string, more?: string): string;
  invite(line: string | readonly string[], more?: { stdin?: string; env?: Record<string, string> }): Promise<Ran>;
  /** What changed something since the last time it was asked. */
  changes(): string[];
  mails(): Promise<Record<string, number>>;
  /** Who holds which roles, and who is invited, by the lists of the API. */
  state(): Promise<string[]>;
}

/** The sandbox behind a socket, with people in it, and a clock for which nobody waits. */
export async function openMembershipApi(
  seed: OrganizationSeed = {},
  switches: Partial<Settings> = {},
): Promise<MembershipApi> {
  const folder = temporaryFolder();
  const clock = sharedClock();
  const credentials = { api_key: 'ABCDEFGHIJKLMNOP', api_secret: 'cfltSECRET' };
  const sandbox = await openSandbox({ folder: temporaryFolder(), clock, processes, switches, credentials });
  await sandbox.populate(seed);
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method = '', url = '', headers } = request;
    const { pathname, searchParams } = new URL(url, 'http://api.invalid');
    requests.push(`${method} ${pathname}`);
    const call = { method, path: pathname, query: searchParams, headers: headers as Record<string, string>, body };
    const honest = () => sandbox.handler(call);
    if ((await api.hook?.(`${method} ${pathname} ${body}`, response, honest)) === true) return;
    send(response, await honest());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await sandbox.close();
  });
  const address = server.address();
  const endpoint = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const env = {
    CONFLUENT_CLOUD_API_KEY: credentials.api_key,
    CONFLUENT_CLOUD_API_SECRET: credentials.api_secret,
    CONFLUENT_CLOUD_ENDPOINT: endpoint,
  };
  let seen = 0;
  const write: MembershipApi['write'] = (name, text) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const api: MembershipApi = {
    ...{ folder, endpoint, sandbox, clock, requests, hook: undefined, write },
    file: (managed, people, more = '') => write('people.yaml', fileText(managed, people, more)),
    invite: (line, more = {}) => runCli(line, { folder, clock, ...more, env: { ...env, ...more.env } }),
    changes: () => {
      const fresh = requests.slice(seen).filter((request) => !request.startsWith('GET'));
      seen = requests.length;
      return fresh;
    },
    mails: async () => Object.fromEntries([...(await sandbox.mails())].filter(([, count]) => count > 0)),
    state: async () => {
      const { stdout } = await api.invite('export -o json --sso');
      const { people } = JSON.parse(stdout) as { people: { email: string; roles: string[] }[] };
      return people.map(({ email, roles }) => [email, ...roles].join(' '));
    },
  };
  return api;
}

export function fileText(managed: string, people: string, more = ''): string {
  const head = `version: 1\norganization: ${organization}\nmanaged: ${managed}\n`;
  return `${head}${more}people:${people === '' ? ' []' : `\n${people}`}\n`;
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, Object.fromEntries(headers));
  response.end(body);
}

/** Answers with this status what the pattern fits, so many times. */
export function answering(pattern: RegExp, status: number, times = Number.POSITIVE_INFINITY, headers = {}): Hook {
  let left = times;
  return (request, response) => {
    if (left === 0 || !pattern.test(request)) return undefined;
    left -= 1;
    response.writeHead(status, headers);
    response.end(JSON.stringify({ errors: [{ status: String(status), detail: 'as the test wants it' }] }));
    return Promise.resolve(true);
  };
}

/** Does what is asked, and cuts the connection instead of answering. */
export function losing(pattern: RegExp, times = 1): Hook {
  let left = times;
  return (request, response, honest) => {
    if (left === 0 || !pattern.test(request)) return undefined;
    left -= 1;
    return honest().then(() => {
      response.destroy();
      return true as const;
    });
  };
}

/** A plan that was printed as JSON. */
export function saved(path: string): { changes: { action: string; email: string }[]; fingerprint: string } {
  return JSON.parse(readFileSync(path, 'utf8'));
}

function sharedClock() {
  let elapsed = 0;
  return {
    now: () => Date.now() + elapsed,
    monotonic: () => performance.now() + elapsed,
    random: () => 0.5,
    pass: (milliseconds: number) => {
      elapsed += milliseconds;
    },
    sleep: (milliseconds: number, signal?: AbortSignal): Promise<void> => {
      // The limits of an attempt and of a command never come where nobody waits.
      if (milliseconds >= 10_000)
        return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
      if (signal?.aborted) return Promise.reject(signal.reason);
      elapsed += milliseconds;
      return Promise.resolve();
    },
  };
}
