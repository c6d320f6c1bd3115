// Imports against a server of their own: what is written down, what is refused, what remains after a kill.
// One process, real sockets, and a clock that waits for nobody; test/e2e/import.test.ts has what needs a process.
import { cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Sandbox, Settings } from '../../src/sandbox/sandbox.ts';
import { fastClock } from '../support/fast-clock.ts';
import { runCli, temporaryFolder, type World } from '../support/run-cli.ts';
import { serveTestSandbox } from '../support/served-sandbox.ts';

vi.setConfig({ testTimeout: 60_000 });

const here = process.cwd();
let home: string;
let file: string;

beforeEach(() => {
  home = temporaryFolder();
  file = join(home, 'people.csv');
  process.chdir(home);
});

afterEach(() => process.chdir(here));

interface Server {
  readonly sandbox: Sandbox;
  readonly port: number;
  invite(line: string, world?: World): ReturnType<typeof runCli>;
  /** Everybody who is in the server, with the number of mails they got. */
  mails(): Promise<Record<string, number>>;
  /** Lets time go by, for the server and for the program. */
  pass(milliseconds: number): Promise<void>;
}

async function startServer(switches: Partial<Settings> = {}, latency = 0): Promise<Server> {
  const clock = fastClock();
  const served = await serveTestSandbox({ switches: { quota: 100_000, ...switches }, latency, clock });
  const { sandbox, endpoint, close } = served;
  onTestFinished(async () => {
    clock.stop();
    await close();
  });
  return {
    ...{ sandbox, port: Number(new URL(endpoint).port) },
    invite: (line, { env, ...world } = {}) =>
      runCli(line, {
        ...{ folder: home, clock, env: { ...served.env, ...env } },
        ...world,
      }),
    mails: async () => Object.fromEntries(await sandbox.mails()),
    pass: (milliseconds) => clock.sleep(milliseconds),
  };
}

function writePeople(count: number): void {
  writeFileSync(
    file,
    `email,note\n${Array.from({ length: count }, (_, n) => `p${n}@example.com,note ${n}\n`).join('')}`,
  );
}

/** Everybody once. */
function each(count: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`p${n}@example.com`, 1]));
}

/** A way to the server that is cut once so many bytes were sent over it. */
async function startRelay(port: number, onCut: () => void) {
  const clients = new Set<Socket>();
  let left = 0;
  const relay = createServer((client) => {
    if (left < 0) return void client.destroy();
    const server = connect(port, '127.0.0.1');
    clients.add(client);
    for (const end of [client, server]) end.on('error', () => {});
    server.pipe(client);
    client.on('close', () => server.end());
    client.on('data', (bytes) => {
      if (left < 0) return;
      server.write(bytes.subarray(0, left));
      left -= bytes.length;
      if (left >= 0) return;
      onCut();
      for (const one of clients) one.destroy();
    });
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void relay.close());
  return {
    endpoint: `http://127.0.0.1:${(relay.address() as AddressInfo).port}`,
    cutAfter: (bytes: number) => {
      clients.clear();
      left = bytes;
    },
  };
}

describe('an import that is killed', () => {
  // The list lags behind, so that only the mail log knows who was mailed a moment ago.
  test('after any byte is finished by typing it again, and nobody gets two mails', async () => {
    const server = await startServer({ list_lag: 2000 }, 30);
    writePeople(60);
    const [state, kept] = [join(home, 'state'), join(home, 'kept')];
    // What a killed process leaves is what lies on the disk at that moment: all that is written later is thrown away.
    const relay = await startRelay(server.port, () => cpSync(state, kept, { recursive: true }));
    const env = { CONFLUENT_CLOUD_ENDPOINT: relay.endpoint };
    // The first requests only read.
    const moments = Array.from({ length: 5 }, () => 2500 + Math.floor(Math.random() * 4000));
    const mailed: number[] = [];
    for (const [round, moment] of moments.entries()) {
      relay.cutAfter(moment);
      await server.invite(`import ${file} --yes --concurrency 3`, { env, pid: round + 1 });
      mailed.push(Object.keys(await server.mails()).length);
      if (!existsSync(kept)) continue;
      rmSync(state, { recursive: true });
      renameSync(kept, state);
    }
    expect(mailed[0], `killed too late to say anything: ${moments} ${mailed}`).toBeLessThan(60);
    relay.cutAfter(Number.POSITIVE_INFINITY);
    const finish = () => server.invite(`import ${file} --yes --concurrency 16`, { env, pid: 100 });
    const { code, stderr } = await finish();
    // Whoever was cut off twice may have a mail on the way, and is left for ten minutes.
    expect([0, 3, 9], stderr).toContain(code);
    for (const count of Object.values(await server.mails())) expect(count, `${moments} ${mailed}`).toBe(1);
    await server.pass(11 * 60_000);
    expect(await finish()).toMatchObject({ code: 0 });
    expect(await server.mails(), `${moments} ${mailed}`).toEqual(each(60));
  });
});

describe('the mail log', () => {
  test('that cannot be written keeps several people from being mailed, not one', async () => {
    const server = await startServer();
    const folder = join(home, 'nowhere');
    writeFileSync(folder, '');
    writePeople(3);
    for (const format of ['table', 'json']) {
      const refused = await server.invite(`import ${file} --yes -o ${format}`, { folder });
      expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('nothing more was sent') });
    }
    expect(await server.mails()).toEqual({});
    writePeople(1);
    const one = await server.invite(`import ${file} --yes -o json`, { folder });
    expect(one).toMatchObject({ code: 0, stderr: expect.stringContaining('cannot remember on this machine') });
    expect(await server.mails()).toEqual(each(1));
  });
});

