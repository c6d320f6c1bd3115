import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import type { CliError } from '../../src/errors.ts';
import { type LockOptions, withLock } from '../../src/files/lock.ts';
import { type Clock, type Processes, realHost } from '../../src/host.ts';
import { type VirtualClock, virtualClock } from '../http/virtual-clock.ts';
import { bundle } from '../support/bundle.ts';
import { failureOf } from '../support/failures.ts';
import { temporaryFolder } from '../support/run-cli.ts';

/** A machine on which these processes run: number → start time. */
function machine(pid: number, running: Record<number, string>): Processes {
  return { pid, startTime: (other) => running[other], place: () => 'here/1' };
}

const running = { 10: '100', 20: '200', 30: '' };
const gone = '99 999 here/1\n';

function options(pid: number, wait = 0, processes = machine(pid, running)): LockOptions & { clock: VirtualClock } {
  return { clock: Object.assign(virtualClock(Date.now()), { chance: 0.5 }), processes, wait };
}

function lockPath(content?: string): string {
  const path = join(temporaryFolder(), 'config.lock');
  if (content !== undefined) writeFileSync(path, content);
  return path;
}

/** Lets the test end an action that it began. */
function gate() {
  let open = () => {};
  const closed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, closed };
}

test('holds the file while the action runs and gives back what it gave', async () => {
  const path = lockPath();
  const result = await withLock(path, options(10), async () => {
    expect(readFileSync(path, 'utf8')).toBe('10 100 here/1\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    return 'done';
  });
  expect(result).toBe('done');
  expect(existsSync(path)).toBe(false);
});

test('lets go when the action fails', async () => {
  const path = lockPath();
  const failed = withLock(path, options(10), () => Promise.reject(new Error('no')));
  await expect(failed).rejects.toThrow('no');
  expect(existsSync(path)).toBe(false);
});

test('waits by short and uneven naps until the lock is free', async () => {
  const path = lockPath('10 100 here/1\n');
  const waiting = options(20, 1000);
  const clock: Clock = {
    ...waiting.clock,
    sleep: async (milliseconds) => {
      await waiting.clock.sleep(milliseconds);
      if (waiting.clock.waits.length === 3) await import('node:fs').then((fs) => fs.unlinkSync(path));
    },
  };
  expect(await withLock(path, { ...waiting, clock }, async () => 'mine')).toBe('mine');
  expect(waiting.clock.waits).toEqual([5.5, 5.5, 5.5]);
});

test('gives up when the wait is over', async () => {
  const waiting = options(20, 100);
  const path = lockPath('10 100 here/1\n');
  const error = await failureOf(() => withLock(path, waiting, async () => {}));
  expect([error.code, error.exitCode, error.message]).toEqual(['locked', 7, expect.stringContaining(`"${path}"`)]);
  expect(waiting.clock.waits.length).toBe(19);
});

const held = 'another process is creating it';

test.each<[about: string, content: string, seconds: number, reason: string | undefined]>([
  ['of a process that is gone', gone, 0, undefined],
  ['whose number belongs to a later process', '10 99 here/1\n', 0, undefined],
  ['of a process that runs', '10 100 here/1\n', 0, 'process 10 holds it'],
  ['where the system does not tell start times', '30  here/1\n', 0, 'process 30 holds it'],
  ['whose start time was not known then', '10  here/1\n', 0, 'process 10 holds it'],
  ['that is torn and young', '', 4, held],
  ['that is torn and young', '99 999\n', 4, held],
  ['that is torn and young', '99 ../../x here/1\n', 4, held],
  ['that is torn and young', '\0\0\0\0', 4, held],
  ['that is torn and old', '', 6, undefined],
  ['that is torn and old', '99', 6, undefined],
  ['that is torn and old', '99 ../../x here/1\n', 6, undefined],
  // Those of another machine or namespace cannot be seen from here: not gone by their number.
  ['of another machine', '10 100 there/1\n', 590, 'process 10 on "there" holds it'],
  ['of another container', '10 100 here/2\n', 590, 'process 10 on "here" holds it'],
  ['of another machine', '99 999 there/1\n', 590, 'process 99 on "there" holds it'],
  ['that another machine has left', '10 100 there/1\n', 610, undefined],
  ['that another container has left', '10 100 here/2\n', 610, undefined],
])('a lock %s: %j, after %i s', async (_, content, seconds, reason) => {
  const path = lockPath(content);
  utimesSync(path, Date.now() / 1000 - seconds, Date.now() / 1000 - seconds);
  const taking = withLock(path, options(20), async () => readFileSync(path, 'utf8'));
  const left = () => readdirSync(join(path, '..')).map((name) => readFileSync(join(path, '..', name), 'utf8'));
  if (reason === undefined) expect([await taking, left()]).toEqual(['20 200 here/1\n', []]);
  else expect([(await failureOf(() => taking)).details.reason, left()]).toEqual([reason, [content]]);
});

test('a lock of a process that has ended, and whose parent does not ask how, is taken over', async () => {
  // What replaces the shell knows of no child.
  const parent = spawn('sh', ['-c', 'sleep 0.3 & echo $!; exec sleep 60']);
  try {
    const [pid] = await once(parent.stdout, 'data');
    const { processes } = realHost();
    await vi.waitUntil(() => /^State:\s*Z/m.test(readFileSync(`/proc/${Number(pid)}/status`, 'utf8')));
    const path = lockPath(`${Number(pid)}  ${processes.place()}\n`);
    expect(await withLock(path, options(20, 0, processes), async () => 'done')).toBe('done');
  } finally {
    parent.kill();
  }
});

test('two takers: one that looked before the other took over leaves the fresh lock alone', async () => {
  const path = lockPath(gone);
  const { open, closed } = gate();
  let first: Promise<void> | undefined;
  const slow: Processes = {
    pid: 20,
    place: () => 'here/1',
    startTime: (pid) => {
      if (pid === 99) first ??= withLock(path, options(10), () => closed);
      return machine(20, running).startTime(pid);
    },
  };
  const error = await failureOf(() =>
    withLock(path, options(20, 0, slow), async () => expect.unreachable('both hold it')),
  );
  expect([error.code, readFileSync(path, 'utf8')]).toEqual(['locked', '10 100 here/1\n']);
  open();
  await first;
  expect(readdirSync(join(path, '..'))).toEqual([]);
});

test('two takers: nobody takes over between the second look and the removal', async () => {
  const path = lockPath(gone);
  let looks = 0;
  let other: Promise<CliError> | undefined;
  const slow: Processes = {
    pid: 20,
    place: () => 'here/1',
    startTime: (pid) => {
      if (pid === 99) looks += 1;
      if (looks === 2)
        other ??= failureOf(() => withLock(path, options(10), async () => expect.unreachable('both hold it')));
      return machine(20, running).startTime(pid);
    },
  };
  expect(await withLock(path, options(20, 0, slow), async () => readFileSync(path, 'utf8'))).toBe('20 200 here/1\n');
  expect((await other)?.code).toBe('locked');
});

test('a taker that died in the middle is itself taken over', async () => {
  const path = lockPath(gone);
  writeFileSync(`${path}.99-999-here-1`, '98 1 here/1\n');
  expect(await withLock(path, options(20, 50), async () => 'mine')).toBe('mine');
  expect(readdirSync(join(path, '..'))).toEqual([]);
});

test('lets go only of what is still its own', async () => {
  const path = lockPath();
  await withLock(path, options(10), async () => writeFileSync(path, '20 200 here/1\n'));
  expect(readFileSync(path, 'utf8')).toBe('20 200 here/1\n');
});

test('a folder that is not there is a failure of this machine', async () => {
  const error = await failureOf(() => withLock('/nonexistent/config.lock', options(10), async () => {}));
  expect([error.code, error.details.reason]).toEqual(['io_error', 'no such file or directory (ENOENT)']);
});

test('four processes and a killed one count to 200 together', { timeout: 30_000 }, async () => {
  const path = lockPath(`4194305 1 ${realHost().processes.place()}\n`);
  const count = join(path, '../count');
  writeFileSync(count, '0');
  const script = await bundle(`
    import { readFileSync, writeFileSync } from 'node:fs';
    import { realHost } from '${join(import.meta.dirname, '../../src/host.ts')}';
    import { withLock } from '${join(import.meta.dirname, '../../src/files/lock.ts')}';
    const { clock, processes } = realHost();
    for (let i = 0; i < 50; i += 1) {
      await withLock(${JSON.stringify(path)}, { clock, processes, wait: 20_000 }, async () => {
        const count = Number(readFileSync(${JSON.stringify(count)}, 'utf8'));
        await clock.sleep(0);
        writeFileSync(${JSON.stringify(count)}, String(count + 1));
      });
    }`);
  const run = promisify(execFile);
  await Promise.all([1, 2, 3, 4].map(() => run(process.execPath, [script])));
  expect(readFileSync(count, 'utf8')).toBe('200');
  expect(readdirSync(join(path, '..'))).toEqual(['count']);
});

test('a long holder shows that it is alive', async () => {
  const path = lockPath();
  let beat = () => {};
  const every: Clock['every'] = (_, act) => {
    beat = act;
    return () => {
      beat = () => expect.unreachable('it has ended');
    };
  };
  const clock = { ...virtualClock(Date.now()), every };
  await withLock(path, { ...options(10), clock }, async () => {
    utimesSync(path, 1, 1);
    beat();
    expect(Date.now() - statSync(path).mtimeMs).toBeLessThan(60_000);
  });
});

test.each<[string, (path: string) => void]>([
  ['a link that leads nowhere', (path) => symlinkSync('/nonexistent', path)],
  ['a link to a file', (path) => symlinkSync('/etc/hostname', path)],
  ['a pipe', (path) => execFileSync('mkfifo', [path])],
  ['a directory', (path) => mkdirSync(path)],
])('%s in the place of a lock is an error at once', async (_, make) => {
  const path = lockPath();
  make(path);
  const error = await failureOf(() => withLock(path, options(10, 1000), async () => {}));
  expect([error.code, error.details.target]).toEqual(['io_error', path]);
});

test('a lock that cannot be removed is said, and the result stands', async () => {
  const path = lockPath();
  const said: string[] = [];
  const act = async () => {
    rmSync(path);
    mkdirSync(path);
    return 'done';
  };
  expect(await withLock(path, { ...options(10), say: (text) => said.push(text) }, act)).toBe('done');
  expect(said).toEqual([`warning: cannot remove the lock file "${path}": it is a directory, not a file`]);
});
