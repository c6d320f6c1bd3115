import { describe, expect, test } from 'vitest';
import { expectContract, expectHarmless, machineReadable, runAgainst, streams } from '../support/fault-rows.ts';
import { scenarios } from './scenarios.ts';

/** A new e-mail in two spellings, a pending one, and another new one. */
const file = 'email\nnew@example.com\nNew@example.com\nsent@example.com\nother@example.com\n';

const numbered = ['rate:2', 'slow-create:300', 'quota-after:0', 'auth-revoked-after:0', 'down-after:0'];

/** Commands with several targets print the results so far, whatever ends the rest. */
const changesMany = /^(import|resend i-sent i-)/;

/** The maximum number of POSTs: five for one e-mail, if the server keeps responding that it is busy. */
function mostPosts(line: string): number {
  if (line.startsWith('create')) return 5;
  return /^(import|resend)/.test(line) ? 10 : 0;
}

/** All the milliseconds that retries and look-ups may take: it is then that somebody would be mailed twice. */
export const noHurry = 1_000_000;

/** Two variants of each command, used by alternating scenarios. */
type Turns = readonly [readonly string[], readonly string[]];

/** Runs the commands against each scenario and checks only what must always be true, and the duration. */
export function testEveryScenario(turns: Turns, milliseconds: number): void {
  for (const [index, scenario] of [...Object.keys(scenarios), ...numbered].entries()) {
    describe(`${scenario} does no harm`, () => {
      test.each(turns[index % 2 === 0 ? 0 : 1])('to invite %s', { timeout: 60_000 }, async (line) => {
        const input = line.startsWith('import') ? { input: file } : {};
        const { outcome, server } = await runAgainst(scenario, line.split(' '), input);
        expectContract(outcome, machineReadable(line), streams(line) || changesMany.test(line));
        expectHarmless(outcome, server, line.includes('--debug'));
        expect(server.count('create'), server.kinds()).toBeLessThanOrEqual(mostPosts(line));
        expect(outcome.ms).toBeLessThan(milliseconds);
      });
    });
  }
}
