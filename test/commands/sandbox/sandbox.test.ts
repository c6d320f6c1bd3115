import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { main } from '../../../src/main.ts';
import { settingDefinitions } from '../../../src/sandbox/settings.ts';
import { runCli, temporaryFolder, testHost, type World } from '../../support/run-cli.ts';

const env = { INVITE_PROFILE: 'sandbox' };

async function fields(line: string, folder: string): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await runCli(`${line} -o json`, { folder, env });
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

describe('changing the state of the sandbox', () => {
  test('accept and expire change the invitation and print it', async () => {
    const folder = temporaryFolder();
    await runCli('create ann@example.com bob@example.com', { folder, env });
    expect(await fields('sandbox accept ANN@example.com', folder)).toMatchObject({
      email: 'ann@example.com',
      state: 'accepted',
    });
    expect(await fields('sandbox expire bob@example.com', folder)).toMatchObject({
      email: 'bob@example.com',
      state: 'expired',
    });
    expect(await fields('get ann@example.com', folder)).toMatchObject({ state: 'accepted' });
    expect(await fields('get bob@example.com', folder)).toMatchObject({ state: 'expired' });
  });

  test('--dry-run prints the same and changes nothing', async () => {
    const folder = temporaryFolder();
    await runCli('create ann@example.com', { folder, env });
    const dry = await runCli('sandbox accept ann@example.com --dry-run -o csv --fields state', { folder, env });
    expect(dry).toEqual({
      code: 0,
      stdout: 'state\naccepted\n',
      stderr: 'dry run: nothing was changed\n',
    });
    await runCli('sandbox expire ann@example.com -n', { folder, env });
    await runCli('sandbox seed -n', { folder, env });
    await runCli('sandbox reset -n', { folder, env });
    expect((await runCli('list -o csv --fields email,state', { folder, env })).stdout).toBe(
      'email,state\nann@example.com,pending\n',
    );
  });

  test.each(['accept', 'expire'])('%s of an unknown e-mail is not found', async (verb) => {
    const { code, stdout, stderr } = await runCli(`sandbox ${verb} nobody@example.com`, { env });
    expect([code, stdout]).toEqual([6, '']);
    expect(stderr).toContain('error: the sandbox has no invitation for "nobody@example.com"');
  });

  test('seed adds invitations, reset deletes them, without a prompt outside a terminal', async () => {
    const folder = temporaryFolder();
    expect(await fields('sandbox seed --count 30', folder)).toEqual({ outcome: 'seeded', count: 30 });
    const count = async () => (await runCli('list -o id', { folder, env })).stdout.split('\n').length - 1;
    expect(await count()).toBe(30);
    expect(await fields('sandbox reset', folder)).toEqual({ outcome: 'reset' });
    expect(await count()).toBe(0);
  });

  test('add adds a person who has left, or a member without an invitation, and prints the ids', async () => {
    const folder = temporaryFolder();
    const left = await fields('sandbox add gus@example.com --state left', folder);
    expect(left).toEqual({
      email: 'gus@example.com',
      state: 'left',
      user: expect.any(String),
      invitation: expect.any(String),
    });
    expect(await fields('get gus@example.com', folder)).toMatchObject({ id: left.invitation, state: 'accepted' });
    const member = await fields('sandbox add deb@example.com --state sso_member --role Operator --api-keys 2', folder);
    expect(member).toEqual({ email: 'deb@example.com', state: 'sso_member', user: expect.any(String) });
    expect((await runCli('get deb@example.com', { folder, env })).code).toBe(6);
    expect(await fields('sandbox add ann@example.com -n', folder)).toEqual({
      email: 'ann@example.com',
      state: 'accepted',
      dry_run: true,
    });
    expect((await runCli('get ann@example.com', { folder, env })).code).toBe(6);
  });

  test('add adds somebody whose e-mail has changed, and principals without one', async () => {
    const folder = temporaryFolder();
    const times = '--created-at 2026-01-05T12:00:00Z --expires-at 2026-01-08T12:00:00Z';
    const who = '--user u-eve --full-name Eve --auth-type sso';
    const eve = await fields(`sandbox add eve@example.com --invited-as eva@example.com ${who} ${times}`, folder);
    expect(eve).toMatchObject({ email: 'eve@example.com', user: 'u-eve' });
    expect(await fields('get eva@example.com', folder)).toMatchObject({
      ...{ id: eve.invitation, user: { id: 'u-eve' }, auth_type: 'AUTH_TYPE_SSO' },
      ...{ expires_at: '2026-01-08T12:00:00.000000Z', metadata: { created_at: '2026-01-05T12:00:00.000000Z' } },
    });
    expect(await fields('trace u-eve', folder)).toMatchObject({ email: 'eve@example.com' });
    const pool = await fields('sandbox add pool-1 --role MetricsViewer --api-keys 1', folder);
    expect(pool).toEqual({ principal: 'User:pool-1' });
    expect(await fields('sandbox add Group:all --role Operator -n', folder)).toEqual({
      ...{ principal: 'Group:all', dry_run: true },
    });
  });

  test('seed with other options adds no invitations without --count', async () => {
    const folder = temporaryFolder();
    const others = 'sandbox seed --members 3 --sso-members 2 --role-bindings 4 --principals 5 --api-keys 6';
    expect(await fields(`${others} -n`, folder)).toEqual({ outcome: 'seeded', count: 20, dry_run: true });
    expect(await fields(others, folder)).toEqual({ outcome: 'seeded', count: 20 });
    expect((await runCli('list -o id', { folder, env })).stdout).toBe('');
    expect(await fields('sandbox seed --left 1 --count 7', folder)).toEqual({ outcome: 'seeded', count: 8 });
    expect((await runCli('list -o id', { folder, env })).stdout.trim().split('\n')).toHaveLength(8);
  });

  test('a damaged file is an error with the line, and reset deletes it', async () => {
    const folder = temporaryFolder();
    await runCli('create ann@example.com', { folder, env });
    appendFileSync(join(folder, 'state', 'sandbox.ndjson'), 'x\n');
    const { code, stdout, stderr } = await runCli('list', { folder, env });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`the sandbox cannot read "${join(folder, 'state', 'sandbox.ndjson')}", line 3`);
    expect(stderr).toContain('hint: invite sandbox reset');
    expect((await runCli('sandbox reset -y', { folder, env })).code).toBe(0);
    expect((await runCli('list', { folder, env })).code).toBe(0);
  });
});

