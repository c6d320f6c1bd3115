import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { knownRoles, knownRolesDate } from '../../src/api/roles.ts';
import { openMembershipApi, organization } from '../membership/api.ts';
import { runCli } from '../support/run-cli.ts';

const people = [{ email: 'ann@example.com', state: 'member' as const, roles: ['TopicKeeper'] }];

async function openApi() {
  const api = await openMembershipApi({ people });
  const file = join(api.folder, 'people.csv');
  return { ...api, file, write: (text: string) => writeFileSync(file, text) };
}

describe('a role name that nobody knows', () => {
  test.each([
    ['create new@example.com --role Owner --yes', 'Owner', 'did you mean "ResourceOwner", "Assigner" or "Operator"?'],
    ['create new@example.com --role OrganizationAdmim --yes', 'OrganizationAdmim', 'did you mean "OrganizationAdmin"?'],
    ['import FILE --yes', 'Keeper', 'did you mean '],
    ['import FILE --dry-run --columns role= --role Owner', 'Owner', 'did you mean '],
  ])('is refused before anything changes: %s', async (line, name, hint) => {
    const api = await openApi();
    api.write('email,role\nold@example.com,Operator\nnew@example.com,Keeper\n');
    const { code, stdout, stderr } = await api.invite(line.replace('FILE', api.file));
    expect({ code, stdout, changes: api.changes() }).toEqual({ code: 2, stdout: '', changes: [] });
    expect(stderr).toContain(`unknown role "${name}"`);
    expect(stderr).toContain(hint);
    expect(stderr).toContain('hint: --allow-unknown-roles sends it as it is\n');
  });

  const unknown = ['create new@example.com --role Keeper', 'import FILE --yes'];
  test.each(unknown)('is sent if that is wanted: %s', async (line) => {
    const api = await openApi();
    api.write('email,role\nnew@example.com,Keeper\n');
    const { stdout } = await api.invite(`${line.replace('FILE', api.file)} --allow-unknown-roles -o json`);
    expect(JSON.stringify(JSON.parse(stdout))).toContain('"role_name":"Keeper"');
  });

  const known = ['create new@example.com --role TopicKeeper', 'import FILE --yes'];
  test.each(known)('is known if somebody has it: %s', async (line) => {
    const api = await openApi();
    api.write('email,role\nnew@example.com,TopicKeeper\n');
    await api.invite(line.replace('FILE', api.file));
    expect(await api.mails()).toEqual({ 'new@example.com': 1 });
  });

  test('is refused without a key, too', async () => {
    expect(await runCli('create new@example.com --role Owner')).toMatchObject({ code: 2 });
  });
});

test.each(['create new@example.com --role', 'import FILE --yes --role'])(
  'no role of another organization: %s',
  async (line) => {
    const api = await openApi();
    api.write('email\nnew@example.com\n');
    const typed = (id: string) =>
      `${line.replace('FILE', api.file)} MetricsViewer@crn://confluent.cloud/organization=${id}`;
    const { code, stderr } = await api.invite(typed('1111aaaa-1111-4111-8111-111111111111'));
    expect({ code, changes: api.changes() }).toEqual({ code: 2, changes: [] });
    expect(stderr).toContain(`this is ${organization}`);
    expect((await api.invite(typed(organization))).code).toBe(0);
  },
);

test('help lists the known names, with the date of the list', async () => {
  const { stdout } = await runCli('help roles');
  for (const name of [...knownRoles, knownRolesDate]) expect(stdout).toContain(name);
});
