import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Context, openContext } from '../../src/cli/context.ts';
import { resolveGlobals } from '../../src/cli/global-options.ts';
import { type CompletionRequest, candidates, liveCandidates, refresh } from '../../src/completion/live.ts';
import { createRedactor } from '../../src/http/redact.ts';
import { temporaryFolder, testHost, type World } from '../support/run-cli.ts';

const question: CompletionRequest = { what: 'delete', words: [] };
const never = () => new Promise<void>(() => {});
const key = { CONFLUENT_CLOUD_API_KEY: 'ABCDEFGH12345678', CONFLUENT_CLOUD_API_SECRET: 'cflt-secret' };

interface Played {
  readonly ctx: Context;
  readonly asked: string[];
  readonly folder: string;
}

/** A context whose API answers with one invitation, or never. */
async function play(world: World & { readonly isSilent?: boolean; readonly config?: object } = {}): Promise<Played> {
  const { folder = temporaryFolder(), isSilent = false, config } = world;
  const { host } = testHost({ ...world, folder, clock: { sleep: isSilent ? async () => {} : never, ...world.clock } });
  if (config !== undefined) {
    mkdirSync(host.configDir, { recursive: true });
    writeFileSync(join(host.configDir, 'config.json'), JSON.stringify(config), { mode: 0o600 });
  }
  const ctx = await openContext({ host, globals: resolveGlobals({}, host.env), redactor: createRedactor() });
  const asked: string[] = [];
  const pages = async function* () {
    if (isSilent) await never();
    yield [{ id: 'i-1', email: 'ann@example.com', status: 'INVITE_STATUS_SENT', user: { id: 'u-1' } }];
  };
  const connectAs: Context['connectAs'] = async ({ profile = 'environment' }) => {
    asked.push(profile);
    return { api: { pages } as never, send: never as never, expiresAt: never as never, close: async () => {} };
  };
  return { ctx: { ...ctx, connectAs }, asked, folder };
}

const texts = async ({ ctx }: Played, asked: CompletionRequest = question) =>
  (await liveCandidates(ctx, asked)).words.map(({ text }) => text);

const cacheIn = (folder: string) => join(folder, 'state', 'completion', 'environment.json');
const both = ['ann@example.com', 'i-1'];
const token = (text: string) => ({ CONFLUENT_CLOUD_ACCESS_TOKEN: text });

describe('what is remembered', () => {
  test('is asked for once a minute', async () => {
    let now = Date.parse('2026-05-01T00:00:00Z');
    const played = await play({ env: key, clock: { now: () => now } });
    const counts: number[] = [];
    // The last time the clock was set back.
    for (const passed of [0, 59_999, 1, -3_600_000]) {
      now += passed;
      expect(await texts(played)).toEqual(both);
      counts.push(played.asked.length);
    }
    expect(counts).toEqual([1, 1, 2, 3]);
  });

  test.each([
    ['a key', key],
    ['an access token', token('cflt-token')],
  ])('for %s is readable by its user alone, and holds no more than is needed', async (_, env) => {
    const played = await play({ env });
    await texts(played);
    const file = cacheIn(played.folder);
    expect([statSync(file).mode & 0o777, statSync(join(file, '..')).mode & 0o777]).toEqual([0o600, 0o700]);
    expect(readFileSync(file, 'utf8')).not.toMatch(/cflt|u-1/);
    expect(readdirSync(join(file, '..'))).toEqual(['environment.json']);
  });

  const spoiled = (spoil: (path: string) => void) => (path: string) => {
    spoil(path);
    return key;
  };
  const shape = JSON.stringify({ version: 1, at: 'yesterday', invitations: {} });

  test.each<[string, before: Record<string, string>, spoil: (path: string) => Record<string, string>, asked: number]>([
    ['broken', key, spoiled((path) => writeFileSync(path, '{"version":1,')), 1],
    ['of another shape', key, spoiled((path) => writeFileSync(path, shape)), 1],
    ['readable by others', key, spoiled((path) => chmodSync(path, 0o644)), 1],
    ['of another key', key, () => ({ ...key, CONFLUENT_CLOUD_API_KEY: 'OTHERKEY12345678' }), 1],
    ['of an access token, and asked for by a key', token('first'), () => key, 1],
    // Two tokens within a minute are rarely of two organizations.
    ['of another token of the same minute: it counts', token('first'), () => token('second'), 0],
  ])('does not count when it is %s', async (_, before, spoil, count) => {
    const { ctx, folder } = await play({ env: before });
    await liveCandidates(ctx, question);
    const again = await play({ env: spoil(cacheIn(folder)), folder });
    expect([await texts(again), again.asked.length]).toEqual([both, count]);
  });

  test('does not count when it is a link, and what the link leads to is left alone', async () => {
    const folder = temporaryFolder();
    const elsewhere = join(folder, 'elsewhere');
    writeFileSync(elsewhere, 'precious', { mode: 0o600 });
    mkdirSync(join(folder, 'state', 'completion'), { recursive: true });
    symlinkSync(elsewhere, cacheIn(folder));
    await texts(await play({ env: key, folder }));
    expect(readFileSync(elsewhere, 'utf8')).toBe('precious');
  });
});

