import { describe, expect, test } from 'vitest';
import { scenarios } from '../faults/scenarios.ts';
import { expectContract, expectHarmless, machineReadable, runAgainst, streams } from '../support/fault-rows.ts';

/** Each verb against each scenario; formats and kinds of target take turns. */
const turns = [
  ['list -o json', 'get i-sent --debug', 'create new@example.com -o json', 'delete i-sent --yes'],
  ['list', 'get sent@example.com -o json', 'create new@example.com', 'delete i-sent --yes -o json --debug'],
] as const;

const numbered = ['rate:2', 'slow-create:300', 'quota-after:0', 'auth-revoked-after:0', 'down-after:0'];

describe('whatever happens, no harm is done', () => {
  for (const [index, scenario] of [...Object.keys(scenarios), ...numbered].entries()) {
    test.concurrent(scenario, { timeout: 60_000 }, async () => {
      for (const line of turns[index % 2 === 0 ? 0 : 1]) {
        const { outcome, server } = await runAgainst(scenario, [...line.split(' '), '--timeout', '3s']);
        expect(outcome.signal, line).toBe(null);
        expectContract(outcome, machineReadable(line), streams(line));
        expectHarmless(outcome, server, line.includes('--debug'));
        expect(server.count('create'), `${line}: ${server.kinds()}`).toBeLessThanOrEqual(
          line.startsWith('create') ? 5 : 0,
        );
        expect(outcome.ms, line).toBeLessThan(15_000);
      }
    });
  }
});
