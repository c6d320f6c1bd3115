import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openSandbox, type Sandbox, type Settings } from '../../src/sandbox/sandbox.ts';
import { type ServerOptions, serveSandbox } from '../../src/sandbox/server.ts';
import { realClock } from '../support/real-clock.ts';
import { fakeKey, fakeSecret, type RunOptions, runBuilt } from '../support/run-built.ts';
import { temporaryFolder } from '../support/run-cli.ts';

interface World {
  readonly sandbox: Sandbox;
  readonly endpoint: string;
  readonly home: string;
  /** Writes a file of so many people and returns its name. */
  people(count: number, line?: (n: number) => string): string;
  invite(line: string, options?: RunOptions): ReturnType<typeof runBuilt>;
  /** Everybody who is in the server, with the number of mails they got. */
  mails(): Promise<Record<string, number>>;
}

interface Setting extends Partial<Pick<ServerOptions, 'latency' | 'rate' | 'burst' | 'fail'>> {
  readonly switches?: Partial<Settings>;
}

/** The sandbox on a port of its own, and a home for the command. */
async function openWorld({ switches, latency = 0, ...limits }: Setting = {}): Promise<World> {
  const home = temporaryFolder();
  const sandbox = await openSandbox({
    ...{ folder: join(home, 'server'), clock: realClock, processes: { pid: process.pid, startTime: () => 'now' } },
    switches: { quota: 100_000, ...switches },
    credentials: { api_key: fakeKey, api_secret: fakeSecret },
  });
  const server = await serveSandbox(sandbox, { port: 0, latency, ...limits, clock: realClock });
  onTestFinished(async () => {
    await server.close();
    await sandbox.close();
  });
  const file = join(home, 'people.csv');
  return {
    ...{ sandbox, endpoint: server.endpoint, home },
    people: (count, line = (n) => `p${n}@example.com,note ${n}`) => {
      writeFileSync(file, `email,note\n${Array.from({ length: count }, (_, n) => `${line(n)}\n`).join('')}`);
      return file;
    },
    invite: (line, options = {}) => runBuilt(line.split(' '), { endpoint: server.endpoint, home, ...options }),
    mails: async () => Object.fromEntries(await sandbox.mails()),
  };
}

/** Everybody once. */
function each(count: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`p${n}@example.com`, 1]));
}

/** Resolves soon after somebody was mailed. */
async function firstMail({ mails }: Sandbox): Promise<void> {
  while ((await mails()).size === 0) await new Promise((resolve) => setTimeout(resolve, 20));
}

function journals(home: string): string[] {
  return readdirSync(join(home, 'state', 'journals')).filter((name) => name.endsWith('.ndjson'));
}

