import { expect, test } from 'vitest';
import { exitCodes } from '../../src/errors.ts';
import { type FaultServer, type FaultServerOptions, startFaultServer } from '../faults/server.ts';
import { fastClock } from './fast-clock.ts';
import { clientOf, fakeKey, fakeSecret, type Outcome, type RunOptions } from './run-built.ts';
import { runCli, temporaryFolder, type World } from './run-cli.ts';

/** What must be true after one command against one scenario, beside what must always be. */
export interface Expected extends Omit<FaultServerOptions, 'scenario' | 'clock'>, Pick<RunOptions, 'input'> {
  /** An empty variable is an unset one. */
  readonly env?: Readonly<Record<string, string>>;
  /** Folder of settings and state; by default one of its own. */
  readonly folder?: string;
  /** Somebody types Ctrl-C when this many changes were asked for. */
  readonly interrupt?: number;
  /** The requests, `list create`. A number counts them all. */
  readonly requests?: string | number;
  /** How many POSTs for an invitation; unsaid: not looked at. */
  readonly posts?: number;
  /** How many mails left in all. */
  readonly mails?: number;
  /** What became of each target, in a document of json: `created unknown`. */
  readonly outcomes?: string;
  readonly out?: RegExp;
  readonly err?: RegExp;
  /** The most milliseconds that it may take, be they passed by working or by waiting. */
  readonly within?: number;
  /** Looks at whatever else there is. */
  readonly also?: (outcome: Outcome, server: FaultServer) => void;
}

export type Row = readonly [scenario: string, line: string, exit: number, expected?: Expected];

/** A test for each row, in this process and at the pace of a clock that waits for nobody. */
export function testRows(rows: readonly Row[]): void {
  for (const row of rows) {
    const [scenario, line, exit] = row;
    test(`${scenario}: invite ${line} exits ${exit}`, { timeout: 60_000 }, () => checkRow(row));
  }
}

async function checkRow([scenario, line, exit, expected = {}]: Row): Promise<void> {
  const { outcome, server } = await runAgainst(scenario, line.split(' '), expected);
  const seen = `${server.kinds()}\n${outcome.stdout.slice(0, 2000)}\n${outcome.stderr.slice(0, 2000)}`;
  expect(outcome.code, seen).toBe(exit);
  const hasResult = expected.out !== undefined || expected.outcomes !== undefined || streams(line);
  expectContract(outcome, machineReadable(line), hasResult);
  await expectHarmless(outcome, server, line.includes('--debug'));
  await expectRow(expected, outcome, server);
}

/** One command against one scenario, in this process. */
export async function runAgainst(
  scenario: string,
  args: readonly string[],
  { env, input, folder, interrupt, ...options }: Expected = {},
): Promise<{ outcome: Outcome; server: FaultServer }> {
  const clock = fastClock();
  const server = await startFaultServer({ ...options, scenario, clock });
  const here = process.cwd();
  // The rows of stdin that fail go into a file in the folder that one is in.
  if (input !== undefined) process.chdir(temporaryFolder());
  const start = process.cpuUsage();
  try {
    const world = { env: { ...clientOf(server.url), ...env }, clock };
    const more = { ...(input === undefined ? {} : { stdin: input }), ...(folder === undefined ? {} : { folder }) };
    const onSignal = interruptAfter(interrupt ?? Number.POSITIVE_INFINITY, server);
    const ran = await runCli(args, { ...world, ...more, onSignal });
    // A machine that is busy with other things makes nothing take longer.
    const { user, system } = process.cpuUsage(start);
    return { outcome: { ...ran, signal: null, ms: clock.monotonic() + (user + system) / 1000 }, server };
  } finally {
    process.chdir(here);
    clock.stop();
    await server.stop();
  }
}

