import { expect } from 'vitest';
import { openSandbox, type Sandbox, type Settings, sandboxKey } from '../../src/sandbox/sandbox.ts';
import { type TestClock, testClock } from '../support/run-cli.ts';
import { complaintsOn } from './contract.ts';

const processes = { pid: process.pid, startTime: () => 'now', place: () => 'here/1' };

/** Begins on a fixed day; time passes only when told, or when somebody sleeps. */
export function fixedClock(random = (): number => 0.5): TestClock {
  return testClock({ isFrozen: true, at: Date.UTC(2026, 0, 5, 12), random });
}

export interface Heard {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
  // Answers are read field by field in the tests; what they look like is what is tested.
  // biome-ignore lint/suspicious/noExplicitAny: the shape is the subject of the test
  readonly json: any;
}

export interface World {
  readonly sandbox: Sandbox;
  readonly clock: TestClock;
  /** `GET /iam/v2/invitations?page_size=5`; a text as body goes as it is, a form as one, anything else as JSON. Every answer
   * is checked against the documentation. */
  ask(line: string, body?: unknown, headers?: Record<string, string | undefined>): Promise<Heard>;
  /** The status of the answer. */
  status(line: string, body?: unknown): Promise<number>;
  /** Invites somebody, who is at example.com unless said otherwise, and returns the invitation. */
  invite(name: string): Promise<Heard['json']>;
  /** The e-mails of the list of invitations; without `@example.com`. */
  invited(query?: string): Promise<string[]>;
}

/** What a pipeline sends to get an access token for its own, with these changes. */
export const exchangeForm = (changes: Readonly<Record<string, string>> = {}) =>
  new URLSearchParams({ ...exchangeFields, ...changes });

const exchangeFields = {
  grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
  subject_token: 'token-of-an-issuer',
  identity_pool_id: 'pool-a',
  subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
  requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
};

export const authorization = `Basic ${Buffer.from(`${sandboxKey.api_key}:${sandboxKey.api_secret}`).toString('base64')}`;

/** @param folder Of the state. Default: it is in memory. */
export async function openWorld(
  switches: Partial<Settings> = {},
  { folder, clock = fixedClock() }: { folder?: string; clock?: TestClock } = {},
): Promise<World> {
  const options = { clock, switches };
  const sandbox = openSandbox(folder === undefined ? options : { ...options, folder, processes });
  const ask: World['ask'] = async (line, body = '', headers = { authorization, 'content-type': typeOf(body) }) => {
    const [method = '', target = ''] = line.split(' ');
    const [path = '', query = ''] = target.split('?');
    const text = typeof body === 'string' || body instanceof URLSearchParams ? String(body) : JSON.stringify(body);
    const response = await sandbox.handler({ method, path, query: new URLSearchParams(query), headers, body: text });
    const answer = Buffer.from(response.body).toString('utf8');
    const heard = { ...response, text: answer, json: answer === '' ? undefined : JSON.parse(answer) };
    expect(complaintsOn(line, heard, sandbox.settings)).toEqual([]);
    return heard;
  };
  const status: World['status'] = async (line, body) => (await ask(line, body)).status;
  const invite = async (name: string) => (await ask('POST /iam/v2/invitations', { email: emailOf(name) })).json;
  const invited = async (query = 'page_size=100') => emails(await ask(`GET /iam/v2/invitations?${query}`));
  return { sandbox, clock, ask, status, invite, invited };
}

function typeOf(body: unknown): string {
  return body instanceof URLSearchParams ? 'application/x-www-form-urlencoded' : 'application/json';
}

function emailOf(name: string): string {
  return name.includes('@') ? name : `${name}@example.com`;
}

/** The e-mails of a list, in its order, without `@example.com`. */
export function emails({ json }: Heard): string[] {
  return (json.data ?? []).map(({ email }: { email: string }) => email.replace('@example.com', ''));
}
