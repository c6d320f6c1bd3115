// What apply does when the API refuses, fails or is gone, in each of its phases.
import { describe, expect, test } from 'vitest';
import type { PersonSeed } from '../../src/sandbox/sandbox.ts';
import {
  answering,
  apply,
  changing,
  firstOf,
  type Hook,
  line,
  lines,
  type MembershipApi,
  member,
  openMembershipApi,
  organization,
  owner,
  person,
  rowsOf,
} from './api.ts';

/** Counts what fits, and answers it as the hook does. */
function counting(pattern: RegExp, hook: Hook) {
  const counted = {
    count: 0,
    hook: (...about: Parameters<Hook>) => {
      if (pattern.test(about[0])) counted.count += 1;
      return hook(...about);
    },
  };
  return counted;
}

/** A plan with something of each phase: a mail, a grant, a revocation, a withdrawal, a removal. */
async function openEachPhase(): Promise<{ api: MembershipApi; file: string }> {
  const pending = person('ivy', 'pending', { roles: ['Operator'] });
  // The list contradicts itself of gus, so that the user is asked for.
  const bob = person('bob', 'member', { roles: ['Operator'] });
  const api = await openMembershipApi({ people: [bob, person('eve', 'member'), pending, person('gus', 'left')] });
  const people = lines(owner, line('bob', 'MetricsViewer'), line('ann', 'MetricsViewer'), '  - gus@example.com');
  return { api, file: api.file('people', people) };
}

const done = ['created ann', 'granted bob', 'reinvited gus', 'removed eve', 'revoked bob', 'withdrawn ivy'];

/** Every request of such an apply, in the order of the phases. */
const requests = {
  'the organization': /^GET \/org/,
  'the owner of the key': /^GET .*\/api-keys\/FAKEKEY0MARKER01/,
  'the list of invitations': /^GET .*\/invitations /,
  'the list of users': /^GET .*\/users /,
  'the list of role bindings': /^GET .*\/role-bindings /,
  'a user who should be there': /^GET .*\/users\/u-gus/,
  'the API keys of those who go': /^GET .*\/api-keys /,
  'an invitation': /^POST .*\/invitations /,
  'a grant': /^POST .*\/role-bindings /,
  'a revocation': /^DELETE .*\/role-bindings\//,
  'the look before a withdrawal': /^GET .*\/invitations\/i-/,
  'a withdrawal': /^DELETE .*\/invitations\//,
  'the look before a removal': /^GET .*\/users\/u-(?!gus)/,
  'a removal': /^DELETE .*\/users\//,
} as const satisfies Record<string, RegExp>;

const phases = Object.entries(requests);

test('429 is waited out for each of them, in one run', async () => {
  const { api, file } = await openEachPhase();
  api.hook = firstOf(...phases.map(([, pattern]) => answering(pattern, 429, 1, { 'retry-after': '1' })));
  const started = api.clock.monotonic();
  expect(await apply(api, file)).toMatchObject({ code: 0, outcomes: done });
  expect(api.clock.monotonic() - started).toBeGreaterThan(1000);
  expect(await api.mails()).toEqual({ 'ann@example.com': 1, 'gus@example.com': 1 });
  expect((await api.invite(`plan ${file} --expect-no-changes`)).code).toBe(0);
});