test('what takes too long is said to be late, is not remembered as nothing, and can be fetched unseen', async () => {
  const slow = await play({ env: key, isSilent: true });
  expect(await liveCandidates(slow.ctx, question)).toEqual({ words: [], isLate: true });
  await refresh((await play({ env: key, folder: slow.folder })).ctx, question);
  expect(await texts(slow)).toEqual(both);
  const fresh = await play({ env: key, folder: slow.folder });
  await refresh(fresh.ctx, question);
  expect(fresh.asked, 'what is fresh is not fetched again').toEqual([]);
});

describe('what is not asked', () => {
  const profiles = {
    work: { api_key: 'KEY', secret_command: ['ask-for-a-password'] },
    home: { api_key: 'KEY', api_secret: 'secret' },
  };
  const config = { version: 1, current: 'work', profiles };

  test.each<[string, World & { config?: object }]>([
    ['anything of the API with INVITE_COMPLETION_OFFLINE=1', { env: { ...key, INVITE_COMPLETION_OFFLINE: '1' } }],
    ['a program for its secret', { config }],
  ])('%s', async (_, world) => {
    const played = await play(world);
    expect(await texts(played)).toEqual([]);
    await refresh(played.ctx, question);
    expect(played.asked).toEqual([]);
  });

  test('another profile than the line names', async () => {
    const played = await play({ config });
    expect(await texts(played, { ...question, words: ['-p', 'home', 'delete'] })).toEqual(both);
    expect(played.asked).toEqual(['home']);
  });

  test('but profiles are named with and without the API', async () => {
    const played = await play({ config, env: { INVITE_COMPLETION_OFFLINE: '1' } });
    expect(await texts(played, { ...question, what: 'profiles' })).toEqual(['work', 'home', 'sandbox']);
  });
});

const now = Date.parse('2026-05-01T00:00:00Z');
const anything: CompletionRequest = { what: 'get', words: [] };

function invitation(id: string, status: string, expires_at = '2026-05-03T00:00:00Z') {
  return { id, email: `${id}@example.com`, status: `INVITE_STATUS_${status}`, expires_at };
}

const known = [
  invitation('sent', 'SENT'),
  invitation('late', 'SENT', '2026-04-28T00:00:00Z'),
  invitation('staged', 'STAGED'),
  invitation('old', 'EXPIRED', '2026-04-01T00:00:00Z'),
  invitation('in', 'ACCEPTED'),
  invitation('off', 'DEACTIVATED'),
];

describe('what a command can use:', () => {
  test.each<readonly [what: string, ids: string[]]>([
    ['get', ['sent', 'late', 'staged', 'old', 'in', 'off']],
    ['delete', ['sent', 'late', 'staged', 'old']],
    ['resend', ['sent', 'late', 'staged', 'old']],
    ['wait', ['sent', 'staged']],
    ['email', []],
    ['sandbox', ['sent', 'staged']],
  ])('%s', (what, expected) => {
    const texts = candidates(known, { what, words: [] }, now).map(({ text }) => text);
    expect(texts.filter((text) => !text.includes('@'))).toEqual(expected);
  });

  test('what the line names already is not offered again, by neither name', () => {
    expect(candidates(known.slice(0, 1), { ...anything, words: ['sent@example.com'] }, now)).toEqual([]);
    expect(candidates(known.slice(0, 1), { ...anything, words: ['sent'] }, now)).toEqual([]);
  });
});

test('e-mails come first, each with what it is now', () => {
  expect(candidates(known.slice(0, 2), anything, now)).toEqual([
    { text: 'sent@example.com', meaning: 'pending, expires in 2 days' },
    { text: 'late@example.com', meaning: 'expired 3 days ago' },
    { text: 'sent', meaning: 'sent@example.com, pending, expires in 2 days' },
    { text: 'late', meaning: 'late@example.com, expired 3 days ago' },
  ]);
});

test('an e-mail with several invitations is offered once', () => {
  const twice = [invitation('a', 'SENT'), { ...invitation('b', 'EXPIRED'), email: 'a@example.com' }];
  expect(candidates(twice, { what: 'email', words: [] }, now)).toEqual([
    { text: 'a@example.com', meaning: 'several invitations' },
  ]);
});

test.each([
  '-rf@example.com',
  'two words@example.com',
  'tab\t@example.com',
  'line\n@example.com',
  'esc\x1b[2J@example.com',
  'bidi\u202e@example.com',
  '',
])('no shell could take %j as a word that means itself', (email) => {
  expect(candidates([{ ...invitation('x', 'SENT'), email }], { what: 'email', words: [] }, now)).toEqual([]);
});

test('whatever the server sends, a candidate is one line with one tab', () => {
  const text = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) });
  const record = fc.record({ id: text, email: text, status: fc.string(), expires_at: fc.string() });
  const isOneLine = (records: Record<string, string>[]) =>
    candidates(records, anything, now).every(({ text, meaning }) =>
      /^[^\x00-\x1f]+\t[^\x00-\x1f]*$/.test(`${text}\t${meaning}`),
    );
  fc.assert(fc.property(fc.array(record, { maxLength: 3 }), isOneLine));
});
