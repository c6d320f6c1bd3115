import { describe, expect, test } from 'vitest';
import { exportCsv, exportJson, exportOf, exportYaml } from '../../src/commands/export.ts';
import { member, openMembershipApi, owner } from './api.ts';
import { id, now, Organization, planOf, shown } from './organization.ts';

const wish = { now, sso: false };
const whole = { isPart: false };

/** Every state that there is, and roles that are hard to write. */
function odd(): Organization {
  const organization = new Organization();
  const ann = organization.member('ann@example.com', [
    'OrganizationAdmin',
    'EnvironmentAdmin',
    'Operator@environment=env-a',
    'own-role',
  ]);
  organization.bind(ann, 'DeveloperRead@environment=env-a/cloud-cluster=lkc-1/kafka=lkc-1/topic=pay*');
  organization.bind(ann, 'DeveloperRead@environment=env-a/schema-registry=lsrc-1/subject=a%20b%3Ac%25d');
  organization.bind(ann, 'KsqlAdmin@environment=env-a/ksql=lksqlc-1');
  organization.member('true@example.com');
  organization.member('slip@example.com', ['Operators', 'Operator']);
  organization.bind(organization.invite('pending+1@example.com'), 'MetricsViewer');
  organization.invite('staged@example.com', { status: 'STAGED' });
  organization.invite('gone@example.com', { status: 'ACCEPTED' });
  organization.invite('expired@example.com', { status: 'EXPIRED', age: 9 });
  organization.invite('revoked@example.com', { status: 'DEACTIVATED' });
  organization.invite('frozen@example.com', { status: 'FROZEN' });
  organization.member('both@example.com');
  organization.invite('both@example.com');
  organization.member('twice@example.com');
  organization.member('TWICE@example.com');
  organization.member('münchen@example.com', ['Operator']);
  organization.member('sso@example.com', ['Operator'], { auth_type: 'AUTH_TYPE_SSO', invited: false });
  organization.bind('u-ghost', 'Operator');
  organization.bind('User:sa-1', 'OrganizationAdmin');
  return organization;
}

test('an export names everybody who is there, and ignores whom a file cannot describe', () => {
  const unicode = odd().users.find(({ email }) => email.startsWith('mün'))?.id;
  expect(
    exportYaml(exportOf(odd().observe(), wish), whole),
  ).toBe(`# The people of the organization and their roles. Planning this file changes nothing.
# managed: none takes nothing away. "roles": extra roles of the people listed are revoked. "people": everybody else
# is removed, too.
# 1 SSO member is not listed; --sso lists them
# not shown: 1 service account; they may give roles that no list of people shows
version: 1
organization: ${id}
managed: none
# These are in a state that a file cannot describe; they are left alone.
ignore:
  - both@example.com
  - frozen@example.com
  - twice@example.com
  - ${unicode}
  - u-ghost
people:
  - { email: ann@example.com, roles: ["DeveloperRead@crn://confluent.cloud/organization=${id}/environment=env-a/schema-registry=lsrc-1/subject=a%20b:c%25d", "DeveloperRead@env-a/lkc-1/topic=pay*", EnvironmentAdmin@crn://confluent.cloud/organization=${id}, KsqlAdmin@env-a/lksqlc-1, Operator@env-a, OrganizationAdmin, own-role] }
  - { email: pending+1@example.com, roles: [MetricsViewer] }   # pending
  - { email: slip@example.com }
  - { email: staged@example.com, roles: [] }   # pending
  - { email: true@example.com, roles: [] }
`);
});

