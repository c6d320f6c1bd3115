// An apply that is killed at any of its requests, interrupted by Ctrl-C, or started twice.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { main } from '../../src/main.ts';
import { testHost } from '../support/run-cli.ts';
import { apply, line, lines, linesIn, type MembershipApi, member, openMembershipApi, owner } from './api.ts';

/** Something of each phase, and lists that lag, so that only what this machine wrote down tells who was mailed. */
async function openWorld(): Promise<{ api: MembershipApi; words: string }> {
  const pending = { email: 'ivy@example.com', state: 'pending' as const };
  const api = await openMembershipApi(
    { people: [member('bob', 'Operator'), member('eve'), pending] },
    { list_lag: 6000 },
  );
  const people = [owner, line('ann', 'MetricsViewer'), line('bob', 'MetricsViewer'), line('cyd', 'MetricsViewer')];
  return { api, words: `${api.file('people', lines(...people))} --concurrency 1` };
}

/** Runs it as another process, which is never heard of again once it is killed at a request; false if it ends before. */
async function runKilled(api: MembershipApi, line: string, when: 'before' | 'after', number: number) {
  let count = 0;
  const killed = new Promise<boolean>((resolve) => {
    api.hook = async (_request, _response, honest) => {
      count += 1;
      if (count !== number) return undefined;
      if (when === 'after') await honest();
      resolve(true);
      return true;
    };
  });
  const isKilled = await Promise.race([killed, api.invite(line, { pid: 1001 }).then(() => false)]);
  api.hook = undefined;
  return isKilled;
}

/** The number of the first request that changes something: before it, seven read. */
const firstChange = 8;
const once = { 'ann@example.com': 1, 'cyd@example.com': 1 };

test.each(['before', 'after'] as const)(
  'killed at any request, %s the API has done it, and started again: the file holds, with one mail each',
  async (when) => {
    let number = firstChange - 2;
    let isKilled = true;
    while (isKilled) {
      number += 1;
      const { api, words } = await openWorld();
      isKilled = await runKilled(api, `apply ${words} --yes`, when, number);
      const { code, outcomes } = await apply(api, words);
      // A role of somebody whose mail was not written down and is not listed yet is the role of nobody, a finding.
      expect([0, 10], `killed at request ${number}`).toContain(code);
      expect(outcomes.filter((one) => /^(?:failed|unknown|not_)/.test(one))).toEqual([]);
      api.clock.pass(10_000);
      const planned = await api.invite(`plan ${words.split(' ')[0]} --expect-no-changes`);
      expect([number, planned.code, await api.mails()]).toEqual([number, 0, once]);
    }
    // Two mails, three grants, a revocation, two to remove with two looks more, one to withdraw with one.
    expect(number - firstChange).toBeGreaterThanOrEqual(11);
  },
);

test('Ctrl-C among the removals: those under way end, 130, and the next apply does only the rest', async () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const api = await openMembershipApi({ people: names.map((name) => member(name)) });
  const words = `${api.file('people', owner)} --max-removals 9 --concurrency 2`;
  const { host, stdout, stderr } = testHost({ folder: api.folder, clock: api.clock, env: api.env });
  let interrupt = () => {};
  const onSignal: typeof host.onSignal = (listen) => {
    interrupt = () => listen('SIGINT');
    return () => {};
  };
  let removals = 0;
  api.hook = async (request) => {
    if (request.startsWith('DELETE') && ++removals === 2) interrupt();
    return undefined;
  };
  expect(await main(`apply ${words} --yes -o ndjson`.split(' '), { ...host, onSignal })).toBe(130);
  const outcomes = linesIn(stdout.join('')).map(({ outcome }) => outcome);
  const removed = outcomes.filter((outcome) => outcome === 'removed').length;
  expect(outcomes.filter((outcome) => outcome === 'not_attempted')).toHaveLength(6 - removed);
  expect([removed, api.changes().length]).toEqual([removed, removed]);
  expect(removed).toBeGreaterThanOrEqual(2);
  expect(removed).toBeLessThan(6);
  expect(stderr.join('')).toContain('to continue: invite apply ');
  expect(await apply(api, words)).toMatchObject({ code: 0 });
  expect(api.changes()).toHaveLength(6 - removed);
});

test('of two at once the second is refused, with the process of the first', async () => {
  const { api, words } = await openWorld();
  const state = join(api.folder, 'state');
  let second: ReturnType<typeof apply> | undefined;
  let lock = '';
  api.hook = async (request) => {
    if (!request.startsWith('POST') || second !== undefined) return undefined;
    lock = readdirSync(state).find((name) => name.startsWith('apply.')) ?? '';
    second = apply(api, words);
    await second;
    return undefined;
  };
  expect((await apply(api, words)).code).toBe(0);
  const refused = await second;
  expect(refused).toMatchObject({ code: 7, outcomes: [], error: 'locked' });
  expect(refused?.stderr).toContain(`process ${process.pid} holds it`);
  expect(refused?.stderr).toContain('--force-unlock');
  expect(await api.mails()).toEqual(once);
  api.clock.pass(10_000);
  writeFileSync(join(state, lock), `${process.pid} now here/1\n`);
  expect(await apply(api, words)).toMatchObject({ code: 7, error: 'locked' });
  expect((await apply(api, `${words} --force-unlock`)).code).toBe(0);
});
