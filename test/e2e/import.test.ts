// What an import does with signals, streams, disks and other processes.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { realClock } from '../support/real-clock.ts';
import { environmentOf, type RunOptions, runBuilt, runShell } from '../support/run-built.ts';
import { temporaryFolder } from '../support/run-cli.ts';
import { serveTestSandbox } from '../support/served-sandbox.ts';

// Several processes at once, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

const servers: { close(): Promise<void> }[] = [];
afterAll(async () => {
  for (const server of servers) await server.close();
});

/** The sandbox on a port of its own, a home for the command, and a file of so many people. */
async function openWorld(count: number, latency: number) {
  const home = temporaryFolder();
  const served = await serveTestSandbox({ switches: { quota: 100_000 }, latency, clock: realClock });
  servers.push(served);
  const { sandbox, endpoint } = served;
  const file = join(home, 'people.csv');
  writeFileSync(file, ['email', ...Object.keys(each(count))].join('\n'));
  return {
    file,
    invite: (line: string, options: RunOptions = {}) => runBuilt(line.split(' '), { endpoint, home, ...options }),
    /** A script for bash, in which `invite` is the command. */
    shell: (script: string) => runShell(script, { endpoint, env: environmentOf(home, {}) }),
    /** Everybody who is in the server, with the number of mails they got. */
    mails: async () => Object.fromEntries(await sandbox.mails()),
  };
}

/** Everybody once. */
function each(count: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`p${n}@example.com`, 1]));
}

// Side by side, as the others: most of their time they wait.
describe.concurrent('an import', () => {
  test('a disk that is full does not keep create from inviting everybody it was told to', async () => {
    const { shell, mails } = await openWorld(0, 5);
    const emails = Object.keys(each(100));
    const full = await shell(`ulimit -f 4; invite create ${emails.join(' ')} -o json > /dev/null`);
    expect(full.stderr.match(/cannot remember on this machine/g)).toHaveLength(1);
    expect({ code: full.code, mails: await mails() }).toEqual({ code: 0, mails: each(100) });
  });

  test('the rows that failed are kept where stdout takes no more', async () => {
    const { file, shell } = await openWorld(0, 0);
    writeFileSync(file, 'email,role\nann@example.com,\nbob@example.com,NobodyKnowsThis\n');
    expect(await shell(`invite import ${file} --yes --allow-unknown-roles > /dev/full`)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`correct the rows in ${file}.rejected.csv, then:`),
    });
    expect(readFileSync(`${file}.rejected.csv`, 'utf8')).toContain('bob@example.com');
  });
});

/** More rounds than a suite has time for: `ROUNDS=20 KILLS=150 npx vitest run test/e2e/import.test.ts`. */
const rounds = Number(process.env.ROUNDS ?? 1);
const kills = Number(process.env.KILLS ?? 3);
/** Kills of one import, until it is left to end. */
const killsEach = 6;

describe.concurrent('several processes', () => {
  test('that create and import the same people at once mail each of them once', async () => {
    for (let round = 0; round < rounds; round += 1) {
      const { file, invite, mails } = await openWorld(20, 20);
      const create = `create ${Object.keys(each(20)).reverse().join(' ')} -o json`;
      const all = await Promise.all([create, create, `import ${file} --yes -o json`].map((line) => invite(line)));
      expect(await mails()).toEqual(each(20));
      const outcomes = all.flatMap(({ stdout }) => JSON.parse(stdout).map((one: { outcome: string }) => one.outcome));
      expect(all.map(({ code, stderr }) => (code === 0 ? '' : stderr)).join('')).toBe('');
      expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(20);
      expect(outcomes.filter((outcome) => outcome === 'already_invited')).toHaveLength(40);
    }
  }, 600_000);

  test('killed at any moment: one mail and each role once', async () => {
    for (let killed = 0; killed < kills; killed += killsEach) {
      const { file, invite, mails } = await openWorld(0, 15);
      const rows = Object.keys(each(40)).map((email) => `${email},"MetricsViewer,DataDiscovery@env-abc"\n`);
      writeFileSync(file, `email,role\n${rows.join('')}`);
      for (let kill = 0; kill < Math.min(killsEach, kills); kill += 1)
        await invite(`import ${file} --yes`, { kill: { signal: 'SIGKILL', when: 250 + Math.random() * 900 } });
      const { code, stderr } = await invite(`import ${file} --yes`);
      expect(code, stderr).toBe(0);
      expect(await mails()).toEqual(each(40));
      const again = JSON.parse((await invite(`import ${file} --yes -o json`)).stdout);
      const granted = again.flatMap((one: { roles: { outcome: string }[] }) => one.roles.map(({ outcome }) => outcome));
      expect(granted).toEqual(Array(80).fill('already_granted'));
    }
  }, 900_000);
});