describe('a plan of an export is empty', () => {
  test.each([false, true])('with --sso %s', async (sso) => {
    const organization = odd();
    const exported = exportOf(organization.observe(), { now, sso });
    const texts = [exportYaml(exported, whole), exportJson(exported, whole)];
    for (const text of texts) {
      for (const managed of ['none', 'roles', 'people']) {
        const file = text.replace(/(managed"?: "?)none/, `$1${managed}`);
        expect(shown(await planOf(organization, file))).toEqual([]);
      }
    }
    expect(exported.entries.some(({ person }) => person.email.startsWith('sso'))).toBe(sso);
  });

  test('as CSV, but for the orphan that it has no place for', async () => {
    const organization = odd();
    const text = exportCsv(exportOf(organization.observe(), wish), whole);
    expect(shown(await planOf(organization, text))).toEqual([expect.stringMatching(/^orphan u-ghost/)]);
    expect(text).toMatch(/^email,role,scope,auth_type,until,note\r?\n/);
    expect(text).toContain('ann@example.com,OrganizationAdmin,,,,');
    expect(text).toContain('true@example.com,-,,,,');
    expect(text).toContain('slip@example.com,,,,,');
  });

  test('as CSV in the form that the options ask for', () => {
    const organization = new Organization();
    organization.member('+ann@example.com', ['Operator']);
    const written = (form: object) => exportCsv(exportOf(organization.observe(), wish), { isPart: true, ...form });
    expect(written({})).toBe("'+ann@example.com,Operator,,,,\n");
    expect(written({ csvRaw: true, csvCrlf: true })).toBe('+ann@example.com,Operator,,,,\r\n');
  });

  test('of an organization of one, and of nobody', async () => {
    const organization = new Organization();
    expect(exportYaml(exportOf(organization.observe(), wish), whole)).toMatch(/\npeople: \[\]\n$/);
    organization.member('ann@example.com', ['OrganizationAdmin'], { invited: false });
    const text = exportYaml(exportOf(organization.observe(), wish), whole);
    expect(text).toMatch(/\npeople:\n {2}- \{ email: ann@example.com, roles: \[OrganizationAdmin\] \}\n$/);
    expect(shown(await planOf(organization, text))).toEqual([]);
  });
});

test('says whom only YAML and JSON can ignore', async () => {
  const role_bindings = [{ principal: 'User:u-ghost', role_name: 'Operator' }];
  const api = await openMembershipApi({ people: [], role_bindings });
  const told = 'only "ignore" of a YAML or JSON file can hold them: u-ghost\n';
  expect((await api.invite('export -o csv')).stderr).toBe(told);
  expect((await api.invite('export -o json')).stderr).toBe('');
});

test.each(['--missing-from', '--diff'])('says with %s who is missing and no entry can list', async (option) => {
  // A member, and invited again under the same address.
  const both = [member('ann'), { email: 'ann@example.com', state: 'pending' }] as const;
  const api = await openMembershipApi({ people: [...both] });
  const asked = `export ${option} ${api.file('people', owner)}`;
  const stderr = 'only "ignore" of a YAML or JSON file can hold them: ann@example.com\n';
  expect(await api.invite(asked)).toEqual({ code: 0, stdout: '', stderr });
  api.file('people', owner, 'ignore: [ann@example.com]\n');
  expect(await api.invite(asked)).toMatchObject({ stdout: '', stderr: expect.stringMatching(/^nothing|^nobody/) });
});

test.each([
  ['csv', 'email,role\nowner@sandbox.example,\n', 'ann@example.com,Operator,,,,\n'],
  [
    'JSON',
    '{"version":1,"people":["owner@sandbox.example"]}',
    '[\n  {"email":"ann@example.com","roles":["Operator"]}\n ]\n',
  ],
  ['yml', `version: 1\npeople:\n${owner}\n`, '  - { email: ann@example.com, roles: [Operator] }\n'],
])('what is missing from a .%s file can be pasted into it', async (extension, text, missing) => {
  const api = await openMembershipApi({ people: [member('ann', 'Operator')] });
  const ran = await api.invite(`export --missing-from ${api.write(`people.${extension}`, text)}`);
  expect(ran).toEqual({ code: 0, stdout: missing, stderr: '' });
});

test.each(['-o id', '-o ndjson', '--fields email', '--diff people.yaml -o csv'])(
  'is not written with %s',
  async (options) => {
    const api = await openMembershipApi({});
    expect(await api.invite(`export ${options}`)).toMatchObject({ code: 2, stdout: '' });
    expect(api.requests).toEqual([]);
  },
);
