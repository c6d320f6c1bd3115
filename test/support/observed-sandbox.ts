import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { openSandbox, type Sandbox, type Settings } from '../../src/sandbox/sandbox.ts';
import type { Certificate } from '../faults/certificate.ts';
import { listen } from './listen.ts';
import { clientOf, fakeCredentials } from './run-built.ts';
import { type Ran, runCli, type TestClock, temporaryFolder, testClock, type World } from './run-cli.ts';

type SandboxAnswer = Awaited<ReturnType<Sandbox['handler']>>;

/** A request as a test sees it; `perform` lets the sandbox do what is asked. */
export interface ObservedRequest {
  readonly method: string;
  readonly path: string;
  readonly url: URL;
  readonly body: string;
  readonly perform: () => Promise<SandboxAnswer>;
}

/** Answers a request (`POST /iam/v2/invitations {…}`) in the place of the sandbox, or after it; undefined leaves it alone. */
export type Hook = (
  request: string,
  response: ServerResponse,
  honest: () => Promise<SandboxAnswer>,
) => Promise<true | undefined> | undefined;

export interface ObservedSandbox {
  readonly folder: string;
  readonly stateDir: string;
  readonly endpoint: string;
  readonly sandbox: Sandbox;
  readonly clock: TestClock;
  /** What the program needs to find it. */
  readonly env: Readonly<Record<string, string>>;
  /** `GET /iam/v2/invitations/i-1`, in their order. */
  readonly requests: string[];
  hook: Hook | undefined;
  /** How many mails each person got who got any. */
  mails(): Promise<Readonly<Record<string, number>>>;
  /** How many one person got, or all. */
  mailed(email?: string): Promise<number>;
  /** Writes a file into the folder of the program; its path. */
  write(name: string, text: string): string;
  /** The document that a line prints, which has to end well. */
  // biome-ignore lint/suspicious/noExplicitAny: the shape is the subject of the test
  json(line: string, more?: World): Promise<any>;
  /** Runs the program against it. */
  invite(line: string | readonly string[], more?: World): Promise<Ran>;
}

interface ObserveOptions {
  readonly clock?: TestClock;
  /** Serves https with this certificate. */
  readonly tls?: Certificate | undefined;
}

/** The sandbox behind a socket, with a clock for which nobody waits; `answer` writes each response, in the place of hooks. */
export async function observeSandbox(
  switches: Partial<Settings> = {},
  answer?: (request: ObservedRequest, response: ServerResponse) => Promise<void>,
  { clock = testClock(), tls }: ObserveOptions = {},
): Promise<ObservedSandbox> {
  const folder = temporaryFolder();
  const sandbox = openSandbox({ clock, switches, credentials: fakeCredentials });
  const requests: string[] = [];
  const hear = async (request: IncomingMessage, response: ServerResponse) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method = '', headers } = request;
    const url = new URL(request.url ?? '', 'http://api.invalid');
    const { pathname: path, searchParams: query } = url;
    requests.push(`${method} ${path}`);
    const call = { method, path, query, headers: headers as Record<string, string>, body };
    // The time of the sandbox, not of the machine.
    response.setHeader('Date', new Date(clock.now()).toUTCString());
    const perform = () => sandbox.handler(call);
    if (answer !== undefined) await answer({ method, path, url, body, perform }, response);
    else if ((await observed.hook?.(`${method} ${path} ${body}`, response, perform)) !== true)
      sendAnswer(response, await perform());
  };
  const server = tls === undefined ? createServer(hear) : createSecureServer(tls, hear);
  const { port, stop } = await listen(server);
  onTestFinished(stop);
  const endpoint = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
  const env = clientOf(endpoint);
  const observed: ObservedSandbox = {
    folder,
    stateDir: join(folder, 'state'),
    endpoint,
    sandbox,
    clock,
    env,
    requests,
    hook: undefined,
    mails: async () => Object.fromEntries([...(await sandbox.mails())].filter(([, count]) => count > 0)),
    mailed: async (email) => {
      const all = await observed.mails();
      return email === undefined ? Object.values(all).reduce((sum, count) => sum + count, 0) : (all[email] ?? 0);
    },
    write: (name, text) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    },
    json: async (line, more = {}) => {
      const { code, stdout, stderr } = await observed.invite(`${line} -o json`, more);
      expect(code, stderr).toBe(0);
      return JSON.parse(stdout);
    },
    invite: (line, more = {}) => runCli(line, { folder, clock, ...more, env: { ...env, ...more.env } }),
  };
  return observed;
}

