import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  answering,
  apply,
  before,
  fileText,
  line,
  lines,
  losing,
  member,
  openMembershipApi,
  owner,
  person,
  rowsOf,
  savePlan,
} from './api.ts';

describe('apply', () => {
  test('invites somebody new with their roles and one mail, and then changes nothing', async () => {
    const api = await openMembershipApi();
    const file = api.file('roles', lines(owner, line('ann', 'MetricsViewer', 'DataDiscovery@env-a')));
    expect(await apply(api, file)).toMatchObject({ code: 0, outcomes: ['created ann'] });
    expect(api.changes()).toEqual(['POST /iam/v2/invitations', ...Array(2).fill('POST /iam/v2/role-bindings')]);
    expect(await api.state()).toEqual([
      'ann@example.com DataDiscovery@env-a MetricsViewer',
      'owner@sandbox.example OrganizationAdmin',
    ]);
    expect(await apply(api, file)).toMatchObject({ code: 0, outcomes: [] });
    expect(api.changes()).toEqual([]);
    expect(await api.mails()).toEqual({ 'ann@example.com': 1 });
  });

  test('with --dry-run is plan', async () => {
    const api = await openMembershipApi({ people: [member('eve')] });
    const file = api.file('people', owner);
    expect(await api.invite(`apply ${file} -n -o markdown`)).toEqual(await api.invite(`plan ${file} -o markdown`));
    expect(api.changes()).toEqual([]);
  });

  test('leaves somebody alone who has made an API key since the plan', async () => {
    const api = await openMembershipApi({ people: [member('eve'), { ...member('hal'), user: 'u-hal' }] });
    api.hook = before(/^GET .*users\/u-hal/, () => api.sandbox.populate({ api_keys: [{ owner: 'u-hal' }] }));
    const { code, outcomes, error } = await apply(api, api.file('people', owner));
    expect([code, outcomes, error]).toEqual([10, ['blocked hal', 'removed eve'], 'drift']);
  });

  test('leaves somebody invited alone who has accepted since the plan', async () => {
    const api = await openMembershipApi({ people: [person('ivy', 'pending')] });
    api.hook = before(/^GET .*invitations\/i-/, () => api.sandbox.accept('ivy@example.com'));
    const { code, outcomes } = await apply(api, api.file('people', owner));
    expect([code, outcomes, api.changes()]).toEqual([10, ['blocked ivy'], []]);
  });

  test('says of no role that is ignored that it was revoked', async () => {
    const api = await openMembershipApi({ people: [person('ivy', 'pending', { roles: ['Operator', 'Assigner'] })] });
    const file = api.file('people', owner, 'ignore: [Operator]\n');
    const [row] = JSON.parse((await api.invite(`apply ${file} --yes -o json`)).stdout);
    const roles = [expect.objectContaining({ role_name: 'Assigner', outcome: 'revoked' })];
    expect(row).toMatchObject({ email: 'ivy@example.com', outcome: 'withdrawn', roles });
  });

  test('does the rest when the API refuses one role', async () => {
    const api = await openMembershipApi({ people: [member('bob'), member('cyd', 'Operator'), member('eve')] });
    const file = api.file('people', lines(owner, line('bob', 'MetricsViewer@env-a'), line('cyd', 'MetricsViewer')));
    const { code, outcomes, error, stderr } = await apply(api, file);
    expect([code, error]).toEqual([9, 'partial_failure']);
    expect(outcomes).toEqual(['failed bob', 'granted cyd', 'removed eve', 'revoked cyd']);
    expect(stderr).toContain('must be bound at scope organization');
    // The file stays what is wanted.
    expect(stderr).not.toContain('invite create');
    expect(stderr).toContain(`invite apply ${file} --yes`);
  });

  test('counts a revocation whose answer was lost', async () => {
    const api = await openMembershipApi({ people: [member('bob', 'Operator')] });
    api.hook = losing(/^DELETE .*role-bindings/);
    const { code, outcomes } = await apply(api, api.file('roles', lines(owner, line('bob'))));
    expect([code, outcomes]).toEqual([0, ['revoked bob']]);
    expect(await api.state()).toEqual(['bob@example.com', 'owner@sandbox.example OrganizationAdmin']);
  });

  test.each([
    [403, 9, 'failed', 'failed'],
    [401, 4, 'failed', 'not_attempted'],
  ])('says of which roles it does not count, where the API answers %i', async (status, code, ...ends) => {
    const api = await openMembershipApi({ people: [member('bob', 'MetricsViewer', 'Operator')] });
    api.hook = answering(/^DELETE .*role-bindings/, status);
    const ran = await rowsOf(api, `apply ${api.file('roles', lines(owner, line('bob')))} --yes --concurrency 1`);
    const roles = ran.rows.flatMap((row) => row.roles.map(({ role_name, outcome }) => `${role_name} ${outcome}`));
    expect([ran.code, ran.rows.map(({ outcome }) => outcome)]).toEqual([code, ends]);
    expect(roles).toEqual(ends.map((end, index) => `${['MetricsViewer', 'Operator'][index]} ${end}`));
  });

  test('takes nothing away if somebody could not be made an administrator', async () => {
    const api = await openMembershipApi({ people: [member('ann', 'OrganizationAdmin'), member('bob'), member('cyd')] });
    const admin = (name: string) => line(name, 'OrganizationAdmin');
    const file = api.file('people', lines(owner, line('ann'), admin('bob'), admin('cyd')));
    const second = answering(/^POST .*role-bindings.*OrganizationAdmin/, 400);
    let posts = 0;
    api.hook = (request, response, honest) =>
      request.startsWith('POST') && ++posts === 2 ? second(request, response, honest) : undefined;
    const { code, outcomes, stderr } = await apply(api, `${file} --allow-admins`);
    const others = outcomes.filter((outcome) => !outcome.includes('granted'));
    expect([code, others]).toEqual([9, [expect.stringMatching(/^failed/), 'not_attempted ann']]);
    expect(stderr).toContain('nothing is taken away');
    expect(api.changes().filter((request) => request.startsWith('DELETE'))).toEqual([]);
  });

  test.each([
    ['a mail that is refused', 400, 'failed eve'],
    ['a mail that may be on its way', 500, 'unknown eve'],
  ])('takes nothing away after %s to a new administrator', async (_, status, end) => {
    const api = await openMembershipApi({ people: [member('ann', 'OrganizationAdmin'), member('bob')] });
    api.hook = answering(/^POST .*invitations/, status);
    const file = api.file('people', lines(owner, line('ann', 'OrganizationAdmin'), line('eve', 'OrganizationAdmin')));
    const { code, outcomes } = await apply(api, `${file} --allow-admins`);
    expect([code, outcomes]).toEqual([9, [end, 'not_attempted bob'].sort()]);
    expect(api.changes().filter((request) => request.startsWith('DELETE'))).toEqual([]);
  });

  test('says only what failed where nothing was to be taken away', async () => {
    const api = await openMembershipApi({ people: [member('bob')] });
    api.hook = answering(/^POST .*role-bindings/, 403);
    const { code, stderr } = await apply(api, `${api.file('none', line('bob', 'OrganizationAdmin'))} --allow-admins`);
    expect([code, stderr]).toEqual([9, expect.not.stringContaining('nothing is taken away')]);
  });

  test('takes no role from somebody who did not get the other one, and goes on with the others', async () => {
    const api = await openMembershipApi({ people: [member('bob', 'Operator'), member('cyd', 'Operator')] });
    api.hook = answering(/^POST .*role-bindings.*DataSteward/, 403);
    const file = api.file('roles', lines(owner, line('bob', 'DataSteward'), line('cyd', 'MetricsViewer')));
    const outcomes = ['failed bob', 'granted cyd', 'not_attempted bob', 'revoked cyd'];
    expect(await apply(api, file)).toMatchObject({ code: 9, outcomes });
    expect(await api.state()).toEqual([
      'bob@example.com Operator',
      'cyd@example.com MetricsViewer',
      'owner@sandbox.example OrganizationAdmin',
    ]);
  });

  test('leaves somebody their old address until they have everything under the new one', async () => {
    const api = await openMembershipApi({ people: [member('bob', 'Operator'), member('rob', 'Operator')] });
    api.hook = answering(/^POST .*role-bindings/, 403);
    const rob = '  - { email: rob@example.com, was: bob@example.com, roles: [DataSteward] }';
    expect(await apply(api, api.file('none', rob))).toMatchObject({
      code: 9,
      outcomes: ['failed rob', 'not_attempted bob'],
    });
    api.hook = undefined;
    expect((await apply(api, api.file('none', rob))).outcomes).toEqual(['granted rob', 'removed bob']);
  });

  test('invites again who had left before they were invited last', async () => {
    const api = await openMembershipApi({ people: [person('gone', 'left')] });
    const file = api.file('none', line('gone', 'Operator'));
    for (const round of [1, 2, 3]) {
      expect((await apply(api, file)).outcomes, `round ${round}`).toEqual(['reinvited gone']);
      await api.invite('delete gone@example.com --yes');
    }
  });

  test('makes no administrators in a script unless that is allowed or was reviewed', async () => {
    const api = await openMembershipApi({ people: [member('bob')] });
    const file = api.file('none', lines(owner, line('bob', 'OrganizationAdmin')));
    const refused = await apply(api, file);
    expect(refused).toMatchObject({ code: 7, error: 'unsafe_plan', outcomes: [] });
    expect(refused.stderr).toContain('bob@example.com (OrganizationAdmin on the organization)');
    expect(refused.stderr).toContain(`review a saved plan: invite plan ${file} -o json > plan.json`);
    expect((await apply(api, await savePlan(api, file))).outcomes).toEqual(['granted bob']);
    expect((await apply(api, `${file} --allow-admins`)).code).toBe(0);
  });

  test('takes nothing away in a run of additions only, and says so', async () => {
    const api = await openMembershipApi({ people: [member('bob', 'Operator'), member('cyd')] });
    const file = api.file('people', line('bob', 'MetricsViewer'));
    expect(await apply(api, `${file} --additions-only`)).toMatchObject({ code: 0, outcomes: ['granted bob'] });
    const planned = await api.invite(`plan ${file} --additions-only -o json`);
    expect(planned.stderr).toContain('leaves out 2 removals and revocations');
    expect(await apply(api, api.write('plan.json', planned.stdout))).toMatchObject({ code: 0, outcomes: [] });
  });
});

