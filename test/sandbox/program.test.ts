// The program against every value of every setting: it must not depend on any of them.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Settings } from '../../src/sandbox/sandbox.ts';
import { settingDefinitions } from '../../src/sandbox/settings.ts';
import { runCli, temporaryFolder } from '../support/run-cli.ts';
import { serveTestSandbox } from '../support/served-sandbox.ts';

/** Of those that take any number, duration or list. */
const samples: Readonly<Record<string, readonly unknown[]>> = {
  quota: [20],
  expires_after: [60_000],
  expiry_lag: [60_000],
  list_lag: [60_000],
  retention: [1],
  user_list_lag: [60_000],
  role_binding_list_lag: [60_000],
  clock_offset: [7_200_000, -7_200_000],
  invitation_page: [2],
  role_binding_page: [100],
  forbidden: [['users.list'], ['role_bindings.list'], ['api_keys.list'], ['api_keys.get'], ['organizations.list']],
};

/** Those of tokens are met by the tests of pipelines without a key. */
const ofTokens = /^(?:sts|oidc|pool)_?/;

/** Every value of those that have a few, and samples of the others. */
const settings = Object.entries(settingDefinitions)
  .filter(([name]) => !ofTokens.test(name))
  .flatMap(([name, { values, initialText }]) =>
    (samples[name] ?? values.split(', ').filter((value) => value !== initialText)).map(
      (value) => [name, value] as const,
    ),
  );

async function serve(switches: Partial<Settings>) {
  const folder = temporaryFolder();
  const { sandbox, env, close } = await serveTestSandbox({ switches });
  onTestFinished(close);
  await sandbox.populate({
    people: [
      { email: 'ann@example.com', state: 'pending' },
      { email: 'exp@example.com', state: 'expired' },
      { email: 'mem@example.com', state: 'member' },
      { email: 'gus@example.com', state: 'left' },
    ],
  });
  const people = join(folder, 'people.csv');
  writeFileSync(people, 'email\nbob@example.com\ncyd@example.com\n');
  return (line: string) => runCli(line.replace('FILE', people), { env, folder });
}

const ofLists = ['list --email ann@example.com --status sent', 'get ann@example.com', 'import FILE -y'];
const ofAccess = ['people', 'create bob@example.com --role Operator', 'trace mem@example.com', 'export', 'doctor'];
const ofMails = [
  'get ann@example.com',
  'create exp@example.com gus@example.com bob@example.com',
  'resend ann@example.com -y',
  'delete ann@example.com -y',
] as const;
const ofEnds = ['delete ann@example.com -y', 'list', 'get ann@example.com', 'create ann@example.com', 'get i-none'];

/** The commands that can notice a setting, by the beginning of its name. */
const noticed: readonly (readonly [settings: RegExp, lines: readonly string[]])[] = [
  // Nobody meets the quota here, and no command sends what these are the answers to.
  [/^(?:quota_status|small_page|rejected_status|invalid_|forbidden_)/, []],
  [/^(?:user_|role_|crn_|api_keys|forbidden|resource_names|unknown_filter)/, ofAccess],
  [/^(?:list_|page|paging|large_|last_|trailing|empty|total|invitation_page|email_filter|filters|clock|rate)/, ofLists],
  [/^(?:deleted_reads|delete_ended|missing_reads|retention)/, ofEnds],
  [/./, ofMails],
];

function linesFor(name: string): readonly string[] {
  return noticed.find(([settings]) => settings.test(name))?.[1] ?? [];
}

/** What is to end in another way than with 0, and with what. */
const exceptions: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  // Which of the two is meant, the program does not guess.
  'reissue=second_id': { 'delete ann@example.com -y': 7 },
  'reissue=conflict': { 'resend ann@example.com -y': 7 },
  'forbidden=users.list': { people: 5, export: 5, 'trace mem@example.com': 5 },
  'forbidden=role_bindings.list': { export: 5 },
  'service_account_key=rejected': { [ofMails[1]]: 9, 'resend ann@example.com -y': 2 },
  // The conflict is not proof of a member.
  'left_member=conflict': { [ofMails[1]]: 9 },
  'deleted_reads=not_found': { 'get ann@example.com': 6 },
  'deleted_reads=forbidden': { 'get ann@example.com': 6 },
  'retention=1': { 'get ann@example.com': 6 },
  'missing_reads=forbidden': { 'get i-none': 5 },
};

test.each(settings.filter(([name]) => linesFor(name).length > 0))('%s=%s', async (name, value) => {
  const run = await serve({ [name]: value });
  const codes: Record<string, number> = {};
  for (const line of linesFor(name)) codes[line] = (await run(line)).code;
  const usual = Object.fromEntries(linesFor(name).map((line) => [line, line === 'get i-none' ? 6 : 0]));
  expect(codes).toEqual({ ...usual, ...exceptions[`${name}=${value}`] });
});

test.each(['by_scope', 'by_part'] as const)(
  'doctor finds the roles of the key owner with crn_pattern=%s',
  async (crn_pattern) => {
    const run = await serve({ crn_pattern });
    const { stdout } = await run('doctor -o csv --fields id,status,detail');
    expect(stdout).toContain('may_create,pass,"yes, u-sandbox has the role OrganizationAdmin on the organization"');
  },
);
