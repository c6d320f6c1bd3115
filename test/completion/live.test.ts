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
  const folder = world.folder ?? temporaryFolder();
  const { host } = testHost({
    ...world,
    folder,
    clock: { sleep: world.isSilent === true ? async () => {} : never, ...world.clock },
  });
  if (world.config !== undefined) {
    mkdirSync(host.configDir, { recursive: true });
    writeFileSync(join(host.configDir, 'config.json'), JSON.stringify(world.config), { mode: 0o600 });
  }
  const globals = resolveGlobals({}, host.env);
  const ctx = await openContext({ host, globals, redactor: createRedactor() });
  const asked: string[] = [];
  const pages = async function* () {
    if (world.isSilent === true) await never();
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

function memoryFile({ folder }: Played): string {
  return join(folder, 'state', 'completion', 'environment.json');
}

describe('with an access token', () => {
  const withToken = (token: string) => ({ CONFLUENT_CLOUD_ACCESS_TOKEN: token });

  test('is remembered, another token of the same minute is served, and nothing of it is written down', async () => {
    const played = await play({ env: withToken('first-access-token') });
    expect(await texts(played)).toEqual(['ann@example.com', 'i-1']);
    const again = await play({ env: withToken('second-access-token'), folder: played.folder });
    expect(await texts(again)).toEqual(['ann@example.com', 'i-1']);
    expect([played.asked, again.asked]).toEqual([['environment'], []]);
    expect(readFileSync(memoryFile(played), 'utf8')).not.toContain('first');
  });

  test('is not mixed up with a key', async () => {
    const played = await play({ env: withToken('first-access-token') });
    await texts(played);
    const other = await play({ env: key, folder: played.folder });
    await texts(other);
    expect(other.asked).toEqual(['environment']);
  });
});

describe('what is remembered', () => {
  test('is asked for once a minute', async () => {
    let now = Date.parse('2026-05-01T00:00:00Z');
    const played = await play({ env: key, clock: { now: () => now } });
    expect(await texts(played)).toEqual(['ann@example.com', 'i-1']);
    now += 59_999;
    expect(await texts(played)).toEqual(['ann@example.com', 'i-1']);
    expect(played.asked).toHaveLength(1);
    now += 1;
    await texts(played);
    expect(played.asked).toHaveLength(2);
    now -= 3_600_000;
    await texts(played);
    expect(played.asked, 'a clock that was set back').toHaveLength(3);
  });

  test('is readable by its user alone, and holds no more than is needed', async () => {
    const played = await play({ env: key });
    await texts(played);
    expect(statSync(memoryFile(played)).mode & 0o777).toBe(0o600);
    expect(statSync(join(played.folder, 'state', 'completion')).mode & 0o777).toBe(0o700);
    const text = readFileSync(memoryFile(played), 'utf8');
    expect(text).not.toContain('cflt-secret');
    expect(text).not.toContain('u-1');
    expect(readdirSync(join(played.folder, 'state', 'completion'))).toEqual(['environment.json']);
  });

  test.each<readonly [string, (path: string) => void]>([
    ['broken', (path) => writeFileSync(path, '{"version":1,')],
    [
      'of another shape',
      (path) => writeFileSync(path, JSON.stringify({ version: 1, at: 'yesterday', invitations: {} })),
    ],
    ['readable by others', (path) => chmodSync(path, 0o644)],
  ])('does not count when it is %s', async (_, spoil) => {
    const played = await play({ env: key });
    await texts(played);
    spoil(memoryFile(played));
    expect(await texts(played)).toEqual(['ann@example.com', 'i-1']);
    expect(played.asked).toHaveLength(2);
  });

  test('does not count when it is a link, and what the link leads to is left alone', async () => {
    const played = await play({ env: key });
    const elsewhere = join(played.folder, 'elsewhere');
    writeFileSync(elsewhere, 'precious', { mode: 0o600 });
    mkdirSync(join(played.folder, 'state', 'completion'), { recursive: true });
    symlinkSync(elsewhere, memoryFile(played));
    await texts(played);
    expect(readFileSync(elsewhere, 'utf8')).toBe('precious');
  });

  test('does not count for another key', async () => {
    const played = await play({ env: key });
    await texts(played);
    const other = await play({ env: { ...key, CONFLUENT_CLOUD_API_KEY: 'OTHERKEY12345678' }, folder: played.folder });
    await texts(other);
    expect(other.asked).toHaveLength(1);
  });
});

describe('what takes too long', () => {
  test('is left, and said to be late', async () => {
    expect(await liveCandidates((await play({ env: key, isSilent: true })).ctx, question)).toEqual({
      words: [],
      isLate: true,
    });
  });

  test('is not remembered as nothing', async () => {
    const played = await play({ env: key, isSilent: true });
    await liveCandidates(played.ctx, question);
    expect(await texts(await play({ env: key, folder: played.folder }))).toEqual(['ann@example.com', 'i-1']);
  });

  test('can be fetched unseen, for the next time', async () => {
    const played = await play({ env: key });
    await refresh(played.ctx, question);
    const next = await play({ env: key, folder: played.folder, isSilent: true });
    expect(await texts(next)).toEqual(['ann@example.com', 'i-1']);
    await refresh(next.ctx, question);
    expect(next.asked, 'what is fresh is not fetched again').toEqual([]);
  });
});

describe('what is not asked', () => {
  const profiles = {
    work: { api_key: 'KEY', secret_command: ['ask-for-a-password'] },
    home: { api_key: 'KEY', api_secret: 'secret' },
  };
  const config = { version: 1, current: 'work', profiles };

  test('anything of the API with INVITE_COMPLETION_OFFLINE=1', async () => {
    const played = await play({ env: { ...key, INVITE_COMPLETION_OFFLINE: '1' } });
    expect(await texts(played)).toEqual([]);
    await refresh(played.ctx, question);
    expect(played.asked).toEqual([]);
  });

  test('a program for its secret', async () => {
    const played = await play({ config });
    expect(await texts(played)).toEqual([]);
    await refresh(played.ctx, question);
    expect(played.asked).toEqual([]);
  });

  test('another profile than the line names', async () => {
    const played = await play({ config });
    expect(await texts(played, { ...question, words: ['-p', 'home', 'delete'] })).toEqual(['ann@example.com', 'i-1']);
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
    ['delete', ['sent', 'late', 'staged', 'old', 'off']],
    ['resend', ['sent', 'late', 'staged', 'old']],
    ['wait', ['sent', 'staged']],
    ['email', []],
    ['sandbox', []],
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

test('fields that are missing, null or of another type are passed over', () => {
  expect(candidates([{}, { id: null, email: 7 }, { id: 'i-1', status: 'INVITE_STATUS_NEW' }], anything, now)).toEqual([
    { text: 'i-1', meaning: '-, unknown' },
  ]);
});

test('whatever the server sends, a candidate is one line with one tab', () => {
  const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          id: fc.string({ unit }),
          email: fc.string({ unit }),
          status: fc.string(),
          expires_at: fc.string(),
        }),
        { maxLength: 3 },
      ),
      (records) => {
        return candidates(records, anything, now).every(({ text, meaning }) =>
          /^[^\x00-\x1f]+\t[^\x00-\x1f]*$/.test(`${text}\t${meaning}`),
        );
      },
    ),
  );
});
