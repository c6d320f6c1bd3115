import { describe, expect, test } from 'vitest';
import { expectContract, expectHarmless, machineReadable, runAgainst, streams } from '../support/fault-rows.ts';
import { scenarios } from './scenarios.ts';

/** Somebody new, twice; somebody who is invited already; and another. */
const file = 'email\nnew@example.com\nNew@example.com\nsent@example.com\nother@example.com\n';

const numbered = ['rate:2', 'slow-create:300', 'quota-after:0', 'auth-revoked-after:0', 'down-after:0'];

/** Of many, each that was reached has its result on stdout, whatever ended the rest. */
const changesMany = /^(import|resend i-sent i-)/;

/** The most POSTs for an invitation: five for a person whom a server that is busy keeps waiting. */
function mostPosts(line: string): number {
  if (line.startsWith('create')) return 5;
  return /^(import|resend)/.test(line) ? 10 : 0;
}

/** Two ways to type each command; the scenarios take turns with them. */
export type Turns = readonly [readonly string[], readonly string[]];

/** Runs each of the lines against each scenario, and looks only at what must be true whatever happens, in at most so many milliseconds. */
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
