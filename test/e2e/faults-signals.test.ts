import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { type FaultServer, startFaultServer } from '../faults/server.ts';
import { expectHarmless } from '../support/fault-rows.ts';
import { type RunOptions, runBuilt } from '../support/run-built.ts';

const people = Array.from({ length: 8 }, (_, n) => `new${n}@example.com`);

async function posts(server: FaultServer, count: number): Promise<void> {
  while (server.count('create') < count) await sleep(5);
}

async function interrupted(
  scenario: string,
  args: readonly string[],
  kill: (server: FaultServer) => RunOptions['kill'],
) {
  const server = await startFaultServer({ scenario });
  const asked = kill(server);
  const more = asked === undefined ? {} : { kill: asked };
  const outcome = await runBuilt(args, { endpoint: server.url, env: { INVITE_CONCURRENCY: '1' }, ...more });
  await server.stop();
  await expectHarmless(outcome, server);
  return { outcome, server };
}

describe('signals', () => {
  test.concurrent('Ctrl-C lets the mail that is under way arrive, and sends no more', async () => {
    const { outcome, server } = await interrupted('slow-create:300', ['create', ...people, '-o', 'json'], (server) => ({
      signal: 'SIGINT',
      when: posts(server, 2),
    }));
    expect([outcome.code, server.count('create')]).toEqual([130, 2]);
    const results = JSON.parse(outcome.stdout) as { outcome: string }[];
    expect(results.map((result) => result.outcome)).toEqual(['created', 'created', ...Array(6).fill('not_attempted')]);
  });

  test.concurrent('a killed create can be typed again without a second mail', async () => {
    const server = await startFaultServer({ scenario: 'slow-create-processed' });
    const kill = { signal: 'SIGKILL', when: posts(server, 1) } as const;
    const killed = await runBuilt(['create', 'new@example.com'], { endpoint: server.url, kill });
    const again = await runBuilt(['create', 'new@example.com', '-o', 'json'], { endpoint: server.url });
    await server.stop();
    expect([killed.signal, again.code, server.count('create')]).toEqual(['SIGKILL', 0, 1]);
    expect(again.stdout).toContain('already_invited');
    await expectHarmless(again, server);
  });
});

/** The most memory that a process had, in MiB, as long as it can still be asked. */
async function peakOf(pid: number): Promise<number> {
  let peak = 0;
  try {
    for (;;) {
      const [, size = '0'] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
      peak = Math.max(peak, Number(size) / 1024);
      await sleep(10);
    }
  } catch {
    return peak;
  }
}

describe.runIf(process.platform === 'linux')('memory', () => {
  test.concurrent.each(['gzip-bomb', 'endless-body', 'big-plain', 'gzip-chain'])(
    '%s stays below 300 MiB',
    async (scenario) => {
      const server = await startFaultServer({ scenario });
      let peak = Promise.resolve(0);
      const started = (pid: number) => {
        peak = peakOf(pid);
      };
      const { code } = await runBuilt(['list', '-o', 'json'], { endpoint: server.url, started });
      await server.stop();
      expect(code).toBe(3);
      expect(await peak).toBeGreaterThan(20);
      expect(await peak).toBeLessThan(300);
    },
  );
});
