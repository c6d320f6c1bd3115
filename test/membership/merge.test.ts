import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  apply,
  fileText,
  line,
  lines,
  type MembershipApi,
  member,
  openMembershipApi,
  organization,
  owner,
  planned,
  root,
  savePlan,
} from './api.ts';

/** Writes files into a folder, and returns its path. */
function folderOf(api: MembershipApi, files: Readonly<Record<string, string>>): string {
  const folder = join(api.folder, 'people');
  mkdirSync(join(folder, 'teams'), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

const within = (place: string, people: string, more = '') =>
  `version: 1\norganization: ${organization}\nwithin: [${place}]\n${more}people:\n${people}\n`;
const bound = (role_name: string, environment: string) => ({
  role_name,
  crn_pattern: `${root}/environment=${environment}`,
});

const people = () => [
  { ...member('ann'), roles: [bound('DataDiscovery', 'env-a'), bound('Operator', 'env-b')] },
  { ...member('bob'), roles: [bound('Operator', 'env-a'), 'MetricsViewer'] },
  { ...member('cyd'), state: 'pending' as const, roles: [bound('DataSteward', 'env-b')] },
];

test('an organization whose files are split by environment has no changes, in any order', async () => {
  const api = await openMembershipApi({ people: people() });
  const folder = folderOf(api, {
    'org.yaml': fileText('people', lines(owner, line('bob', 'MetricsViewer'))),
    'teams/a.yaml': within('env-a', lines(line('ann', 'DataDiscovery@env-a'), line('BOB', 'Operator@env-a'))),
    'teams/b.yaml': within('env-b', lines(line('ann', 'Operator@env-b'), line('cyd', 'DataSteward@env-b'))),
  });
  expect(await planned(api, `${folder} --expect-no-changes=people`)).toMatchObject({ code: 0 });
  const parts = ['org.yaml', 'teams/a.yaml', 'teams/b.yaml'].map((name) => join(folder, name));
  writeFileSync(join(folder, 'teams/b.yaml'), within('env-b', '  - new@example.com'));
  const forwards = JSON.parse((await api.invite(`plan ${parts.join(' ')} -o json`)).stdout);
  const backwards = JSON.parse((await api.invite(`plan ${parts.reverse().join(' ')} -o json`)).stdout);
  expect(backwards.fingerprint).toBe(forwards.fingerprint);
  expect(backwards.changes.map(({ action, email }: Record<string, string>) => `${action} ${email}`)).toEqual([
    'withdraw cyd@example.com',
    'revoke ann@example.com',
    'revoke cyd@example.com',
    'invite new@example.com',
  ]);
});

test('the file of a team decides about its own scopes alone', async () => {
  const api = await openMembershipApi({ people: people() });
  const list = lines(line('ann'), line('bob', 'DataSteward@env-a/lsrc-1'));
  const team = within('env-a', list, 'managed: roles\n');
  const folder = folderOf(api, { 'org.yaml': fileText('none', owner), 'teams/a.yaml': team });
  const { rows } = await planned(api, folder);
  const alone = await planned(api, join(folder, 'teams/a.yaml'));
  expect(alone.rows).toEqual(rows.map((row) => row.replace('people/teams/a.yaml ', '')));
  expect(rows).toEqual([
    'revoke ann@example.com: DataDiscovery on environment=env-a (people/teams/a.yaml line 6 does not have it)',
    'revoke bob@example.com: Operator on environment=env-a (people/teams/a.yaml line 7 does not have it)',
    'grant bob@example.com: DataSteward on environment=env-a/schema-registry=lsrc-1 (people/teams/a.yaml line 7)',
  ]);
  expect(await apply(api, await savePlan(api, folder))).toMatchObject({ code: 0 });
  expect(await planned(api, `${folder} --expect-no-changes`)).toMatchObject({ code: 0, rows: [] });
});

test('whose roles the file of the organization leaves alone keeps those that no team lists', async () => {
  const api = await openMembershipApi({ people: people() });
  const head = fileText('people', `${owner}\n  - ann@example.com\n  - bob@example.com\n  - cyd@example.com`);
  const list = lines(line('ann'), line('bob', 'Assigner@env-a'));
  const folder = folderOf(api, { 'org.yaml': head, 'teams/a.yaml': within('env-a', list, 'managed: roles\n') });
  const { rows } = await planned(api, folder);
  expect(rows).toEqual([
    'revoke ann@example.com: DataDiscovery on environment=env-a (people/org.yaml line 6 does not have it)',
    'revoke bob@example.com: Operator on environment=env-a (people/org.yaml line 7 does not have it)',
    'grant bob@example.com: Assigner on environment=env-a (people/teams/a.yaml line 7)',
    expect.stringMatching(/^wait cyd/),
  ]);
  expect(await apply(api, await savePlan(api, folder))).toMatchObject({ code: 0 });
  expect(await planned(api, `${folder} --expect-no-changes`)).toMatchObject({ code: 0 });
});

test('who is in the files of teams alone keeps what no team could list, and nobody is missing there', async () => {
  const api = await openMembershipApi({ people: people() });
  const folder = folderOf(api, {
    'org.yaml': fileText('roles', owner),
    'teams/a.yaml': within('env-a', line('bob'), 'managed: roles\n'),
    'teams/b.yaml': within('env-b', '  - cyd@example.com', 'managed: roles\n'),
  });
  const rows = [/^revoke bob.*Operator on environment=env-a/, /^wait cyd/].map((row) => expect.stringMatching(row));
  expect((await planned(api, folder)).rows).toEqual(rows);
  const teams = join(folder, 'teams');
  const saved = await savePlan(api, teams);
  expect((await planned(api, teams)).rows).toEqual(rows);
  for (const file of [teams, saved, join(teams, 'a.yaml')])
    expect((await api.invite(`plan ${file}`)).stderr).toMatch(/\d members; .*\n(?!.* not in )/);
});

test.each([
  ['a role on everything', line('a', 'MetricsViewer'), '', 'line 5: "MetricsViewer" is not inside of env-a'],
  ['another environment', line('a', 'Operator@env-ab'), '', 'line 5: "Operator@env-ab" is not inside of env-a'],
  ['an administrator', line('a', 'AccountAdmin@env-a'), '', 'line 5: "AccountAdmin@env-a" is not inside'],
  ['everybody', line('a'), 'managed: people\n', 'line 1: "managed: people" is for the file of the organization'],
  ['who is ignored', line('a'), 'ignore: [x@b.co]\n', 'line 4: "ignore" is for the file of the organization'],
  [
    'the end of a person',
    '  - { email: a@example.com, until: 2020-01-01 }',
    '',
    'line 5: the end of "a@example.com" would remove them',
  ],
])('the file of a team may not decide about %s', async (_, list, more, problem) => {
  const api = await openMembershipApi();
  const file = api.write('team.yaml', within('env-a', list, more));
  for (const command of ['validate', 'plan']) {
    expect(await api.invite(`${command} ${file}`)).toMatchObject({ code: 2, stderr: expect.stringContaining(problem) });
  }
});

test('files that contradict each other are refused', async () => {
  const api = await openMembershipApi();
  const of = (name: string, more: string) => `  - { email: ${name}@example.com, ${more} }`;
  const here = [of('a', 'auth_type: sso, was: d@example.com'), of('b', 'until: 2030-01-01, was: x@example.com')];
  const there = [of('A', 'auth_type: local'), of('b', 'until: 2031-01-01, was: y@example.com')];
  const one = api.write('a.yaml', fileText('none', lines(...here), 'ignore: [c@example.com]\n'));
  const other = api.write('b.yaml', fileText('roles', lines(...there, '  - c@example.com', '  - d@example.com')));
  const { code, stderr } = await api.invite(`plan ${one} ${other}`);
  expect([code, stderr.replaceAll(`${api.folder}/`, '').split('\n').slice(1, 7)]).toEqual([
    2,
    [
      '  b.yaml: line 1: its managed is not that of a.yaml',
      '  b.yaml: line 5: "A@example.com" has another auth_type in a.yaml line 6',
      '  b.yaml: line 6: "b@example.com" ends on 2031-01-01 here, and on 2030-01-01 in a.yaml line 7',
      '  b.yaml: line 6: "b@example.com" was "x@example.com" in a.yaml line 7',
      '  a.yaml: line 6: "d@example.com" is to be removed, and is listed in b.yaml line 8',
      '  b.yaml: line 7: "c@example.com" is listed, and ignored in a.yaml line 4',
    ],
  ]);
  expect((await api.invite(`plan ${one} ${await savePlan(api, one)}`)).code).toBe(2);
  mkdirSync(join(api.folder, 'empty'));
  expect((await api.invite(`plan ${join(api.folder, 'empty')}`)).code).toBe(2);
});

test('the domains of the organization hold for the files of teams', async () => {
  const api = await openMembershipApi();
  const org = api.write('org.yaml', fileText('none', owner, 'domains: [sandbox.example]\n'));
  const team = api.write('team.yaml', within('env-a', '  - eve@evil.example'));
  const { code, stderr } = await api.invite(`plan ${org} ${team}`);
  expect([code, stderr]).toEqual([2, expect.stringMatching(/team.yaml: line 5: .*evil.example/)]);
  expect((await api.invite(`plan ${org} ${team} --allow-external`)).code).toBe(0);
});
