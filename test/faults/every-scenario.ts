import { describe, expect, test } from 'vitest';
import { expectContract, expectHarmless, machineReadable, runAgainst, streams } from '../support/fault-rows.ts';
import { tables } from './scenarios.ts';

/** A new e-mail in two spellings, a pending one, and another new one. */
const file = 'email\nnew@example.com\nNew@example.com\nsent@example.com\nother@example.com\n';

/** Milliseconds of real and virtual time. A POST may be looked up for long: it is by hurrying that somebody is mailed twice. */
const families = {
  reads: {
    within: 15_000,
    lines: ['list -o json', 'get i-sent --debug', 'list', 'get sent@example.com -o json'].map(
      (line) => `${line} --timeout 3s`,
    ),
  },
  posts: {
    within: 1_000_000,
    lines: [
      ...['create new@example.com -o json', 'import - --yes', 'resend i-sent i-expired --yes'],
      ...['create new@example.com', 'import - --yes -o json --debug', 'resend sent@example.com --yes -o json'],
    ],
  },
  deletes: {
    within: 15_000,
    lines: ['delete i-sent --yes --timeout 3s', 'delete i-sent --yes -o json --debug --timeout 3s'],
  },
} as const;

type Family = keyof typeof families;

/** Whom the scenarios of each table concern. */
const concerned: Readonly<Record<keyof typeof tables, readonly Family[]>> = {
  ...{ network: ['reads', 'posts', 'deletes'], retries: ['reads', 'posts', 'deletes'] },
  ...{ redirects: ['reads', 'posts', 'deletes'], encodings: ['reads', 'posts'], documents: ['reads', 'posts'] },
  ...{ errors: ['reads', 'posts'], pages: ['reads', 'posts'], bulk: ['reads', 'posts'] },
  ...{ posts: ['posts'], deletes: ['deletes'], texts: ['reads'] },
};

const numbered = ['rate:2', 'slow-create:300', 'quota-after:0', 'auth-revoked-after:0', 'down-after:0'];

/** Commands with several targets print the results so far, whatever ends the rest. */
const changesMany = /^(import|resend i-sent i-)/;

/** The maximum number of POSTs: five for one e-mail, if the server keeps responding that it is busy. */
function mostPosts(line: string): number {
  if (line.startsWith('create')) return 5;
  return /^(import|resend)/.test(line) ? 10 : 0;
}

/** Runs the commands of a family in turn, one against each scenario, and checks only what must always be true. */
export function testEveryScenario(family: Family): void {
  const { lines, within } = families[family];
  for (const [table, scenarios] of Object.entries(tables)) {
    if (!concerned[table as keyof typeof tables].includes(family)) continue;
    describe(`${table} do no harm`, () => {
      const names = [...Object.keys(scenarios), ...(table === 'bulk' ? numbered : [])];
      const rows = names.map((name, index) => [name, lines[index % lines.length] ?? ''] as const);
      test.each(rows)('%s to invite %s', { timeout: 60_000 }, (name, line) => checkHarmless(name, line, within));
    });
  }
}

async function checkHarmless(scenario: string, line: string, within: number): Promise<void> {
  const input = line.startsWith('import') ? { input: file } : {};
  const { outcome, server } = await runAgainst(scenario, line.split(' '), input);
  expectContract(outcome, machineReadable(line), streams(line) || changesMany.test(line));
  expectHarmless(outcome, server, line.includes('--debug'));
  expect(server.count('create'), server.kinds()).toBeLessThanOrEqual(mostPosts(line));
  expect(outcome.ms).toBeLessThan(within);
}
