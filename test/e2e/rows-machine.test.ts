import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { withServer } from '../faults/server.ts';
import { expectHarmless, secretForms } from '../support/fault-rows.ts';
import { clientOf, program, runBuilt, runShell } from '../support/run-built.ts';
import { runCli, temporaryFolder } from '../support/run-cli.ts';

// Several processes at once, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

const nobody = { CONFLUENT_CLOUD_API_KEY: undefined, CONFLUENT_CLOUD_API_SECRET: undefined };

describe.runIf(process.getuid?.() === 0)('a container without a home', () => {
  const uid = 65_534;
  const env = { HOME: '/nonexistent', INVITE_CONFIG_DIR: '', INVITE_STATE_DIR: '' };

  test.concurrent.each([
    ['invite auth status', 0],
    ['env -u HOME "$NODE" "$PROGRAM" list -o id', 0],
    ['invite import people.csv --yes', 2],
    ['echo cflt-x | invite auth login --api-key KEY --api-secret-stdin --no-verify', 1],
  ])('%s exits %i', (line, exit) =>
    withServer({}, async (server) => {
      const script = `export NODE='${process.execPath}' PROGRAM='${program}'\n${line}`;
      const { code, stdout, stderr } = await runShell(script, { endpoint: server.url, env, cwd: '/', uid });
      expect({ code, stderr: code === 0 ? stderr : '' }, stderr).toEqual({ code: exit, stderr: '' });
      expect(stdout.length > 0).toBe(exit === 0);
      expect(stderr).not.toMatch(/internal error|bug of invite|^ {4}at /m);
    }),
  );

  test('one person is invited all the same, with a word about what cannot be remembered', () =>
    withServer({}, async (server) => {
      const script = 'invite create new@example.com -o id';
      const { code, stdout, stderr } = await runShell(script, { endpoint: server.url, env, cwd: '/', uid });
      expect([code, stdout]).toEqual([0, expect.stringMatching(/^i-/)]);
      expect(stderr).toMatch(/^warning: cannot remember on this machine who was mailed: [^\n]*\n$/);
    }));
});

describe('a folder that came with somebody else’s project', () => {
  test.concurrent('changes nothing', () =>
    withServer({}, async (server) => {
      const cwd = temporaryFolder();
      const hostile = `CONFLUENT_CLOUD_API_KEY=EVIL\nCONFLUENT_CLOUD_API_SECRET=evil\nCONFLUENT_CLOUD_ENDPOINT=${server.foreignUrl}\nINVITE_OUTPUT=json\n`;
      const profile = { api_key: 'EVIL', api_secret: 'evil', endpoint: server.foreignUrl };
      const config = JSON.stringify({ version: 1, current: 'evil', profiles: { evil: profile, default: profile } });
      for (const name of ['.env', '.env.local', '.inviterc', '.envrc']) writeFileSync(join(cwd, name), hostile);
      for (const folder of ['.', 'config', 'invite', '.config', '.invite', '.config/invite']) {
        mkdirSync(join(cwd, folder), { recursive: true });
        writeFileSync(join(cwd, folder, 'config.json'), config);
      }
      writeFileSync(join(cwd, 'package.json'), JSON.stringify({ type: 'module', invite: profile }));
      writeFileSync(join(cwd, '.npmrc'), 'node-options=--require ./evil.js\n');
      const anonymous = await runBuilt(['list'], { cwd, env: { ...nobody, CONFLUENT_CLOUD_ENDPOINT: undefined } });
      expect(anonymous).toMatchObject({ code: 4, stdout: '' });
      const known = await runBuilt(['list', '-o', 'id'], { cwd, endpoint: server.url });
      expect(known).toMatchObject({ code: 0, stderr: '' });
      await expectHarmless(known, server);
      expect(server.log).toHaveLength(1);
    }));
});

describe('an empty variable is an unset one', () => {
  const names =
    'INVITE_PROFILE INVITE_OUTPUT INVITE_NO_INPUT INVITE_DEBUG INVITE_CONCURRENCY NO_COLOR FORCE_COLOR CLICOLOR ' +
    'CLICOLOR_FORCE CI HTTPS_PROXY HTTP_PROXY NO_PROXY GITHUB_ACTIONS NODE_TLS_REJECT_UNAUTHORIZED';
  const empty = Object.fromEntries(names.split(' ').map((name) => [name, '']));

  test.concurrent('for all of them', () =>
    withServer({}, async (server) => {
      const env = { ...empty, ...clientOf(server.url) };
      expect(await runCli('list -o id', { env })).toMatchObject({ code: 0, stderr: '' });
    }));
});

describe('a secret is in no output', () => {
  test.concurrent.each(['err-echo-auth', 'redirect-foreign', 'reset-mid-body'])(
    'of Node’s own logs neither: %s',
    (scenario) =>
      withServer({ scenario }, async (server) => {
        const env = { NODE_DEBUG: 'undici,fetch,http,net,tls', INVITE_DEBUG: '1' };
        const outcome = await runBuilt(['list', '--retries', '0'], { endpoint: server.url, env });
        expect(outcome.stderr).toContain('GET');
        for (const form of secretForms) expect(outcome.stdout + outcome.stderr).not.toContain(form);
        expect(server.foreignLog).toEqual([]);
      }),
  );
});
