import { appendFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Host } from '../../../src/host.ts';
import { main } from '../../../src/main.ts';
import { settingDefinitions } from '../../../src/sandbox/settings.ts';
import { useDesk } from '../../support/desk.ts';
import { runCli, testHost } from '../../support/run-cli.ts';

const { invite, json, ok, path } = useDesk();

async function listed(): Promise<number> {
  return (await invite('list -o id')).stdout.split('\n').length - 1;
}

describe('changing the state of the sandbox', () => {
  test('accept and expire change the invitation and print it', async () => {
    await ok('create ann@example.com bob@example.com');
    const accepted = await json('sandbox accept ANN@example.com');
    expect(accepted).toMatchObject({ email: 'ann@example.com', state: 'accepted' });
    const expired = await json('sandbox expire bob@example.com');
    expect(expired).toMatchObject({ email: 'bob@example.com', state: 'expired' });
    expect(await json('get ann@example.com')).toMatchObject({ state: 'accepted' });
    expect(await json('get bob@example.com')).toMatchObject({ state: 'expired' });
    const { id } = await json('create cyd@example.com');
    expect(await json(`sandbox accept ${id}`)).toMatchObject({ id, state: 'accepted' });
  });

  test('--dry-run prints the same and changes nothing', async () => {
    await ok('create ann@example.com');
    expect(await invite('sandbox accept ann@example.com --dry-run -o csv --fields state')).toEqual({
      code: 0,
      stdout: 'state\naccepted\n',
      stderr: 'dry run: nothing was changed\n',
    });
    await ok('sandbox expire ann@example.com -n', 'sandbox seed -n', 'sandbox reset -n');
    const { stdout } = await invite('list -o csv --fields email,state');
    expect(stdout).toBe('email,state\nann@example.com,pending\n');
  });

  test.each([
    ['accept nobody@example.com', 'hint: invite -p sandbox list\nhint: invite -p sandbox create nobody@example.com\n'],
    ['expire i-00000', 'hint: invite -p sandbox list\n'],
  ])('%s: there is none', async (line, hints) => {
    const [, target] = line.split(' ');
    const stderr = `error: the sandbox has no invitation for "${target}"\n${hints}`;
    expect(await invite(`sandbox ${line}`)).toEqual({ code: 6, stdout: '', stderr });
  });

  test('what was accepted cannot expire, and the hints lead to an invitation that can', async () => {
    await ok('sandbox add ann@example.com');
    const { code, stderr } = await invite('sandbox expire ann@example.com');
    expect([code, stderr]).toEqual([7, expect.stringContaining('it is accepted')]);
    const hints = [...stderr.matchAll(/^hint: .*?: invite (.*)$/gm)].map(([, line = '']) => line);
    expect(hints.map((line) => line.split(' ')[2])).toEqual(['remove', 'create']);
    await ok(...hints.map((line) => `${line} -y`), 'sandbox expire ann@example.com');
  });

  test('an e-mail may have a name around it', async () => {
    const around = (email: string) => `Ann Bee <${email}>`;
    const added = await invite(['sandbox', 'add', around('ann@example.com'), '--state', 'pending']);
    expect(added.stdout).toMatch(/^email: +ann@example\.com\n/);
    expect(await invite(['sandbox', 'accept', around('ann@example.com'), '-o', 'id'])).toMatchObject({ code: 0 });
    const refused = await invite(['sandbox', 'add', around('ann at@example.com')]);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('is neither an e-mail nor')]);
  });

  test('seed adds invitations, reset deletes them, without a prompt outside a terminal', async () => {
    expect(await json('sandbox seed --count 30')).toEqual({ outcome: 'seeded', count: 30 });
    expect(await listed()).toBe(30);
    expect(await json('sandbox reset')).toEqual({ outcome: 'reset' });
    expect(await listed()).toBe(0);
  });

  test('seed with other options adds no invitations without --count', async () => {
    const others = 'sandbox seed --members 3 --sso-members 2 --role-bindings 4 --principals 5 --api-keys 6';
    expect(await json(`${others} -n`)).toEqual({ outcome: 'seeded', count: 20, dry_run: true });
    expect(await json(others)).toEqual({ outcome: 'seeded', count: 20 });
    expect(await listed()).toBe(0);
    expect(await json('sandbox seed --left 1 --count 7')).toEqual({ outcome: 'seeded', count: 8 });
    expect(await listed()).toBe(8);
  });

  test('add adds a person who has left, or a member without an invitation, and prints the ids', async () => {
    const id = expect.any(String);
    const left = await json('sandbox add gus@example.com --state left');
    expect(left).toEqual({ email: 'gus@example.com', state: 'left', user: id, invitation: id });
    expect(await json('get gus@example.com')).toMatchObject({ id: left.invitation, state: 'accepted' });
    const member = await json('sandbox add deb@example.com --state sso_member --role Operator --api-keys 2');
    expect(member).toEqual({ email: 'deb@example.com', state: 'sso_member', user: id });
    const dry = await json('sandbox add ann@example.com -n');
    expect(dry).toEqual({ email: 'ann@example.com', state: 'accepted', dry_run: true });
    for (const name of ['deb', 'ann']) expect((await invite(`get ${name}@example.com`)).code).toBe(6);
  });

  test('add adds somebody whose e-mail has changed, and principals without one', async () => {
    const times = '--created-at 2026-01-05 --expires-at 2026-01-08T12:00:00Z';
    const who = '--user u-eve --full-name Eve --auth-type sso';
    const eve = await json(`sandbox add eve@example.com --invited-as eva@example.com ${who} ${times}`);
    expect(eve).toMatchObject({ email: 'eve@example.com', user: 'u-eve' });
    expect(await json('get eva@example.com')).toMatchObject({
      id: eve.invitation,
      user: { id: 'u-eve' },
      auth_type: 'AUTH_TYPE_SSO',
      expires_at: '2026-01-08T12:00:00.000000Z',
      metadata: { created_at: '2026-01-05T00:00:00.000000Z' },
    });
    expect(await json('trace u-eve')).toMatchObject({ email: 'eve@example.com' });
    const pool = await json('sandbox add pool-1 --role MetricsViewer --api-keys 1');
    expect(pool).toEqual({ principal: 'User:pool-1' });
    const group = await json('sandbox add Group:all --role Operator -n');
    expect(group).toEqual({ principal: 'Group:all', dry_run: true });
  });

  test('a damaged file is an error with the line, and reset deletes it', async () => {
    await ok('create ann@example.com');
    const file = path('state/sandbox.ndjson');
    appendFileSync(file, 'x\n');
    const { code, stdout, stderr } = await invite('list');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`the sandbox cannot read "${file}", line 3`);
    expect(stderr).toContain('hint: invite sandbox reset');
    await ok('sandbox reset -y', 'list');
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
    ['sandbox add a@b@example.com', '"a@b@example.com" is neither an e-mail nor a principal'],
    ['sandbox add sa-1', '"sa-1" is known only by its roles and API keys'],
    ['sandbox add ann@example.com --created-at 12', 'invalid argument "12" for "--created-at"'],
    ['sandbox add ann@example.com --expires-at 2026-02-31', 'invalid argument "2026-02-31" for "--expires-at"'],
  ])('%s', async (line, message) => {
    expect(await invite(line)).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining(`error: ${message}`) });
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

  /** Runs `sandbox start` until the act with the variables that it prints is done; then somebody types Ctrl-C. */
  async function started(line: string, act: (exported: Record<string, string>) => Promise<void> = async () => {}) {
    const { host, stdout, stderr } = testHost({ folder: path('.') });
    let interrupt = () => {};
    const onSignal: Host['onSignal'] = (listener) => {
      interrupt = () => listener('SIGINT');
      return () => {};
    };
    let announce = () => {};
    const announced = new Promise<void>((resolve) => {
      announce = resolve;
    });
    const write = async (text: string) => {
      stderr.push(text);
      announce();
    };
    const code = main(line.split(' '), { ...host, onSignal, stderr: { ...host.stderr, write } });
    await Promise.race([announced, code]);
    const rows = stdout.join('').trim().split('\n');
    await act(Object.fromEntries(rows.map((row) => row.split(/=(.*)/s).slice(0, 2))));
    interrupt();
    return { code: await code, stdout: stdout.join(''), stderr: stderr.join('') };
  }

  test('prints three variables with which this program is a client', async () => {
    const ran = await started('sandbox start --switch quota=1', async (env) => {
      const made = await runCli('create ann@example.com -o csv --fields outcome', { env });
      expect(made).toMatchObject({ code: 0, stdout: 'outcome\ncreated\n' });
      expect((await runCli('create bob@example.com', { env })).code).toBe(11);
      // The changes of other processes are seen at once.
      await ok('sandbox accept ann@example.com');
      expect((await runCli('list -o csv --fields state', { env })).stdout).toBe('state\naccepted\n');
    });
    expect(ran).toEqual({
      code: 0,
      stdout: expect.stringMatching(
        /^CONFLUENT_CLOUD_API_KEY=[A-Z0-9]{16}\nCONFLUENT_CLOUD_API_SECRET=cflt\/sandbox-\S+\nCONFLUENT_CLOUD_ENDPOINT=http:\/\/127\.0\.0\.1:\d+\n$/,
      ),
      stderr: 'serving the sandbox; stop it with Ctrl-C\n',
    });
    expect(await listed()).toBe(1);
  });

  test('prints the same as one JSON document', async () => {
    const { code, stdout } = await started('sandbox start -o json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      api_key: expect.any(String),
      api_secret: expect.any(String),
      organization: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  test('--fields picks some, also for people', async () => {
    const { stdout } = await started('sandbox start --fields organization');
    expect(stdout).toMatch(/^organization: [0-9a-f-]{36}\n$/);
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

  test('a port in use is an error', async () => {
    await started('sandbox start', async (exported) => {
      const { port } = new URL(exported.CONFLUENT_CLOUD_ENDPOINT ?? '');
      const second = await runCli(`sandbox start --port ${port}`);
      expect([second.code, second.stdout]).toEqual([1, '']);
      expect(second.stderr).toBe(
        `error: cannot listen on port "${port}"\n  address already in use (EADDRINUSE)\nhint: omit --port to use a free port\n`,
      );
    });
  });
});
