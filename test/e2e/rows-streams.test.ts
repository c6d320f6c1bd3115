import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { withServer } from '../faults/server.ts';
import { expectHarmless } from '../support/fault-rows.ts';
import { type RunOptions, runBuilt, runShell } from '../support/run-built.ts';
import { temporaryFolder } from '../support/run-cli.ts';

// Several processes at once, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

const people = Array.from({ length: 6 }, (_, n) => `new${n}@example.com`).join(' ');

async function shell(script: string, scenario = 'honest', options: RunOptions = {}) {
  return withServer({ scenario }, async (server) => {
    const outcome = await runShell(script, { endpoint: server.url, ...options });
    await expectHarmless(outcome, server);
    return { ...outcome, server, mails: [...(await server.mails()).values()].reduce((sum, count) => sum + count, 0) };
  });
}

test.concurrent('a command that can never end is a failure, not a success', async () => {
  const preload = join(temporaryFolder(), 'stdin.cjs');
  // Nothing comes, and nothing keeps the process alive.
  writeFileSync(
    preload,
    "Object.defineProperty(process, 'stdin', { value: new (require('stream').Readable)({ read() {} }) });",
  );
  const { code, stdout, stderr } = await runBuilt(['-p', 'sandbox', 'import', '-', '--dry-run'], {
    env: { NODE_OPTIONS: `--require=${preload}` },
  });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toBe('error: internal error: the command ended before it was done\n');
});

describe('a reader that leaves', () => {
  test.concurrent.each([
    [`invite create ${people} -o ndjson | true`, 6],
    ['invite create new@example.com | true', 1],
    [`invite create ${people} >&- 2>&-`, 6],
  ])('%s: all are carried out', async (script, count) => {
    const { code, stderr, mails } = await shell(script, 'slow-create:50');
    expect({ code, mails }, stderr).toEqual({ code: 0, mails: count });
    expect(stderr).not.toMatch(/EPIPE|error:/);
  });

  test.concurrent('a list asks for no more, and that is success', async () => {
    const { code, stderr, server } = await shell('invite list -o ndjson | head -n 1', 'next-infinite');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(server.log.length).toBeLessThan(1000);
  });

  test.concurrent.each([
    ['of many, some failed', 'invite create bad@example.com good@example.com | true', 'post-422-bad', 9],
    [
      'of one, a role was refused',
      'invite create new@example.com --role OrganizationAdmin --yes | true',
      'bind-forbidden',
      9,
    ],
    ['the key is bad', 'invite list | true', 'err-401', 4],
  ])('does not hide that %s', async (_, script, scenario, exit) => {
    expect((await shell(script, scenario)).code).toBe(exit);
  });
});

describe('a full disk under stdout', () => {
  test.concurrent.each([
    [
      'invite create new@example.com > /dev/full',
      1,
      /^error: cannot write to stdout\n {2}no space left on device \(ENOSPC\)\n {2}already done: 1 created\n$/,
    ],
    [`invite create ${people} -o ndjson > /dev/full`, 6, /"io_error".*already done: 6 created/],
    ['invite --help > /dev/full', 0, /^error: cannot write to stdout\n {2}no space left on device \(ENOSPC\)\n$/],
    ['invite --version > /dev/full', 0, /^error: cannot write to stdout\n {2}ENOSPC\n$/],
  ])('%s: exit 1, and what was done is said', async (script, count, words) => {
    const { code, stderr, mails } = await shell(script);
    expect({ code, mails }).toEqual({ code: 1, mails: count });
    expect(stderr).toMatch(words);
  });
});

describe('a slow reader', () => {
  test.concurrent('gets every byte of json', async () => {
    const { code, stdout } = await shell('invite list -o json | (sleep 1; cat)', 'big-pages');
    expect({ code, rows: JSON.parse(stdout).length }).toEqual({ code: 0, rows: 20_000 });
  });

  // Others of the pipeline may have left it in that state, and a write then takes a part or nothing.
  test.concurrent('gets every byte of a pipe that makes no writer wait', async () => {
    const unblocked = `perl -MFcntl -e 'fcntl(STDOUT, F_SETFL, O_WRONLY | O_NONBLOCK); exec @ARGV'`;
    const script = `export -f invite; ${unblocked} bash -c "invite list -o ndjson" | (sleep 1; cat)`;
    const { code, stdout, stderr } = await shell(script, 'big-pages');
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect({ code, stderr, rows: rows.length }).toEqual({ code: 0, stderr: '', rows: 20_000 });
  });
});

describe('input without end', () => {
  test.concurrent.each([
    ['invite import /dev/zero --yes', /it is a device/],
    ['invite import - --yes < /dev/zero', /larger than 50 MiB/],
    ['mkfifo pipe; invite import pipe --yes', /it is a pipe/],
    ['head -c 1000000 /dev/zero | tr "\\0" a | invite create -', /it is 1000000 characters long/],
  ])('%s: exit 2 in good time, and nothing is sent', async (script, words) => {
    const { code, stdout, stderr, server, ms } = await shell(`ulimit -v 8000000; ${script}`);
    expect({ code, stdout, requests: server.log.length }, stderr).toEqual({ code: 2, stdout: '', requests: 0 });
    expect(stderr).toMatch(words);
    expect(stderr.length).toBeLessThan(1000);
    expect(ms).toBeLessThan(30_000);
  });
});