describe('an import that is killed', () => {
  // The list lags behind, so that only the journal knows who was mailed a moment ago.
  test('at random moments is finished by typing it again, and nobody gets two mails', {
    timeout: 180_000,
  }, async () => {
    const world = await openWorld({ latency: 30, switches: { list_lag: 2000 } });
    const file = world.people(200);
    const lag = 3500;
    const moments = [0, lag, lag, lag, lag].map((wait) => Math.round(wait + 500 + Math.random() * 900));
    const mailed: number[] = [];
    for (const when of moments) {
      await world.invite(`import ${file} --yes --concurrency 2`, { kill: { signal: 'SIGKILL', when } });
      mailed.push(Object.keys(await world.mails()).length);
    }
    expect(mailed[0], `killed too late to say anything: ${moments} ${mailed}`).toBeLessThan(200);
    const { code, stderr } = await world.invite(`import ${file} --yes --concurrency 16`);
    expect(code, stderr).toBe(0);
    expect(await world.mails(), `${moments} ${mailed}`).toEqual(each(200));
  });

  test('is gone on with after Ctrl-C, by the command that was shown', { timeout: 60_000 }, async () => {
    const world = await openWorld({ latency: 50 });
    const file = world.people(200);
    const kill = { signal: 'SIGINT' as const, when: firstMail(world.sandbox) };
    const stopped = await world.invite(`import ${file} --yes -o json`, { kill });
    expect(stopped.code, stopped.stderr).toBe(130);
    const results: { outcome: string }[] = JSON.parse(stopped.stdout);
    const count = (outcome: string) => results.filter((result) => result.outcome === outcome).length;
    expect(results).toHaveLength(200);
    expect(count('created') + count('not_attempted')).toBe(200);
    expect(Object.keys(await world.mails())).toHaveLength(count('created'));
    const error = JSON.parse(stopped.stderr.split('\n').find((line) => line.startsWith('{')) ?? '').error;
    const command = error.hints
      .find((hint: string) => hint.startsWith('go on with: '))
      .slice('go on with: invite '.length);
    const { code, stderr } = await world.invite(command);
    expect({ code, done: stderr.includes(`${count('created')} done`) }, stderr).toEqual({ code: 0, done: true });
    expect(await world.mails()).toEqual(each(200));
  });

  test('a reader that leaves does not end it', { timeout: 60_000 }, async () => {
    const world = await openWorld({ latency: 5 });
    const file = world.people(60);
    const line = `node '${join(import.meta.dirname, '../../bin/invite.js')}' import '${file}' --yes -o ndjson -q | true`;
    const env = {
      ...{ PATH: process.env.PATH, HOME: world.home, INVITE_STATE_DIR: join(world.home, 'state') },
      ...{
        CONFLUENT_CLOUD_API_KEY: fakeKey,
        CONFLUENT_CLOUD_API_SECRET: fakeSecret,
        CONFLUENT_CLOUD_ENDPOINT: world.endpoint,
      },
    };
    await promisify(execFile)('bash', ['-c', `set -o pipefail; ${line}`], { env });
    expect(await world.mails()).toEqual(each(60));
  });
});

describe('the journal', () => {
  test('on a disk that is full sends nothing more, and is finished later', { timeout: 60_000 }, async () => {
    const world = await openWorld({ latency: 5 });
    const file = world.people(200);
    const program = join(import.meta.dirname, '../../bin/invite.js');
    const env = {
      ...{ PATH: process.env.PATH, HOME: world.home, INVITE_STATE_DIR: join(world.home, 'state') },
      ...{
        CONFLUENT_CLOUD_API_KEY: fakeKey,
        CONFLUENT_CLOUD_API_SECRET: fakeSecret,
        CONFLUENT_CLOUD_ENDPOINT: world.endpoint,
      },
    };
    const full = await promisify(execFile)('bash', ['-c', `ulimit -f 4; node '${program}' import '${file}' --yes`], {
      env,
    }).catch((error: { code: number; stderr: string }) => error);
    expect(full).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot write the journal') });
    const mailed = Object.keys(await world.mails()).length;
    expect(mailed).toBeGreaterThan(0);
    expect(mailed).toBeLessThan(200);
    expect(full.stderr).toMatch(/\d+ of 200 were not attempted/);
    expect(await world.invite(`import ${file} --yes`)).toMatchObject({ code: 0 });
    expect(await world.mails()).toEqual(each(200));
  });

  test('lets one import of a file run at a time', { timeout: 60_000 }, async () => {
    const world = await openWorld({ latency: 50 });
    const file = world.people(40);
    const both = await Promise.all([world.invite(`import ${file} --yes`), world.invite(`import ${file} --yes`)]);
    expect(both.map(({ code }) => code).sort()).toEqual([0, 7]);
    const [refused] = both.filter(({ code }) => code === 7);
    expect(refused?.stderr).toMatch(/is being imported already\n {2}process \d+ holds it/);
    expect(await world.mails()).toEqual(each(40));
  });

  test('holds no secret and is for nobody else to read', async () => {
    const world = await openWorld();
    await world.invite(`import ${world.people(3)} --yes`);
    const [name = ''] = journals(world.home);
    const text = readFileSync(join(world.home, 'state', 'journals', name), 'utf8');
    expect(text.split('\n')).toHaveLength(1 + 6 + 1);
    for (const secret of [fakeSecret, fakeKey, 'cflt']) expect(text).not.toContain(secret);
    expect(JSON.parse(text.split('\n')[0] ?? '')).toMatchObject({
      invite_journal: 1,
      key_id: `${fakeKey.slice(0, 4)}…${fakeKey.slice(-4)}`,
    });
  });

  test('damaged inside stops everything until told; at its end it does not matter', { timeout: 60_000 }, async () => {
    const world = await openWorld();
    const file = world.people(5);
    await world.invite(`import ${file} --yes`);
    const path = join(world.home, 'state', 'journals', journals(world.home)[0] ?? '');
    const lines = readFileSync(path, 'utf8').split('\n');
    writeFileSync(path, [lines[0], 'oops', ...lines.slice(2)].join('\n'));
    const refused = await world.invite(`import ${file} --yes`);
    expect(refused).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/journal ".*" is damaged in line 2/),
    });
    const { code, stderr } = await world.invite(`import ${file} --yes --restart`);
    expect({ code, kept: stderr.includes('is kept as') }, stderr).toEqual({ code: 0, kept: true });
    expect(await world.mails()).toEqual(each(5));
    writeFileSync(path, lines.join('\n').slice(0, -20));
    expect(await world.invite(`import ${file} --yes`)).toMatchObject({ code: 0 });
    expect(await world.mails()).toEqual(each(5));
  });

  test('that cannot be written keeps everything from being sent', async () => {
    const world = await openWorld();
    writeFileSync(join(world.home, 'nowhere'), '');
    const env = { INVITE_STATE_DIR: join(world.home, 'nowhere', 'state') };
    expect(await world.invite(`import ${world.people(3)} --yes`, { env })).toMatchObject({ code: 2, stdout: '' });
    expect(await world.mails()).toEqual({});
  });
});