describe('invalid arguments', () => {
  test.each([
    ['sandbox seed --count 0', 'invalid argument "0" for "--count"'],
    ['sandbox start --latency 50', 'invalid argument "50" for "--latency"'],
    ['sandbox start --latency 1h', 'invalid argument "1h" for "--latency"'],
    ['sandbox start --rate 0', 'invalid argument "0" for "--rate"'],
    ['sandbox start --fail 10%', 'invalid argument "10%" for "--fail"'],
    ['sandbox start --switch quotas=5', '"quotas" is not a setting of the sandbox'],
    ['sandbox start --switch quota=x', '"x" is not a value of the setting "quota"'],
    ['sandbox add ann@example.com --role Operater', 'unknown role "Operater"'],
    ['sandbox add ann', '"ann" is neither an e-mail nor a principal'],
    ['sandbox add sa-1', '"sa-1" is known only by its roles and API keys'],
    ['sandbox add ann@example.com --created-at soon', 'invalid argument "soon" for "--created-at"'],
  ])('%s', async (line, message) => {
    const { code, stdout, stderr } = await runCli(line, { env });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`error: ${message}`);
  });
});

describe('start', () => {
  test('its help lists every setting with its values and its default', async () => {
    const { stdout } = await runCli('sandbox start --help');
    const flat = stdout.replace(/\s+/g, ' ');
    for (const [name, { values, initialText }] of Object.entries(settingDefinitions)) {
      expect(flat).toContain(` ${name}: ${values.replace(/,(?=\S)/g, ', ')} (default: ${initialText}) `);
    }
    expect(stdout.indexOf('\nOptions:')).toBeGreaterThan(0);
    expect(stdout.indexOf('\nSettings (')).toBeGreaterThan(stdout.indexOf('\nOptions:'));
    const { stderr } = await runCli('sandbox start --port x');
    expect(stderr).not.toContain('Settings (');
  });

  /** Runs `sandbox start` until the act on its endpoint is done; then somebody types Ctrl-C. */
  async function started(line: string, act: (exported: Record<string, string>) => Promise<void>, world: World = {}) {
    const { host, stdout, stderr } = testHost(world);
    let interrupt = () => {};
    let announce = () => {};
    const announced = new Promise<void>((resolve) => {
      announce = resolve;
    });
    const told = async (text: string) => {
      stderr.push(text);
      announce();
    };
    const code = main(line.split(' '), {
      ...host,
      onSignal: (listener) => {
        interrupt = () => listener('SIGINT');
        return () => {};
      },
      stderr: { ...host.stderr, write: told },
    });
    await Promise.race([announced, code]);
    await act(
      Object.fromEntries(
        stdout
          .join('')
          .trim()
          .split('\n')
          .map((row) => row.split(/=(.*)/s).slice(0, 2)),
      ),
    );
    interrupt();
    return { code: await code, stdout: stdout.join(''), stderr: stderr.join('') };
  }

  test('prints three variables with which this program is a client', async () => {
    const folder = temporaryFolder();
    const ran = await started(
      'sandbox start --switch quota=1',
      async (exported) => {
        const made = await runCli('create ann@example.com -o csv --fields outcome', { env: exported });
        expect(made).toMatchObject({ code: 0, stdout: 'outcome\ncreated\n' });
        expect((await runCli('create bob@example.com', { env: exported })).code).toBe(11);
      },
      { folder },
    );
    expect(ran).toEqual({
      code: 0,
      stdout: expect.stringMatching(
        /^CONFLUENT_CLOUD_API_KEY=[A-Z0-9]{16}\nCONFLUENT_CLOUD_API_SECRET=cflt\/sandbox-\S+\nCONFLUENT_CLOUD_ENDPOINT=http:\/\/127\.0\.0\.1:\d+\n$/,
      ),
      stderr: 'serving the sandbox; stop it with Ctrl-C\n',
    });
    expect((await runCli('list -o csv --fields email', { folder, env })).stdout).toBe('email\nann@example.com\n');
  });

  test('prints the same as one JSON document', async () => {
    const { code, stdout } = await started('sandbox start -o json', async () => {});
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      api_key: expect.any(String),
      api_secret: expect.any(String),
      organization: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  test('--keyless prints what a job of GitHub Actions with a pool has, and no key', async () => {
    const { code, stdout } = await started('sandbox start --keyless', async (exported) => {
      expect(Object.keys(exported)).toEqual([
        'CONFLUENT_CLOUD_IDENTITY_POOL_ID',
        'ACTIONS_ID_TOKEN_REQUEST_URL',
        'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
        'CONFLUENT_CLOUD_ENDPOINT',
      ]);
      expect((await runCli('create ann@example.com', { env: exported })).code).toBe(0);
      const other = { ...exported, CONFLUENT_CLOUD_OIDC_AUDIENCE: 'other' };
      expect((await runCli('list', { env: other })).stderr).toContain('The audience of the token is not accepted');
    });
    expect([code, stdout]).toEqual([0, expect.not.stringContaining('API_KEY')]);
  });

  test('shows the changes of other processes', async () => {
    const folder = temporaryFolder();
    await started(
      'sandbox start',
      async (exported) => {
        await runCli('create ann@example.com', { env: exported });
        await runCli('sandbox accept ann@example.com', { folder });
        expect((await runCli('list -o csv --fields state', { env: exported })).stdout).toBe('state\naccepted\n');
      },
      { folder },
    );
  });

  test('a port in use is an error', async () => {
    await started('sandbox start', async (exported) => {
      const { port } = new URL(exported.CONFLUENT_CLOUD_ENDPOINT ?? '');
      const second = await runCli(`sandbox start --port ${port}`);
      expect([second.code, second.stdout]).toEqual([1, '']);
      expect(second.stderr).toContain(`error: cannot listen on port "${port}"`);
    });
  });
});