describe('a saved plan', () => {
  const crowd = [member('ann'), member('eve')];

  test('has the limits that it was made under', async () => {
    const many = Array.from({ length: 19 }, (_, number) => member(`m${number}`));
    const api = await openMembershipApi({ people: many });
    const kept = lines(owner, ...many.slice(4).map(({ email }) => `  - ${email}`));
    const plan = await savePlan(api, `${api.file('people', kept)} --max-removals 4`);
    expect(await apply(api, `${plan} --max-removals 9`)).toMatchObject({ code: 2, error: 'usage' });
    expect((await apply(api, plan)).code).toBe(0);
  });

  test('does what was approved, whatever became of the file', async () => {
    const api = await openMembershipApi({ people: crowd });
    const file = api.file('people', lines(owner, line('ann', 'MetricsViewer')));
    const plan = await savePlan(api, file);
    writeFileSync(file, fileText('people', owner));
    const outcomes = ['granted ann', 'removed eve'];
    expect(await apply(api, plan)).toMatchObject({ code: 0, outcomes });
    expect((await api.invite(`apply ${plan} -n -o markdown`)).stdout).toContain('no changes to 2 members');
  });

  test('skips what was done by hand', async () => {
    const api = await openMembershipApi({ people: crowd });
    const plan = await savePlan(api, api.file('people', lines(owner, line('ann', 'MetricsViewer'))));
    await apply(api, api.file('none', lines(owner, line('ann', 'MetricsViewer'))));
    const { code, stdout, stderr } = await api.invite(`apply ${plan} --yes`);
    expect([code, stdout.split('\n').slice(1)]).toEqual([0, ['removed  eve@example.com  -    -      -', '']]);
    expect(stderr).toContain('skipped, no longer needed: grant ann@example.com: MetricsViewer on the organization');
  });

  test('is stale once somebody would lose more than was reviewed', async () => {
    const api = await openMembershipApi({ people: [person('ivy', 'pending')] });
    const plan = await savePlan(api, api.file('people', owner));
    await api.sandbox.accept('ivy@example.com');
    const { code, error, stderr } = await apply(api, plan);
    expect([code, error, api.changes()]).toEqual([7, 'stale_plan', []]);
    expect(stderr).toMatch(/the plan \\"plan.json\\" no longer.*was: withdraw ivy@.*now: remove ivy@example.com/);
  });

  test('does not mail somebody of whom a person has to decide since', async () => {
    const api = await openMembershipApi();
    const plan = await savePlan(api, api.file('none', line('eve')));
    for (const user of ['u-1', 'u-2']) await api.sandbox.populate({ people: [{ ...member('eve'), user }] });
    const { code, outcomes, stderr } = await apply(api, plan);
    expect([code, outcomes]).toEqual([10, []]);
    const shown = await api.invite(`apply ${plan} --yes`);
    expect([stderr, shown.stderr]).toEqual([
      expect.not.stringContaining('no longer needed'),
      expect.stringContaining('not done: invite eve@example.com is now ambiguous: u-1, u-2'),
    ]);
  });

  test('is not read from YAML', async () => {
    const api = await openMembershipApi({ people: crowd });
    const { stdout } = await api.invite(`plan ${api.file('people', owner)} -o yaml`);
    const { code, stderr } = await api.invite(`apply ${api.write('plan.yaml', stdout)} --yes`);
    expect([code, stderr, api.changes()]).toEqual([2, expect.stringContaining('a saved plan is JSON'), []]);
  });

  test('for another endpoint is refused', async () => {
    const api = await openMembershipApi({ people: crowd });
    const other = await openMembershipApi();
    const { code, error, stderr } = await apply(other, await savePlan(api, api.file('people', owner)));
    expect([code, error, stderr]).toEqual([2, 'invalid_file', expect.stringContaining('it is for the origin')]);
    expect(other.changes()).toEqual([]);
  });
});

test('somebody who never accepts is mailed for 14 days, though the API keeps the id of the invitation', async () => {
  const day = 86_400_000;
  const created_at = new Date(Date.now() - 13 * day).toISOString();
  const switches = { reinvite: 'same_id', reinvite_created_at: 'kept' } as const;
  const api = await openMembershipApi({ people: [person('ann', 'expired', { created_at })] }, switches);
  const file = api.file('none', '  - ann@example.com');
  expect(await apply(api, file)).toMatchObject({ code: 0, outcomes: ['reinvited ann'] });
  api.clock.pass(4 * day);
  expect(await apply(api, file)).toMatchObject({ code: 10, outcomes: [], error: 'drift' });
  expect(await api.mails()).toEqual({ 'ann@example.com': 1 });
});