function interruptAfter(changes: number, server: FaultServer): NonNullable<World['onSignal']> {
  return (listen) => {
    const look = () => {
      const kinds = ['create', 'delete', 'bind'] as const;
      if (kinds.reduce((sum, kind) => sum + server.count(kind), 0) >= changes) return listen('SIGINT');
      next = setImmediate(look);
    };
    let next = changes === Number.POSITIVE_INFINITY ? undefined : setImmediate(look);
    return () => clearImmediate(next);
  };
}

async function expectRow(expected: Expected, outcome: Outcome, server: FaultServer): Promise<void> {
  const { requests, posts, mails, outcomes, out, err, within, also } = expected;
  if (typeof requests === 'string') expect(server.kinds()).toBe(requests);
  if (typeof requests === 'number') expect(server.log.length, server.kinds()).toBe(requests);
  if (posts !== undefined) expect(server.count('create'), server.kinds()).toBe(posts);
  const mailed = await server.mails();
  if (mails !== undefined) expect([...mailed.values()].reduce((sum, count) => sum + count, 0)).toBe(mails);
  if (outcomes !== undefined) expect(outcomesIn(outcome.stdout)).toBe(outcomes);
  if (out !== undefined) expect(outcome.stdout).toMatch(out);
  if (err !== undefined) expect(outcome.stderr).toMatch(err);
  if (within !== undefined) expect(outcome.ms).toBeLessThan(within);
  also?.(outcome, server);
}

function outcomesIn(stdout: string): string {
  return (JSON.parse(stdout) as { outcome: string }[]).map(({ outcome }) => outcome).join(' ');
}

function machineReadable(line: string): boolean {
  return /(-o (json|ndjson)|--json)\b/.test(line);
}

/** What a list has shown before it fails stays shown; every format but these two is held back until it is whole. */
function streams(line: string): boolean {
  return /^list\b/.test(line) && !/-o (?!table|ndjson)|--json/.test(line);
}

const codes: readonly unknown[] = [0, ...Object.values(exitCodes)];

/** The exit code is one of ours; a failure prints one error and nothing on stdout; a document is whole. */
function expectContract({ code, stdout, stderr }: Outcome, machine: boolean, partial = false): void {
  expect(codes).toContain(code);
  if (code === 0 && machine && stdout !== '') expectDocuments(stdout);
  if (code === 0 || code === exitCodes.partial_failure) return;
  const errors = stderr.split('\n').filter((line) => line.startsWith(machine ? '{"error":' : 'error:'));
  expect(errors, stderr).toHaveLength(1);
  if (!partial) expect(stdout).toBe('');
  if (machine) expect(JSON.parse(errors[0] ?? '')).toMatchObject({ error: { exit_code: code } });
}

/** One json document, or one a line. */
function expectDocuments(stdout: string): void {
  try {
    JSON.parse(stdout);
  } catch {
    for (const line of stdout.trimEnd().split('\n')) JSON.parse(line);
  }
}

export const secretForms = [
  fakeSecret,
  encodeURIComponent(fakeSecret),
  Buffer.from(`${fakeKey}:${fakeSecret}`).toString('base64'),
  Buffer.from(fakeSecret).toString('base64'),
  `${fakeKey}:`,
  'cfltFAKE',
];

/** Whatever happened: no secret, no control bytes, no innards, nothing to a stranger, nobody mailed twice. */
export async function expectHarmless({ stdout, stderr }: Outcome, server: FaultServer, debug = false): Promise<void> {
  // The lines of a csv file end as its standard says.
  for (const text of [stdout.replaceAll('\r\n', '\n'), stderr]) {
    for (const form of secretForms) expect(text).not.toContain(form);
    expect(text).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(text).not.toMatch(/\bundefined\b|\[object Object\]|\bat file:|Warning:|^\s*::|##\[/m);
    if (!debug) expect(text).not.toMatch(/^ {4}at /m);
  }
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  expect(server.foreignLog).toEqual([]);
  expect([...(await server.mails())].filter(([, count]) => count > 1)).toEqual([]);
}
