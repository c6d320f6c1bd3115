import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type FaultServer, startFaultServer } from '../faults/server.ts';
import { keys, runInPty, type Step, visible } from '../support/pty.ts';
import { environmentOf, program } from '../support/run-built.ts';
import { temporaryFolder } from '../support/run-cli.ts';

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
    expect(drawn.length).toBeGreaterThan(20);
    expect(sgr.test(drawn), drawn).toBe(colored);
    expect(drawn.replaceAll(new RegExp(sgr, 'g'), '')).not.toContain('\x1b');
  });
});

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
  test.concurrent.each<[string, Step, number]>([
    ['Ctrl-C', { send: keys.ctrlC }, 130],
    ['SIGINT', { signal: 'SIGINT' }, 130],
    ['SIGTERM', { signal: 'SIGTERM' }, 143],
  ])('%s: the terminal is as it was, with its cursor', async (_, step, exit) => {
    const question = { expect: 'revoke the invitation', pause: 300 };
    const { code, drawn, echo } = await invite('delete i-sent', [{ ...question, ...step }]);
    expect({ code, echo, revoked: revoked('i-sent') }, drawn).toEqual({ code: exit, echo: true, revoked: false });
    if (exit === 130) expect(visible(drawn)).toMatch(/cancelled/);
    expect(visible(drawn)).not.toMatch(/ExitPrompt|Error:|^ {4}at /m);
    // Shown again is harmless; hidden and left so is not.
    expect(drawn.lastIndexOf('\x1b[?25l')).toBeLessThanOrEqual(drawn.lastIndexOf('\x1b[?25h'));
  });
});
