import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { type FaultServer, startFaultServer } from '../faults/server.ts';
import { expectHarmless } from '../support/fault-rows.ts';
import { runBuilt } from '../support/run-built.ts';

// Several processes at once, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

type Signal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

interface Scene {
  readonly scenario: string;
  readonly line: string;
  /** Resolves at the moment of the first signal. */
  readonly when: (server: FaultServer) => Promise<unknown>;
  readonly signals: readonly Signal[];
}

const people = Array.from({ length: 6 }, (_, n) => `new${n}@example.com`).join(' ');

/** Runs a command and gives it signals, 200 ms apart. */
async function play({ scenario, line, when, signals }: Scene) {
  const server = await startFaultServer({ scenario });
  let signalled = 0;
  const send = async (pid: number) => {
    await when(server);
    for (const signal of signals) {
      signalled = performance.now();
      process.kill(pid, signal);
      await sleep(200);
    }
  };
  let sent: Promise<void> = Promise.resolve();
  const outcome = await runBuilt(line.split(' '), {
    endpoint: server.url,
    env: { INVITE_CONCURRENCY: '1' },
    started: (pid) => {
      // Whoever left at the first signal cannot hear the second.
      sent = send(pid).catch(() => {});
    },
  });
  const lasted = performance.now() - signalled;
  await sent;
  await server.stop();
  await expectHarmless(outcome, server);
  return { ...outcome, server, lasted };
}

async function requests(server: FaultServer, count: number): Promise<void> {
  while (server.log.length < count) await sleep(5);
}

async function posts(server: FaultServer, count: number): Promise<void> {
  while (server.count('create') < count) await sleep(5);
}

/** Milliseconds: long for a busy machine, and short of everything that is waited for here. */
const atOnce = 8000;

const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
const all = Object.keys(codes) as Signal[];

describe('a signal', () => {
  test.concurrent.each(all)('%s in the middle of a list ends it at once', async (signal) => {
    const { code, stdout, lasted } = await play({
      scenario: 'hang',
      line: 'list -o json',
      signals: [signal],
      when: (server) => requests(server, 1),
    });
    expect({ code, stdout }).toEqual({ code: codes[signal], stdout: '' });
    expect(lasted).toBeLessThan(atOnce);
  });

  // The first Ctrl-C lets end what is under way.
  const ends: readonly (readonly Signal[])[] = [['SIGTERM'], ['SIGHUP'], ['SIGINT', 'SIGINT']];
  test.concurrent.each(ends.map((signals) => ({ signals })))(
    '$signals in the middle of changes leaves at once',
    async ({ signals }) => {
      const { code, server, lasted } = await play({
        scenario: 'slow-create:10000',
        line: `create ${people}`,
        signals,
        when: (server) => posts(server, 1),
      });
      expect({ code, posts: server.count('create') }).toEqual({ code: codes[signals[0] ?? 'SIGINT'], posts: 1 });
      expect(lasted).toBeLessThan(atOnce);
    },
  );
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
  test.concurrent.each(['gzip-bomb', 'endless-body'])('%s stays below 300 MiB', async (scenario) => {
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
  });
});
