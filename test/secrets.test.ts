import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { buildProgram } from '../src/program.ts';
import { runCli, temporaryFolder } from './support/run-cli.ts';

const secret = 'cflt-a-secret-of-the-environment';

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

function pathOf(command: Command): string {
  return command.parent === null ? '' : `${pathOf(command.parent)} ${command.name()}`.trim();
}

const commands = everyCommand(await buildProgram(() => async () => {}, { write: () => {} }));

test('no option takes a secret on the command line, where everybody can read it', () => {
  const options = commands.flatMap((command) => command.options.map((option) => ({ command, option })));
  const suspicious = options.filter(({ option }) =>
    /secret|password|token/i.test(`${option.flags} ${option.description}`),
  );
  const values = suspicious
    .filter(({ option }) => option.required || option.optional)
    .map(({ option }) => option.flags);
  expect(suspicious.length).toBeGreaterThan(values.length);
  expect([...new Set(values)].sort()).toEqual([
    '--api-secret-file <file>',
    '--secret-command <command>',
    '--token-command <command>',
  ]);
});

test('nor is one taken that looks like it', async () => {
  for (const words of [`list --api-secret ${secret}`, `list --secret=${secret}`, `auth login --api-secret ${secret}`]) {
    const { code, stdout, stderr } = await runCli(words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).not.toContain(secret);
  }
});

test.each(commands.map(pathOf))('invite %s --help and its complaints hold nothing of the environment', async (path) => {
  const cloud = ['API_KEY', 'API_SECRET', 'ACCESS_TOKEN', 'IDENTITY_POOL_ID', 'OIDC_TOKEN_FILE', 'ENDPOINT'];
  const names = [
    ...cloud.map((name) => `CONFLUENT_CLOUD_${name}`),
    ...['ACTIONS_ID_TOKEN_REQUEST_URL', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN'],
    ...['INVITE_PROFILE', 'INVITE_OUTPUT', 'HTTPS_PROXY'],
  ];
  const env = Object.fromEntries(names.map((name) => [name, secret]));
  for (const line of [`${path} --help`, `help ${path}`, `${path} --no-such-option`]) {
    const { stdout, stderr } = await runCli(line.trim(), { env });
    expect(stdout + stderr).not.toContain(secret);
    expect(stdout + stderr).not.toBe('');
  }
});

describe('a password in an endpoint', () => {
  const refused = ['lst', 'list extra', 'create nobody@example.com --role OrganisationAdmin', 'apply missing.yaml'];
  const lines = ['list', 'doctor', 'auth login work --api-key K', 'auth status', ...refused];

  test.each(lines)('is never shown by %s', async (line) => {
    const logins = ['ann:hush-hush', "ann:hu'sh/hush", 'ann:hush "hush"'];
    for (const [index, login] of logins.entries()) {
      const flag = '--endpoint';
      const url = `https://${login}@host.example`;
      const words = line.split(' ');
      const argv = [
        [flag, url, ...words],
        [...words, flag, url, '-o', 'json'],
        [...words, `${flag}=${url}`, '--debug'],
      ][index] as string[];
      for (const typed of [argv, [...words, url]]) {
        const { code, stdout, stderr } = await runCli(typed, { env: { CONFLUENT_CLOUD_API_KEY: 'K' } });
        expect(code).toBeGreaterThan(0);
        expect(stdout + stderr).not.toMatch(/hu.{0,4}sh/);
      }
    }
  });
});

describe('what a pool gets its tokens with', () => {
  const lines = ['list', 'create nobody@example.com', 'doctor', 'auth status --check', 'plan missing.yaml'];
  const text = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJyZXBvOmFjbWUvcGVvcGxlIn0.c2lnbmF0dXJl';
  const pool = { CONFLUENT_CLOUD_IDENTITY_POOL_ID: 'pool-abc', CONFLUENT_CLOUD_ENDPOINT: 'http://127.0.0.1:1' };
  const path = join(temporaryFolder(), 'token');
  writeFileSync(path, text);

  test.each(lines)('is never shown by %s', async (line) => {
    const github = { ACTIONS_ID_TOKEN_REQUEST_URL: 'http://127.0.0.1:1/', ACTIONS_ID_TOKEN_REQUEST_TOKEN: secret };
    for (const env of [github, { CONFLUENT_CLOUD_OIDC_TOKEN_FILE: path }]) {
      for (const format of ['--debug', '-o json']) {
        const { stdout, stderr } = await runCli(`${line} ${format} --retries 0`, { env: { ...pool, ...env } });
        expect(stdout + stderr).not.toMatch(/eyJ|cflt-a|c2lnbmF0dXJl|repo:acme/);
        expect(stdout + stderr).not.toBe('');
      }
    }
  });
});

test('the value of an option is not suggested as a name', async () => {
  const { code, stderr } = await runCli('list --email ann@example.com foo');
  expect([code, stderr.includes('invite get')]).toEqual([2, false]);
  expect((await runCli('list bob@example.com')).stderr).toContain('invite get bob@example.com');
});
