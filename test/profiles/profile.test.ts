import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { CliError } from '../../src/errors.ts';
import { realHost } from '../../src/host.ts';
import {
  expiryOfToken,
  parseAccessToken,
  parseCredential,
  readSecret,
  shortKeyId,
} from '../../src/profiles/profile.ts';
import { failureIn, failureOf } from '../support/failures.ts';
import { temporaryFolder } from '../support/run-cli.ts';

test.each([
  ['abc', 'abc'],
  ['\ufeffabc\u00a0', 'abc'],
  ['"abc"', 'abc'],
  ['" abc "', 'abc'],
  ['cflt+/=', 'cflt+/='],
])('%j is read as %j', (text, value) => {
  expect(parseCredential('the secret', text)).toBe(value);
});

test.each([
  ['marker\nmarker', 'it contains a line break'],
  ['marker marker', 'it contains a space'],
  ['marker\0', 'it contains a character that is not allowed'],
  ['markér', 'it contains a character that is not allowed'],
  ['  ', 'it is empty'],
  ['marker'.repeat(1000), 'it is longer than 4096 characters'],
])('%j is rejected without being shown', (text, reason) => {
  const error = failureIn(() => parseCredential('the secret', text));
  expect([error.code, error.message, error.details.reason]).toEqual(['usage', 'cannot use the secret', reason]);
  expect(JSON.stringify(error.toRecord())).not.toContain('mark');
});

test('an access token may be long, but not without end', () => {
  const long = 'a'.repeat(8000);
  expect(parseAccessToken('THE_TOKEN', long)).toBe(long);
  const { details } = failureIn(() => parseAccessToken('THE_TOKEN', long.repeat(3)));
  expect(details.reason).toBe('it is longer than 16384 characters');
});

test.each([
  [{ exp: 1_780_000_000 }, 1_780_000_000_000],
  [{ exp: '1780000000' }, undefined],
  [{ exp: 1e300 }, undefined],
  [{}, undefined],
  [null, undefined],
])('a JWT with %j expires at %j', (claims, expected) => {
  const [header, payload] = [{ alg: 'RS256' }, claims].map((one) =>
    Buffer.from(JSON.stringify(one)).toString('base64url'),
  );
  expect(expiryOfToken(`${header}.${payload}.c2ln`)).toBe(expected);
});

test.each(['opaque', 'a.b.c', 'a.b', '..', ''])('the token %j does not tell when it expires', (token) => {
  expect(expiryOfToken(token)).toBeUndefined();
});

test('of a key id, the first and the last four characters are shown', () => {
  expect(shortKeyId('ABCDEFGH12345678')).toBe('ABCD…5678');
  expect(shortKeyId('ABCD5678')).toBe('ABCD5678');
});

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
  const error = await failureOf(() => readSecret(secret, run));
  expect([error.code, error.exitCode]).toEqual(['auth_invalid', 4]);
  expect(error.message).toBe(`cannot get the secret from "${secret.command[0]}"`);
  expect(error.details.reason).toBe(reason);
  expect(JSON.stringify(error.toRecord())).not.toContain('marker');
});

const impatient: typeof run = (argv, limits) => run(argv, { ...limits, timeout: 200 });
const shell = (line: string) => ({ command: ['sh', '-c', line] });

test('a program that hangs is ended', async () => {
  const failed = readSecret(node('setInterval(() => {}, 1000)'), impatient);
  await expect(failed).rejects.toMatchObject({ details: { reason: 'it was killed: it took longer than 0.2 s' } });
});

/** Runs a line that writes the id of a child to a file; resolves to whether that child still runs. */
async function childLives(line: string, act: (secret: { command: string[] }) => Promise<unknown>): Promise<boolean> {
  const file = join(temporaryFolder(), 'pid');
  await act(shell(`sleep 300 & echo $! >${file}; ${line}`));
  const pid = Number(readFileSync(file, 'utf8'));
  // A killed process is there until its parent has taken note.
  await vi.waitUntil(() => !isRunning(pid), { timeout: 500 }).catch(() => {});
  const lives = isRunning(pid);
  if (lives) process.kill(pid);
  return lives;
}

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

test('the limit holds for what the program started', async () => {
  const lives = await childLives('wait', (secret) =>
    expect(readSecret(secret, impatient)).rejects.toMatchObject({ code: 'auth_invalid' }),
  );
  expect(lives).toBe(false);
});

test('an agent that the program leaves behind is not waited for, and lives', async () => {
  const lives = await childLives('echo cflt', async (secret) => expect(await readSecret(secret, run)).toBe('cflt'));
  expect(lives).toBe(true);
});

test('Ctrl-C or the end of --timeout meanwhile is that, not a bad secret, and ends children too', async () => {
  const end = new AbortController();
  const reason = new CliError('cancelled', 'cancelled');
  const lives = await childLives('wait', async (secret) => {
    const failed = readSecret(secret, run, { signal: end.signal });
    setTimeout(() => end.abort(reason), 200);
    await expect(failed).rejects.toBe(reason);
  });
  expect(lives).toBe(false);
});
