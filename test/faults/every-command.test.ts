import { describe, expect, test } from 'vitest';
import { expectContract, expectHarmless, machineReadable, runAgainst, streams } from '../support/fault-rows.ts';
import { scenarios } from './scenarios.ts';

/** Each command against each scenario; formats and kinds of target take turns. */
const turns = [
  [
    'list -o json',
    'get i-sent --debug',
    'create new@example.com -o json',
    'delete i-sent --yes',
    'import - --yes -o json --debug',
    'resend i-sent i-expired --yes',
  ],
  [
    'list',
    'get sent@example.com -o json',
    'create new@example.com',
    'delete i-sent --yes -o json --debug',
    'import - --yes',
    'resend sent@example.com --yes -o json',
  ],
] as const;

const file = 'email\nnew@example.com\nNew@example.com\nsent@example.com\nother@example.com\n';

const numbered = ['rate:2', 'slow-create:300', 'quota-after:0', 'auth-revoked-after:0', 'down-after:0'];

/** Of many, each that was reached has its result on stdout, whatever ended the rest. */
const changesMany = /^(import|resend i-sent i-)/;

/** The most POSTs for an invitation: one for each person, and for a person only after a 429 another. */
function mostPosts(line: string): number {
  if (line.startsWith('create')) return 5;
  return /^(import|resend)/.test(line) ? 10 : 0;
}

describe('whatever happens, no harm is done', () => {
  for (const [index, scenario] of [...Object.keys(scenarios), ...numbered].entries()) {
    describe(scenario, () => {
      test.each(turns[index % 2 === 0 ? 0 : 1])('invite %s', { timeout: 60_000 }, async (line) => {
        const input = line.startsWith('import') ? { input: file } : {};
        const { outcome, server } = await runAgainst(scenario, [...line.split(' '), '--timeout', '3s'], input);
        expectContract(outcome, machineReadable(line), streams(line) || changesMany.test(line));
        expectHarmless(outcome, server, line.includes('--debug'));
        expect(server.count('create'), server.kinds()).toBeLessThanOrEqual(mostPosts(line));
        expect(outcome.ms).toBeLessThan(15_000);
      });
    });
  }
});
