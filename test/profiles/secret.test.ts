import { expect, test } from 'vitest';
import type { CliError } from '../../src/errors.ts';
import { realHost } from '../../src/host.ts';
import { readSecret } from '../../src/profiles/secret.ts';

const node = (script: string) => ({ command: [process.execPath, '-e', script] });
const run = realHost().run;

test('a value is the secret', async () => {
  expect(await readSecret({ value: 'cflt' }, () => expect.unreachable('nothing runs'))).toBe('cflt');
});

test('a program prints it', async () => {
  expect(await readSecret(node('console.log(" cflt-secret ")'), run)).toBe('cflt-secret');
});

test('it runs without a shell, with its arguments as they are, for at most 10 s and 64 KiB', async () => {
  const seen: unknown[] = [];
  await readSecret({ command: ['op', '$(id)', 'a b'] }, async (...given) => {
    seen.push(given);
    return 'cflt';
  });
  expect(seen).toEqual([[['op', '$(id)', 'a b'], { timeout: 10_000, maxBytes: 65_536 }]]);
});

test.each([
  ['a program that is not there', { command: ['no-such-program', 'marker'] }, 'there is no such program'],
  ['a folder', { command: ['/etc', 'marker'] }, 'it may not be run'],
  ['a failure', node('process.exit(3) // marker'), 'it ended with exit code 3'],
  ['1 MiB', node('process.stdout.write("x".repeat(2 ** 20)) // marker'), 'it printed more than 65536 bytes'],
  ['nothing', node('1 // marker'), 'it is empty'],
  ['two lines', node('console.log("a\\nb") // marker'), 'it contains a line break'],
])('%s is told by the name of the program alone', async (_, secret, reason) => {
  const error: CliError = await readSecret(secret, run).then(
    () => expect.unreachable('it should have failed'),
    (thrown) => thrown,
  );
  expect([error.code, error.exitCode]).toEqual(['auth_invalid', 4]);
  expect(error.message).toBe(`cannot get the secret from "${secret.command[0]}"`);
  expect(error.details.reason).toBe(reason);
  expect(JSON.stringify(error.toRecord())).not.toContain('marker');
});

test('a program that hangs is ended', async () => {
  const impatient: typeof run = (argv, limits) => run(argv, { ...limits, timeout: 200 });
  const failed = readSecret(node('setInterval(() => {}, 1000)'), impatient);
  await expect(failed).rejects.toMatchObject({ details: { reason: expect.stringContaining('SIGKILL') } });
});

test('Ctrl-C meanwhile is cancelled, not a bad secret', async () => {
  const end = new AbortController();
  const failed = readSecret(node('setInterval(() => {}, 1000)'), (argv, limits) =>
    run(argv, { ...limits, signal: end.signal }),
  );
  end.abort();
  await expect(failed).rejects.toMatchObject({ code: 'cancelled' });
});