describe('what is refused', () => {
  test('a used-up quota stops the rest, and the same line goes on once there is room', {
    timeout: 60_000,
  }, async () => {
    const world = await openWorld({ switches: { quota: 20 } });
    const file = world.people(50);
    const { code, stdout, stderr } = await world.invite(`import ${file} --yes -o ndjson`);
    expect(code, stderr).toBe(11);
    const results = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const failed = results.filter(({ outcome }) => outcome === 'failed');
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.length).toBeLessThanOrEqual(4);
    expect(failed.every(({ error }) => error.code === 'quota_exceeded')).toBe(true);
    expect(results.filter(({ outcome }) => outcome === 'created')).toHaveLength(20);
    expect(stderr).toContain('20 invitations may be pending at once, there is room for 20: 30 will be refused');
    for (let n = 0; n < 20; n += 1) await world.sandbox.accept(`p${n}@example.com`);
    expect(await world.invite(`import ${file} --yes`)).toMatchObject({ code: 11 });
    for (let n = 20; n < 40; n += 1) await world.sandbox.accept(`p${n}@example.com`);
    expect(await world.invite(`import ${file} --yes`)).toMatchObject({ code: 0 });
    expect(await world.mails()).toEqual(each(50));
  });

  test('rows that fail go into a file that can be imported again', { timeout: 60_000 }, async () => {
    const world = await openWorld();
    const file = join(world.home, 'people.csv');
    writeFileSync(file, 'team,email,role\n"a, b",ann@example.com,\nred,bob@example.com,NobodyKnowsThis\n');
    const failed = await world.invite(`import ${file} --yes`);
    expect(failed.code).toBe(9);
    const rejected = readFileSync(`${file}.rejected.csv`, 'utf8');
    expect(rejected).toMatch(/^team,email,role,error\r\nred,bob@example\.com,NobodyKnowsThis,.*NobodyKnowsThis.*\r\n$/);
    writeFileSync(`${file}.rejected.csv`, rejected.replaceAll('NobodyKnowsThis', 'MetricsViewer'));
    expect(await world.invite(`import ${file}.rejected.csv --yes`)).toMatchObject({ code: 0 });
    expect(await world.mails()).toEqual({ 'ann@example.com': 1, 'bob@example.com': 1 });
  });
});

