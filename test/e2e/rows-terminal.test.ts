import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type FaultServer, startFaultServer } from '../faults/server.ts';
import { keys, runInPty, type Step, visible } from '../support/pty.ts';
import { environmentOf, fakeKey, fakeSecret, program } from '../support/run-built.ts';
import { runCli, temporaryFolder } from '../support/run-cli.ts';

// Several processes at once, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

let server: FaultServer;

beforeAll(async () => {
  server = await startFaultServer();
});

afterAll(() => server.stop());

function invite(line: string, steps: readonly Step[] = [], env: Record<string, string> = {}) {
  return onTerminal([process.execPath, program, ...line.split(' ')], steps, env);
}

function onTerminal(argv: readonly string[], steps: readonly Step[], env: Record<string, string>) {
  return runInPty(argv, steps, { env: environmentOf(temporaryFolder(), { endpoint: server.url, env }) });
}

const sgr = /\x1b\[[\d;]*m/;

describe('colors on a terminal', () => {
  test.concurrent.each<[string, Record<string, string>, boolean]>([
    ['list', {}, true],
    ['list', { NO_COLOR: '1' }, false],
    ['get i-nobody', {}, true],
  ])('invite %s with %o: %s', async (line, env, colored) => {
    const { drawn } = await invite(line, [], env);
    expectColor(drawn, colored);
  });

  test.each<[string, Record<string, string>, boolean]>([
    ['list', { NO_COLOR: '', FORCE_COLOR: '' }, true],
    ['list', { NO_COLOR: '1', FORCE_COLOR: '3' }, false],
    ['list --color always', { NO_COLOR: '1' }, true],
    ['list --color never', { FORCE_COLOR: '3' }, false],
    ['list --no-color', { CLICOLOR_FORCE: '1' }, false],
    ['list', { CLICOLOR: '0' }, false],
    ['list', { TERM: 'dumb' }, false],
    ['list', { TERM: 'dumb', FORCE_COLOR: '1' }, true],
    ['get i-nobody', { NO_COLOR: '1' }, false],
    ['list --limit none', { NO_COLOR: '1' }, false],
  ])('invite %s with %o: %s, whoever draws it', async (line, env, colored) => {
    const credential = { CONFLUENT_CLOUD_API_KEY: fakeKey, CONFLUENT_CLOUD_API_SECRET: fakeSecret };
    const world = { ...credential, CONFLUENT_CLOUD_ENDPOINT: server.url, TERM: 'xterm-256color', ...env };
    const { stdout, stderr } = await runCli(line, { tty: true, columns: 100, env: world });
    expectColor(stdout + stderr, colored);
  });
});

function expectColor(drawn: string, colored: boolean): void {
  expect(drawn.length).toBeGreaterThan(20);
  expect(sgr.test(drawn), drawn).toBe(colored);
  expect(drawn.replaceAll(new RegExp(sgr, 'g'), '')).not.toContain('\x1b');
}

describe('somebody is there, but not at both ends', () => {
  test.concurrent.each([
    'echo y | invite delete i-sent',
    'invite delete i-sent < /dev/null',
    'invite delete i-sent <&-',
    'invite delete i-sent 2> words; code=$?; cat words; exit $code',
  ])('%s: exit 2, and nothing is drawn', async (script) => {
    const invited = `cd "$HOME"; invite() { '${process.execPath}' '${program}' "$@"; }; ${script}`;
    const { code, drawn } = await onTerminal(['bash', '-c', invited], [], {});
    expect({ code, revoked: revoked('i-sent') }, drawn).toEqual({ code: 2, revoked: false });
    expect(drawn).toContain('--yes confirms');
    expect(drawn).not.toMatch(/\x1b\[(?!\d*m)/);
  });
});

function revoked(id: string): boolean {
  return server.log.some(({ kind, path }) => kind === 'delete' && path.endsWith(`/${id}`));
}

describe('a confirmation that is not given', () => {
  const question: Step = { expect: 'revoke the invitation' };

  test.concurrent.each<[string, Step]>([
    ['Ctrl-C', { ...question, send: keys.ctrlC }],
    ['Ctrl-D', { ...question, send: keys.ctrlD }],
    ['Enter alone', { ...question, send: keys.enter }],
    ['no', { ...question, send: `n${keys.enter}` }],
    ['SIGINT', { ...question, signal: 'SIGINT' }],
  ])('%s: exit 130, the terminal as it was', async (_, step) => {
    const { code, drawn, echo, left } = await invite('delete i-sent', [{ ...step, pause: 300 }]);
    expect({ code, echo, left, revoked: revoked('i-sent') }, drawn).toEqual({
      code: 130,
      echo: true,
      left: 0,
      revoked: false,
    });
    expect(visible(drawn)).toMatch(/cancelled/);
    expect(visible(drawn)).not.toMatch(/ExitPrompt|Error:|^ {4}at /m);
    // Shown again is harmless; hidden and left so is not.
    expect(drawn.lastIndexOf('\x1b[?25l')).toBeLessThanOrEqual(drawn.lastIndexOf('\x1b[?25h'));
  });

  test.concurrent.each<['SIGTERM' | 'SIGHUP', number]>([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])('%s: exit %i, the cursor is there', async (signal, exit) => {
    const { code, drawn, echo } = await invite('delete i-sent', [{ ...question, signal, pause: 300 }]);
    expect({ code, echo, revoked: revoked('i-sent') }, drawn).toEqual({ code: exit, echo: true, revoked: false });
    expect(drawn.lastIndexOf('\x1b[?25l')).toBeLessThanOrEqual(drawn.lastIndexOf('\x1b[?25h'));
  });
});