describe('what is refused', () => {
  test('a used-up quota stops the rest, and the same line goes on once there is room', async () => {
    const server = await startServer({ quota: 20 });
    writePeople(50);
    const importing = async () => {
      const { code, stdout, stderr } = await server.invite(`import ${file} --yes -o ndjson`);
      const lines = stdout.trim().split('\n');
      const results = lines.map(
        (line) => JSON.parse(line) as { outcome: string; email: string; error: { code: string } },
      );
      // Which of those under way still have room is not decided by their order.
      const acceptAll = async () => {
        for (const { outcome, email } of results) if (outcome === 'created') await server.sandbox.accept(email);
      };
      return { code, stderr, results, acceptAll };
    };
    const { code, results, stderr, acceptAll } = await importing();
    expect(code, stderr).toBe(11);
    const failed = results.filter(({ outcome }) => outcome === 'failed');
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.length).toBeLessThanOrEqual(4);
    expect(failed.every(({ error }) => error.code === 'quota_exceeded')).toBe(true);
    expect(results.filter(({ outcome }) => outcome === 'created')).toHaveLength(20);
    expect(stderr).toContain('20 invitations may be pending at once, there is room for 20: 30 will be refused');
    await acceptAll();
    const second = await importing();
    expect(second.code).toBe(11);
    await second.acceptAll();
    expect(await server.invite(`import ${file} --yes`)).toMatchObject({ code: 0 });
    expect(await server.mails()).toEqual(each(50));
  });
});

describe('rows that fail', () => {
  const refused = 'email,role\nann@example.com,\nbob@example.com,NobodyKnowsThis\n';

  test('of stdin go into the folder that one is in', async () => {
    const server = await startServer();
    const { code, stderr } = await server.invite('import - --yes --allow-unknown-roles', { stdin: refused });
    expect({ code, stderr }).toEqual({
      code: 9,
      stderr: expect.stringContaining(
        'hint: correct the rows in invite-import.rejected.csv, then: invite import invite-import.rejected.csv --allow-unknown-roles\n',
      ),
    });
    const path = join(home, 'invite-import.rejected.csv');
    expect(readFileSync(path, 'utf8')).toMatch(/^email,role,error\nbob@example\.com,NobodyKnowsThis,.+\n$/);
  });

  test('are marked in a workflow, with the line that they stand in', async () => {
    const server = await startServer();
    const env = { GITHUB_ACTIONS: 'true' };
    writeFileSync(file, refused);
    const failed = await server.invite(`import ${file} --yes --allow-unknown-roles`, { env });
    expect(failed.stderr).toMatch(new RegExp(`^::error file=${file},line=3::.*NobodyKnowsThis`, 'm'));
    expect(
      (await server.invite(`import ${file} --yes --allow-unknown-roles --no-github`, { env })).stderr,
    ).not.toContain('::error');
    writeFileSync(file, 'email\nann@example.com\nbob\ncyd@@example.com\n');
    const wrong = await server.invite(`import ${file} --yes --allow-unknown-roles`, { env });
    expect(wrong.code).toBe(2);
    expect(wrong.stderr.match(/^::error file=.*people\.csv,line=\d::/gm)).toHaveLength(2);
    const typed = await server.invite('import - --yes --allow-unknown-roles', { env, stdin: 'ann@example.com\nbob\n' });
    expect(typed.stderr).toContain('::error::line 2: ');
  });
});