describe('while the organization is read', () => {
  // Without the organization itself: where that is not told, the names of the invitations tell it.
  const reads = phases.slice(1, 7);

  test.each(reads)('a failure of %s ends it with 3, and nothing is planned or sent', async (_, pattern) => {
    const { api, file } = await openEachPhase();
    api.hook = answering(pattern, 503);
    for (const words of [`plan ${file}`, `apply ${file} --yes`]) {
      const { code, stdout, stderr } = await api.invite(`${words} --retries 0 -o ndjson`);
      expect([code, stdout, JSON.parse(stderr).error.code]).toEqual([3, '', 'api_unavailable']);
    }
    expect(api.changes()).toEqual([]);
  });

  test.each([
    ['the list of invitations', 401, 4, 'auth_invalid'],
    ['the API keys of those who go', 401, 4, 'auth_invalid'],
    ['the list of users', 403, 5, 'forbidden'],
  ] as const)('a refusal of %s with %i ends it with %i', async (list, status, code, error) => {
    const { api, file } = await openEachPhase();
    api.hook = answering(requests[list], status);
    expect(await apply(api, file)).toMatchObject({ code, outcomes: [], error });
    expect(api.changes()).toEqual([]);
  });

  test('an organization that nothing tells ends it with 3', async () => {
    const api = await openMembershipApi();
    const nameless = changing(/^GET .*users /, ({ metadata, ...row }) => row);
    api.hook = firstOf(answering(requests['the organization'], 503), nameless);
    const stderr = expect.stringContaining('cannot tell which organization the API key belongs to');
    const ran = await apply(api, `${api.file('people', owner)} --retries 0`);
    expect(ran).toEqual({ code: 3, error: 'bad_response', outcomes: [], stderr });
  });

  test('a list of users without the person who runs it ends it with 3', async () => {
    const api = await openMembershipApi({ people: [member('ann')] });
    api.hook = changing(/^GET .*users /, (row) => (row.email === 'ann@example.com' ? row : []));
    const stderr = expect.stringMatching(/the list of users does not contain u-\w+, who owns the API key/);
    const ran = await apply(api, api.file('people', line('ann')));
    expect([ran, api.changes()]).toEqual([{ code: 3, error: 'bad_response', outcomes: [], stderr }, []]);
  });
});

interface Crowd {
  readonly about: keyof typeof requests;
  readonly people?: readonly PersonSeed[];
  readonly listed?: readonly string[];
  /** What becomes of those whose request fails. */
  readonly failed?: 'failed' | 'unknown';
  /** Of the next phases, which nobody begins: a revocation, a removal. */
  readonly later?: readonly ('loses' | 'leaves')[];
}

const seven = Array.from({ length: 7 }, (_, number) => `z${number}`);
const members = (...roles: string[]) => seven.map((name) => member(name, ...roles));
const listed = (...roles: string[]) => seven.map((name) => line(name, ...roles));
const pending = seven.map((name) => person(name, 'pending'));

/** Seven changes of one kind, and what would come after them. */
const crowds: readonly Crowd[] = [
  { about: 'an invitation', listed: listed(), failed: 'unknown', later: ['leaves', 'loses'] },
  { about: 'a grant', people: members(), listed: listed('MetricsViewer'), later: ['leaves', 'loses'] },
  { about: 'a revocation', people: members('Operator'), listed: listed(), later: ['leaves'] },
  { about: 'the look before a withdrawal', people: pending },
  { about: 'a withdrawal', people: pending },
  { about: 'the look before a removal', people: members() },
  { about: 'a removal', people: members() },
];

async function openCrowd({ people = [], listed: entries = [], later = [] }: Crowd) {
  const others = { loses: member('loses', 'Operator'), leaves: member('leaves') };
  const api = await openMembershipApi({ people: [...people, ...later.map((name) => others[name])] });
  const entry = later.includes('loses') ? [line('loses')] : [];
  const file = api.file('people', lines(owner, ...entries, ...entry));
  return { api, file, words: `${file} --max-removals 9 --concurrency 1` };
}

/** So many outcomes of the seven, in their order, and those of the next phases. */
function outcomesOf({ later = [] }: Crowd, ...counted: readonly [outcome: string, count: number][]): string[] {
  const outcomes = counted.flatMap(([outcome, count]) => Array<string>(count).fill(outcome));
  const ofSeven = seven.map((name, number) => `${outcomes[number] ?? 'not_attempted'} ${name}`);
  return [...ofSeven, ...later.map((name) => `not_attempted ${name}`)].sort();
}