export function sendAnswer(response: ServerResponse, { status, headers, body }: SandboxAnswer): void {
  response.writeHead(status, Object.fromEntries(headers));
  response.end(body);
}

/** Applies to what the pattern fits, `times` times. */
function hooking(pattern: RegExp, times: number, act: (...parameters: Parameters<Hook>) => unknown): Hook {
  let left = times;
  return (...parameters) => {
    if (left === 0 || !pattern.test(parameters[0])) return undefined;
    left -= 1;
    return Promise.resolve(act(...parameters)).then(() => true as const);
  };
}

const always = Number.POSITIVE_INFINITY;

/** Answers with this status, and nothing is done. */
export function answering(pattern: RegExp, status: number, times = always, headers = {}): Hook {
  return hooking(pattern, times, (_, response) => {
    response.writeHead(status, headers);
    response.end(JSON.stringify({ errors: [{ status: String(status), detail: 'as the test wants it' }] }));
  });
}

/** Does what is asked, and answers as it likes, if at all. */
export function spoiling(pattern: RegExp, answer: (response: ServerResponse) => unknown, times = always): Hook {
  return hooking(pattern, times, async (_, response, honest) => {
    await honest();
    answer(response);
  });
}

/** Does what is asked, and cuts the connection instead of answering. */
export function losing(pattern: RegExp, times = 1): Hook {
  return spoiling(pattern, (response) => response.destroy(), times);
}

/** Does what is asked, and answers with a status alone. */
export function saying(pattern: RegExp, status: number, headers: Record<string, string> = {}): Hook {
  return spoiling(pattern, (response) => response.writeHead(status, headers).end());
}

/** Once the next list of invitations was read, something happens before it is sent. */
export function onceListed(act: () => Promise<unknown>): Hook {
  return hooking(/^GET \/iam\/v2\/invitations /, 1, async (_, response, honest) => {
    const answer = await honest();
    await act();
    sendAnswer(response, answer);
  });
}

/** Does something once, before the first request that the pattern fits is answered, or before a later one of them. */
export function before(pattern: RegExp, act: () => Promise<unknown>, number = 1): Hook {
  let count = 0;
  return async (request) => {
    if (pattern.test(request) && ++count === number) await act();
    return undefined;
  };
}

type ListRow = Readonly<Record<string, unknown>>;

/** Answers with a list whose rows lack something, or that lacks some of them. */
export function changing(pattern: RegExp, change: (row: ListRow) => ListRow | readonly []): Hook {
  return hooking(pattern, always, async (_, response, honest) => {
    const answer = await honest();
    const page: { data: ListRow[] } = JSON.parse(String(answer.body));
    const body = JSON.stringify({ ...page, data: page.data.flatMap(change) });
    sendAnswer(response, { ...answer, body: Buffer.from(body) });
  });
}

/** Somebody on another machine deletes a user. */
export async function removeElsewhere({ sandbox, env }: ObservedSandbox, user: string): Promise<void> {
  const call = { method: 'DELETE', path: `/iam/v2/users/${user}`, query: new URLSearchParams(), body: '' };
  const authorization = `Basic ${btoa(`${env.CONFLUENT_CLOUD_API_KEY}:${env.CONFLUENT_CLOUD_API_SECRET}`)}`;
  expect((await sandbox.handler({ ...call, headers: { authorization } })).status).toBe(204);
}

/** The first of them that answers. */
export function firstOf(...hooks: readonly Hook[]): Hook {
  return async (...about) => {
    for (const hook of hooks) if ((await hook(...about)) === true) return true;
    return undefined;
  };
}
