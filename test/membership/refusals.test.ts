// Plans that are refused, and questions that are asked, by the whole program.
import { describe, expect, test } from 'vitest';
import type { PersonSeed } from '../../src/sandbox/sandbox.ts';
import { apply, atTerminal, before, line, lines, member, openMembershipApi, owner, savePlan } from './api.ts';

const numbered = (count: number, ...roles: string[]) =>
  Array.from({ length: count }, (_, n) => member(`m${n}`, ...roles));
const admin = (name: string) => line(name, 'OrganizationAdmin');
const listed = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => `  - m${from + n}@example.com`);

describe('a plan is refused with 7, whatever --yes says, and nothing is sent', () => {
  const admins = ['ann', 'deb'].map((name) => member(name, 'OrganizationAdmin'));
  const most = (count: number, flag: string) => `at most ${count} may; ${flag} allows it`;
  const whose = 'the API does not say whose the API key or token is; --self <email|u-…>';
  // Who owns API keys, or may own some, is not removed without it, and then it is another refusal.
  const keys = '--with-api-keys';

  /** What lets it pass, if anything may, is the last. */
  test.each<
    [string, readonly PersonSeed[], string, listed: readonly string[], flags: string, string, allowed?: string]
  >([
    ['who runs it is left out', admins, 'people', [admin('ann'), admin('deb')], keys, 'it removes owner@sandbox'],
    ['four go', numbered(19), 'people', [owner, ...listed(4, 19)], '', most(3, '--max-removals 4'), '--max-removals 4'],
    ['somebody unknown runs it', [member('eve')], 'people', [owner], keys, whose, '--self owner@sandbox.example'],
  ])('%s', async (name, people, managed, entries, flags, refused, allowed) => {
    const api = await openMembershipApi({ people }, name.includes('unknown') ? { api_keys: 'forbidden' } : {});
    const file = `${api.file(managed, lines(...entries))} ${flags}`;
    for (const words of [`plan ${file}`, `apply ${file} --dry-run`, `apply ${file} --yes`]) {
      const { code, stderr } = await api.invite(`${words} -o ndjson`);
      const { error } = JSON.parse(stderr);
      expect([code, error.code, error.message]).toEqual([7, 'unsafe_plan', expect.stringContaining(refused)]);
    }
    // A comment on a pull request has no stderr beside it.
    expect((await api.invite(`plan ${file} -o markdown`)).stdout).toMatch(/^refused: .+\n\n### /m);
    expect(api.changes()).toEqual([]);
    if (allowed === undefined) return;
    expect(await apply(api, `${file} ${allowed}`)).toMatchObject({ code: 0 });
    expect(api.changes().length).toBeGreaterThan(0);
  });
});

describe('a person is asked', () => {
  const open = () => openMembershipApi({ people: [member('eve'), member('gus')] });

  test.each([
    ['the number of those who lose access', '2\n', 0, 2],
    ['nothing', '\n', 130, 0],
  ])('before somebody is removed: %s', async (_, typed, code, sent) => {
    const api = await open();
    const ran = await api.invite(`apply ${api.file('people', owner)}`, atTerminal(typed));
    expect([ran.code, api.changes().length]).toEqual([code, sent]);
    // What is asked about is seen on stderr, beside the question.
    expect(ran.stderr).toContain('- remove');
    expect(ran.stdout.includes('removed')).toBe(code === 0);
  });

  test('before a saved plan is carried out as well', async () => {
    const api = await open();
    const plan = await savePlan(api, api.file('people', owner));
    expect((await api.invite(`apply ${plan}`, atTerminal('\n'))).code).toBe(130);
    expect(api.changes()).toEqual([]);
    expect((await api.invite(`apply ${plan}`, atTerminal('2\n'))).code).toBe(0);
  });

  test.each([
    ['y\n', 0, 1],
    ['n\n', 130, 0],
  ])('for a yes where nobody loses access: %j', async (typed, code, sent) => {
    const api = await open();
    expect((await api.invite(`apply ${api.file('none', line('ann'))}`, atTerminal(typed))).code).toBe(code);
    expect(api.changes()).toHaveLength(sent);
  });

  test('and nothing is done if more is due by then than they were shown', async () => {
    const api = await open();
    api.hook = before(/^GET .*users /, () => api.sandbox.populate({ people: [member('ivy')] }), 2);
    const ran = await api.invite(`apply ${api.file('people', owner)}`, atTerminal('2\n'));
    expect([ran.code, ran.stderr]).toEqual([7, expect.stringContaining('now: remove ivy@example.com')]);
    expect(api.changes()).toEqual([]);
  });

  test('never by plan, never in CI, and not where there is nothing to do', async () => {
    const api = await open();
    const file = api.file('people', owner);
    const planned = await api.invite(`plan ${file}`, atTerminal(''));
    expect([planned.code, planned.stderr]).toEqual([0, expect.not.stringContaining('confirm')]);
    const refused = await api.invite(`apply ${file}`, atTerminal('2\n', { CI: 'true' }));
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('hint: --yes confirms')]);
    expect((await api.invite(`apply ${api.file('none', owner)}`, atTerminal(''))).code).toBe(0);
    expect(api.changes()).toEqual([]);
  });
});
