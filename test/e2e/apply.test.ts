import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fileText, owner } from '../membership/api.ts';
import { realClock } from '../support/real-clock.ts';
import { type RunOptions, runBuilt } from '../support/run-built.ts';
import { temporaryFolder } from '../support/run-cli.ts';
import { serveTestSandbox } from '../support/served-sandbox.ts';

/** How often it is killed; more of it by hand: `APPLY_KILLS=50 npx vitest run test/e2e/apply.test.ts`. */
const kills = Number(process.env.APPLY_KILLS ?? 3);

const name = (kind: string, number: number) => `${kind}${number}@example.com`;
const numbers = (count: number) => Array.from({ length: count }, (_, number) => number);

/** An organization with people who are to get roles, lose them, and leave, and a file that has new ones as well. */
async function openWorld(size: number) {
  const home = temporaryFolder();
  const heard = { count: 0, alarm: { at: Number.POSITIVE_INFINITY, ring: () => {} } };
  const { sandbox, endpoint, close } = await serveTestSandbox({
    // The list lags behind, so that only the mail log knows who was mailed a moment ago.
    switches: { quota: 100_000, list_lag: 900 },
    latency: 30,
    clock: realClock,
    around: (handler) => (call) => {
      heard.count += 1;
      if (heard.count === heard.alarm.at) heard.alarm.ring();
      return handler(call);
    },
  });
  onTestFinished(close);
  const members = (kind: string, ...roles: string[]) =>
    numbers(size).map((number) => ({ email: name(kind, number), state: 'member' as const, roles }));
  await sandbox.populate({ people: [...members('gets'), ...members('loses', 'Operator'), ...members('leaves')] });
  const listed = (kind: string, roles: string) =>
    numbers(size).map((number) => `  - { email: ${name(kind, number)}, roles: [${roles}] }`);
  const people = [owner, ...listed('gets', 'MetricsViewer'), ...listed('loses', ''), ...listed('new', 'DataDiscovery')];
  const file = join(home, 'people.yaml');
  writeFileSync(file, fileText('people', people.join('\n')));
  const limits = ['--max-removals', String(size), '--max-revocations', String(size)];
  const apply = (kill?: RunOptions['kill']) =>
    runBuilt(['apply', file, ...limits, '--concurrency', '2', '--yes', '-q', '-o', 'ndjson'], {
      endpoint,
      home,
      ...(kill === undefined ? {} : { kill }),
    });
  const plan = () => runBuilt(['plan', file, ...limits, '--expect-no-changes'], { endpoint, home });
  /** Resolves when so many more requests have come. */
  const request = (number: number) =>
    new Promise<void>((ring) => {
      heard.alarm = { at: heard.count + number, ring };
    });
  return { sandbox, apply, plan, request };
}

/** Until the lists show whom the last run invited: before that, roles of people in no list are findings. */
const listsCaughtUp = () => new Promise((resolve) => setTimeout(resolve, 950));

test('apply that is killed again and again does it all in the end, with one mail each', {
  timeout: kills * 20_000 + 60_000,
}, async () => {
  const size = 8;
  let unfinished = 0;
  for (let round = 0; unfinished < kills; round += 1) {
    expect(round, 'it is killed too late').toBeLessThan(3 * kills);
    const { sandbox, apply, plan, request } = await openWorld(size);
    for (let more = true; more; ) {
      const { signal } = await apply({ signal: 'SIGKILL', when: request(5 + Math.floor(Math.random() * 50)) });
      more = signal !== null && unfinished < kills;
      if (signal !== null) unfinished += 1;
    }
    await listsCaughtUp();
    const last = await apply();
    expect([last.code, last.stderr]).toEqual([0, '']);
    await listsCaughtUp();
    expect((await plan()).code).toBe(0);
    const mails = Object.fromEntries([...(await sandbox.mails())].filter(([, count]) => count > 0));
    expect(mails).toEqual(Object.fromEntries(numbers(size).map((number) => [name('new', number), 1])));
  }
});
