// Plans that are refused, and questions that are asked, by the whole program.
import { describe, expect, test } from 'vitest';
import type { PersonSeed, Settings } from '../../src/sandbox/sandbox.ts';
import { apply, before, line, lines, member, openMembershipApi, owner } from './api.ts';

const numbered = (count: number, ...roles: string[]) =>
  Array.from({ length: count }, (_, n) => member(`m${n}`, ...roles));
const admin = (name: string) => line(name, 'OrganizationAdmin');
const listed = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => `  - m${from + n}@example.com`);

interface Refusal {
  readonly people: readonly PersonSeed[];
  readonly switches?: Partial<Settings>;
  readonly managed?: 'none' | 'roles' | 'people';
  readonly listed: readonly string[];
  readonly refused: string;
  readonly withKeys?: true;
  /** What lets it pass, if anything may. */
  readonly allowed?: string;
}

describe('a plan is refused with 7, whatever --yes says, and nothing is sent', () => {
  test.each<[name: string, refusal: Refusal]>([
    [
      'the person who runs it is left out',
      {
        people: [member('ann', 'OrganizationAdmin'), member('deb', 'OrganizationAdmin')],
        listed: [admin('ann'), admin('deb')],
        withKeys: true,
        refused: 'it removes owner@sandbox.example, who runs this',
      },
    ],
    [
      'four of twenty go',
      {
        people: numbered(19),
        listed: [owner, ...listed(4, 19)],
        refused: '4 of 20 people would lose access, at most 3 may; --max-removals 4 allows it',
        allowed: '--max-removals 4',
      },
    ],
    [
      'eleven of eleven roles are revoked',
      {
        people: numbered(11, 'Operator'),
        managed: 'roles',
        listed: numbered(11).map((_, n) => line(`m${n}`)),
        refused: '11 roles would be revoked, at most 10 may; --max-revocations 11 allows it',
        allowed: '--max-revocations 11',
      },
    ],
    [
      'the API does not say who runs it, and somebody goes',
      {
        people: [member('eve')],
        switches: { api_keys: 'forbidden' },
        withKeys: true,
        listed: [owner],
        refused: 'the API does not say whose the API key or token is; --self <email|u-…>',
        allowed: '--self owner@sandbox.example',
      },
    ],
  ])('%s', async (_, { people, switches, managed = 'people', listed: entries, refused, allowed, withKeys }) => {
    const api = await openMembershipApi({ people }, switches);
    // Who owns API keys, or may own some, is not removed without it, and then it is another refusal.
    const file = `${api.file(managed, lines(...entries))}${withKeys === true ? ' --with-api-keys' : ''}`;
    for (const words of [`plan ${file}`, `apply ${file} --dry-run`, `apply ${file} --yes`]) {
      const { code, stderr } = await api.invite(`${words} -o ndjson`);
      const { error } = JSON.parse(stderr);
      expect([code, error.code, error.message]).toEqual([7, 'unsafe_plan', expect.stringContaining(refused)]);
    }
    expect(api.changes()).toEqual([]);
    if (allowed === undefined) return;
    const { code, outcomes } = await apply(api, `${file} ${allowed}`);
    expect([code, code === 0 ? [] : outcomes]).toEqual([0, []]);
    expect(api.changes().length).toBeGreaterThan(0);
  });

  test('nothing forces it', async () => {
    const api = await openMembershipApi();
    const { code, stderr } = await api.invite(`apply ${api.file('none', owner)} --force`);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/unknown option \W--force/)]);
    expect(api.requests).toEqual([]);
  });
});

describe('a person is asked', () => {
  const terminal = (stdin: string, env = {}) => ({
    tty: true,
    columns: 200,
    stdin,
    env: { ACCESSIBLE: '1', NO_COLOR: '1', ...env },
  });
  const open = () => openMembershipApi({ people: [member('eve'), member('gus')] });

  test.each([
    ['the number of those who lose access', '2\n', 0, 2],
    ['nothing', '\n', 130, 0],
  ])('before somebody is removed: %s', async (_, typed, code, sent) => {
    const api = await open();
    const ran = await api.invite(`apply ${api.file('people', owner)}`, terminal(typed));
    expect([ran.code, api.changes().length]).toEqual([code, sent]);
    // What is asked about is seen on stderr, beside the question.
    expect(ran.stderr).toContain('- remove');
    expect(ran.stdout.includes('removed')).toBe(code === 0);
  });

  test('before a saved plan is carried out as well', async () => {
    const api = await open();
    const plan = api.write('plan.json', (await api.invite(`plan ${api.file('people', owner)} -o json`)).stdout);
    expect((await api.invite(`apply ${plan}`, terminal('\n'))).code).toBe(130);
    expect(api.changes()).toEqual([]);
    expect((await api.invite(`apply ${plan}`, terminal('2\n'))).code).toBe(0);
  });

  test.each([
    ['y\n', 0, 1],
    ['n\n', 130, 0],
  ])('for a yes where nobody loses access: %j', async (typed, code, sent) => {
    const api = await open();
    expect((await api.invite(`apply ${api.file('none', line('ann'))}`, terminal(typed))).code).toBe(code);
    expect(api.changes()).toHaveLength(sent);
  });

  test('and nothing is done if more is due by then than they were shown', async () => {
    const api = await open();
    api.hook = before(/^GET .*users /, () => api.sandbox.populate({ people: [member('ivy')] }), 2);
    const ran = await api.invite(`apply ${api.file('people', owner)}`, terminal('2\n'));
    expect([ran.code, ran.stderr]).toEqual([7, expect.stringContaining('now: remove ivy@example.com')]);
    expect(api.changes()).toEqual([]);
  });

  test('never by plan, never in CI, and not where there is nothing to do', async () => {
    const api = await open();
    const file = api.file('people', owner);
    const planned = await api.invite(`plan ${file}`, terminal(''));
    expect([planned.code, planned.stderr]).toEqual([0, expect.not.stringContaining('confirm')]);
    const refused = await api.invite(`apply ${file}`, terminal('2\n', { CI: 'true' }));
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('hint: --yes confirms')]);
    expect((await api.invite(`apply ${api.file('none', owner)}`, terminal(''))).code).toBe(0);
    expect(api.changes()).toEqual([]);
  });
});