describe('while changes are made', () => {
  test('no phase begins before the last of the one before has its answer', async () => {
    const { api, file } = await openEachPhase();
    const events: string[] = [];
    api.hook = async (request, response, honest) => {
      const kind = /^(POST|DELETE) .*\/(?:(role-bindings)|users|invitations)/.exec(request);
      if (kind === null) return undefined;
      const phase = kind[1] === 'POST' ? 'gives' : kind[2] === undefined ? 'removes' : 'revokes';
      events.push(phase);
      const { status, body } = await honest();
      // The answer takes its time, and the others would come meanwhile.
      await new Promise((resolve) => setTimeout(resolve, 30));
      events.push(`${phase}, answered`);
      response.writeHead(status);
      response.end(body);
      return true;
    };
    expect((await apply(api, `${file} --concurrency 8`)).code).toBe(0);
    expect(events.lastIndexOf('gives, answered')).toBeLessThan(events.indexOf('revokes'));
    expect(events.lastIndexOf('revokes, answered')).toBeLessThan(events.indexOf('removes'));
  });

  test.each(crowds)('five failures of $about in a row end it with 3, the next apply does the rest', async (crowd) => {
    const { api, file, words } = await openCrowd(crowd);
    const pattern = requests[crowd.about];
    const asked = counting(pattern, answering(pattern, 503));
    api.hook = asked.hook;
    const { code, outcomes, stderr } = await apply(api, `${words} --retries 0`);
    expect([code, outcomes]).toEqual([3, outcomesOf(crowd, [crowd.failed ?? 'failed', 5])]);
    expect(asked.count).toBe(5);
    expect(api.changes()).toHaveLength(pattern.source.startsWith('^GET') ? 0 : asked.count);
    expect(stderr).toContain(`to continue: invite apply ${file} --max-removals 9`);
    api.hook = undefined;
    // What may have been sent is sent once more at most, until the lists have had their time.
    api.clock.pass(600_000);
    expect((await apply(api, words)).code).toBe(0);
    expect((await api.invite(`plan ${file} --expect-no-changes`)).code).toBe(0);
    expect(Object.values(await api.mails())).toEqual(crowd.about === 'an invitation' ? Array(7).fill(1) : []);
  });

  test('the command that continues has the flags that were typed', async () => {
    const api = await openMembershipApi({ people: [member('a', 'Operator'), member('b', 'Operator'), member('eve')] });
    api.hook = answering(/^DELETE/, 401);
    const file = api.write('people.csv', 'email,role\nowner@sandbox.example,\na@example.com,-\nb@example.com,-\n');
    const flags = `--max-removals 7 --managed people --organization ${organization}`;
    const { stderr } = await api.invite(`apply ${file} ${flags} --yes --concurrency 1`);
    expect(stderr).toContain(`hint: to continue: invite apply ${file} ${flags} --yes\n`);
    // Said once, however many failed.
    api.hook = answering(/^POST .*role-bindings/, 403);
    const roles = api.file('people', lines(owner, line('a', 'MetricsViewer'), line('b', 'MetricsViewer')));
    const refused = await api.invite(`apply ${roles} --yes -o json`);
    expect(JSON.parse(refused.stderr.trim().split('\n').at(-1) ?? '').error.hints).toEqual([
      `to continue: invite apply ${roles} --yes`,
    ]);
    const planned = await api.invite(`plan ${file} ${flags} --expect-no-changes`);
    expect(planned.stderr).toContain(`hint: invite plan ${file} ${flags}\n`);
  });

  test('a list that lags does not make it mail somebody twice', async () => {
    const api = await openMembershipApi({}, { list_lag: 3_600_000 });
    const file = api.file('none', line('ann', 'MetricsViewer'));
    expect((await apply(api, file)).code).toBe(0);
    api.changes();
    // By the id that was written down.
    expect(await apply(api, file)).toMatchObject({ code: 0, outcomes: [] });
    expect((await api.invite(`plan ${file} --expect-no-changes`)).code).toBe(0);
    expect((await rowsOf(api, 'people ann@example.com')).rows).toMatchObject([{ state: 'pending' }]);
    expect(api.changes()).toEqual([]);
    expect((await api.invite('create ann@example.com')).stdout).toContain('already_invited');
    expect(await api.mails()).toEqual({ 'ann@example.com': 1 });
  });
});
