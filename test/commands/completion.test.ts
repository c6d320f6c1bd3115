import { expect, test } from 'vitest';
import { shells } from '../../src/commands/completion.ts';
import { runCli, temporaryFolder } from '../support/run-cli.ts';

const world = {
  folder: temporaryFolder(),
  env: { INVITE_PROFILE: 'sandbox' },
  clock: { sleep: () => new Promise<void>(() => {}) },
};

test.each(shells)('completion %s prints a script, in whatever format', async (shell) => {
  const { code, stdout, stderr } = await runCli(`completion ${shell} -o json`);
  expect({ code, stderr, last: stdout.at(-1) }).toEqual({ code: 0, stderr: '', last: '\n' });
  expect(stdout.slice(0, 200)).toContain(`written by: invite completion ${shell}`);
});

/** The directive and the texts that a script would be given. */
async function completed(line: string, from: Parameters<typeof runCli>[1] = world) {
  const typed = line.endsWith(' ') ? '' : (line.split(' ').at(-1) ?? '');
  const before = line
    .slice(0, line.length - typed.length)
    .trim()
    .split(' ')
    .slice(1)
    .filter(Boolean);
  const { code, stdout, stderr } = await runCli(['completion', 'complete', '--', ...before, `=${typed}`], from);
  expect([code, stderr]).toEqual([0, '']);
  const [directive, ...rows] = stdout.trimEnd().split('\n');
  return { directive, texts: rows.map((row) => row.split('\t')[0]) };
}

test('candidates are what a command can do something with', async () => {
  await runCli('create ann@example.com bob@example.com', world);
  await runCli('sandbox accept bob@example.com', world);
  const emails = async (line: string) => (await completed(line)).texts.filter((text) => text?.includes('@'));
  expect(await emails('invite get ')).toEqual(['ann@example.com', 'bob@example.com']);
  expect(await emails('invite delete ')).toEqual(['ann@example.com']);
  expect(await emails('invite get b')).toEqual(['bob@example.com']);
  expect(await emails('invite get ann@example.com ')).toEqual([]);
  expect(await emails('invite resend ann@example.com ')).toEqual([]);
  expect(await emails('invite sandbox expire ')).toEqual(['ann@example.com']);
  expect((await completed('invite sandbox expire i-')).texts).toHaveLength(1);
  expect(await emails('invite list --email ')).toEqual(['ann@example.com', 'bob@example.com']);
});

test.each([
  ['invite del', ['delete']],
  ['invite list --stat', ['--status']],
  ['invite list --status ex', ['expired']],
  ['invite list --status=ex', ['--status=expired']],
  ['invite list --status sent,acc', ['sent,accepted']],
  ['invite list --fields id,em', ['id,email']],
  ['invite create --fields outc', ['outcome']],
  ['invite auth status --fields prof', ['profile']],
  ['invite create x@y.z --role BillingA', ['BillingAdmin']],
  ['invite create x@y.z --role EnvironmentAdmin@e', ['EnvironmentAdmin@env-']],
  ['invite create x@y.z --role Operator@env-abc,BillingA', ['Operator@env-abc,BillingAdmin']],
  ['invite -o nd', ['ndjson']],
  ['invite list --expiring ', ['30s', '15m', '48h', '7d', '2w']],
  ['invite list --expiring 12', ['12s', '12m', '12h', '12d', '12w']],
  ['invite sandbox start --switch email_f', ['email_filter=exact', 'email_filter=ignore_case']],
  ['invite sandbox start --switch quota=', ['quota=']],
  ['invite help auth l', ['login', 'logout', 'list']],
  ['invite help nobody ', []],
  ['invite report -o mark', ['markdown']],
  ['invite list -o mark', []],
  ['invite help lis', ['list']],
  ['invite list -- --un', []],
  ['invite completion fi', ['fish']],
  ['invite list ', []],
  ['invite auth use sandbox ', []],
])('%s', async (line, texts) => {
  expect((await completed(line)).texts).toEqual(texts);
});

test('file names are left to the shell', async () => {
  expect(await completed('invite import peop')).toEqual({ directive: 'files', texts: [] });
  expect(await completed('invite auth login --api-secret-file peop')).toEqual({ directive: 'files', texts: [] });
});

test('an option that was given is not offered again, unless it can be repeated', async () => {
  const { texts } = await completed('invite list --status sent --reverse --');
  expect(texts).toContain('--email');
  expect(texts).not.toContain('--reverse');
  expect(texts).toContain('--profile');
  expect(texts).not.toContain('--typed');
});

test('hidden commands are not offered', async () => {
  expect((await completed('invite completion ')).texts).toEqual([...shells]);
  expect((await completed('invite ')).texts).toContain('create');
});

test.each(['-p nobody', '--endpoint nonsense'])('invite %s delete: nothing, and no error', async (flags) => {
  const nobody = { ...world, env: {} };
  expect(await runCli(`completion complete -- ${flags} delete =`, nobody)).toMatchObject({ code: 0, stderr: '' });
});