describe('rows that fail', () => {
  const refused = 'email,role\nann@example.com,\nbob@example.com,NobodyKnowsThis\n';

  test('of stdin go into the folder that one is in', { timeout: 60_000 }, async () => {
    const world = await openWorld();
    const { code, stderr } = await world.invite('import - --yes', { input: refused });
    expect({ code, stderr }).toEqual({
      code: 9,
      stderr: expect.stringContaining('the rows that failed are in invite-import.rejected.csv; mended, they can be'),
    });
    const path = join(world.home, 'invite-import.rejected.csv');
    expect(readFileSync(path, 'utf8')).toMatch(/^email,role,error\r\nbob@example\.com,NobodyKnowsThis,.+\r\n$/);
  });

  test('are kept where stdout takes no more', { timeout: 60_000 }, async () => {
    const world = await openWorld();
    const file = join(world.home, 'people.csv');
    writeFileSync(file, refused);
    const program = join(import.meta.dirname, '../../bin/invite.js');
    const env = { ...process.env, CONFLUENT_CLOUD_API_KEY: fakeKey, CONFLUENT_CLOUD_API_SECRET: fakeSecret };
    const line = `"${process.execPath}" "${program}" --endpoint ${world.endpoint} import ${file} --yes > /dev/full`;
    const folders = { INVITE_CONFIG_DIR: join(world.home, 'c'), INVITE_STATE_DIR: join(world.home, 's') };
    await expect(promisify(execFile)('bash', ['-c', line], { env: { ...env, ...folders } })).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`the rows that failed are in ${file}.rejected.csv`),
    });
    expect(readFileSync(`${file}.rejected.csv`, 'utf8')).toContain('bob@example.com');
  });

  test('are marked in a workflow, with the line that they stand in', { timeout: 60_000 }, async () => {
    const world = await openWorld();
    const file = join(world.home, 'people.csv');
    const env = { GITHUB_ACTIONS: 'true' };
    writeFileSync(file, refused);
    const failed = await world.invite(`import ${file} --yes`, { env });
    expect(failed.stderr).toMatch(new RegExp(`^::error file=${file},line=3::.*NobodyKnowsThis`, 'm'));
    expect((await world.invite(`import ${file} --yes --no-github`, { env })).stderr).not.toContain('::error');
    writeFileSync(file, 'email\nann@example.com\nbob\ncyd@@example.com\n');
    const wrong = await world.invite(`import ${file} --yes`, { env });
    expect(wrong.code).toBe(2);
    expect(wrong.stderr.match(/^::error file=.*people\.csv,line=\d::/gm)).toHaveLength(2);
    const typed = await world.invite('import - --yes', { env, input: 'ann@example.com\nbob\n' });
    expect(typed.stderr).toContain('::error::line 2: ');
  });
});

test('--force-unlock takes the place of whatever holds the lock', { timeout: 60_000 }, async () => {
  const world = await openWorld();
  const file = world.people(2);
  expect(await world.invite(`import ${file} --yes`)).toMatchObject({ code: 0 });
  const folder = join(world.home, 'state', 'journals');
  const [journal = ''] = readdirSync(folder);
  // Holds no start time, as on systems that tell none: nobody can say whether it is the same process.
  writeFileSync(join(folder, `${journal}.lock`), `${process.pid} \n`);
  expect(await world.invite(`import ${file} --yes`)).toMatchObject({
    code: 7,
    stderr: expect.stringContaining(`invite import ${file} --force-unlock`),
  });
  expect(await world.invite(`import ${file} --yes --force-unlock`)).toMatchObject({ code: 0 });
  expect(readdirSync(folder)).toEqual([journal]);
  expect(await world.mails()).toEqual(each(2));
});

describe('the size of a file', () => {
  test.each([
    ['more than 100,000 rows', `email\n${'ann@example.com\n'.repeat(100_001)}`, /more than 100000 rows/],
    ['a row of 10,000 columns', `email,a\nann@example.com,1\n${'x,'.repeat(9_999)}x\n`, /line 3: it has 10000 cells/],
    ['a header of 10,000 columns', `email,${'x,'.repeat(9_998)}x\nann@example.com\n`, /line 1: it names 10000 columns/],
    ['more than 50 MiB', `email\n${'x'.repeat(51 * 1024 * 1024)}`, /larger than 50 MiB/],
  ])('%s is refused, from a file and from stdin', { timeout: 60_000 }, async (_, text, words) => {
    const world = await openWorld();
    const file = join(world.home, 'large.csv');
    writeFileSync(file, text);
    for (const run of [world.invite(`import ${file} --yes`), world.invite('import - --yes', { input: text })]) {
      expect(await run).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(words) });
    }
    expect(await world.mails()).toEqual({});
  });
});
