// What scripts rely on: `contract.json` lists it, and nothing that is listed may disappear or change its meaning.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { exitCodes } from '../src/errors.ts';
import { runCli, temporaryFolder } from './support/run-cli.ts';

interface Contract {
  /** The exit code of each `error.code`. */
  readonly error_codes: Readonly<Record<string, number>>;
  /** The keys of the error object in json output. */
  readonly error_fields: readonly string[];
  /** What `--fields` knows in the result of each command. */
  readonly fields: Readonly<Record<string, readonly string[]>>;
}

const path = join(import.meta.dirname, 'contract.json');
const promised: Contract = JSON.parse(readFileSync(path, 'utf8'));

/** A line of each command that has a result; the fields are asked for by naming one that does not exist. */
const lines: Readonly<Record<string, string>> = {
  create: 'create bob@example.com',
  get: 'get ann@example.com',
  list: 'list',
  delete: 'delete ann@example.com --yes',
  resend: 'resend ann@example.com --yes',
  import: 'import - --yes',
  wait: 'wait ann@example.com',
  report: 'report',
  validate: 'validate -',
  plan: 'plan -',
  apply: 'apply - --yes',
  trace: 'trace ann@example.com',
  people: 'people --api-keys',
  remove: 'remove ann@example.com --yes',
  'role grant': 'role grant ann@example.com MetricsViewer',
  'role revoke': 'role revoke ann@example.com MetricsViewer',
  doctor: 'doctor',
  'auth login': 'auth login',
  'auth logout': 'auth logout',
  'auth list': 'auth list',
  'auth use': 'auth use work',
  'auth status': 'auth status',
  'sandbox seed': 'sandbox seed',
  'sandbox accept': 'sandbox accept ann@example.com',
  'sandbox expire': 'sandbox expire ann@example.com',
  'sandbox reset': 'sandbox reset --yes',
};

/** Commands that print a text of their own, no records with fields. */
const withoutFields = ['completion', 'export', 'help'];

const folder = temporaryFolder();
let found: Contract;

async function failureOf(line: string): Promise<Record<string, unknown>> {
  const world = { folder, stdin: 'bob@example.com\n' };
  const { stderr } = await runCli(`${line} --profile sandbox --fields none -o json`, world);
  return JSON.parse(stderr).error;
}

async function fieldsOf(line: string): Promise<string[]> {
  const { hints } = await failureOf(line);
  const known = (hints as string[]).find((hint) => hint.startsWith('known fields: '));
  return known?.slice('known fields: '.length).split(', ') ?? [];
}

beforeAll(async () => {
  // Whom nobody waits for any longer.
  for (const line of ['create ann@example.com', 'sandbox accept ann@example.com']) {
    await runCli(`${line} --profile sandbox`, { folder });
  }
  const fields: Record<string, string[]> = {};
  for (const [command, line] of Object.entries(lines)) fields[command] = await fieldsOf(line);
  found = { error_codes: exitCodes, error_fields: Object.keys(await failureOf('list')), fields };
  // Records what is new. What is missing stays in the file, so that the test goes on failing.
  if (process.env.UPDATE) writeFileSync(path, `${JSON.stringify(joined(promised, found), null, 2)}\n`);
}, 60_000);

function joined(before: Contract, now: Contract): Contract {
  const fields = Object.entries(now.fields).map(([command, names]) => [command, union(before.fields[command], names)]);
  return {
    error_codes: { ...now.error_codes, ...before.error_codes },
    error_fields: union(before.error_fields, now.error_fields),
    fields: { ...before.fields, ...Object.fromEntries(fields) },
  };
}

function union(before: readonly string[] = [], now: readonly string[]): string[] {
  return [...new Set([...before, ...now])];
}

/** One text for each promise: `fields list: email`. */
function promises({ error_codes, error_fields, fields }: Contract): string[] {
  return [
    ...Object.entries(error_codes).map(([code, exit]) => `error code ${code}: exit code ${exit}`),
    ...error_fields.map((name) => `field of an error: ${name}`),
    ...Object.entries(fields).flatMap(([command, names]) => names.map((name) => `field of ${command}: ${name}`)),
  ];
}

test('what was promised is there, and what is new is promised: UPDATE=1 npx vitest run test/contract.test.ts adds it', () => {
  expect(promises(found).sort()).toEqual(promises(promised).sort());
});

test('help names the same fields', async () => {
  const { stdout } = await runCli('help --json', { folder });
  const { commands } = JSON.parse(stdout) as { commands: { name: string; fields: string[] }[] };
  const named = Object.fromEntries(commands.map(({ name, fields }) => [name, fields]));
  expect(named).toMatchObject({ ...found.fields, completion: [], export: [] });
});

test('no command is forgotten here', async () => {
  const { stdout } = await runCli('--help', { folder });
  const [list = ''] = stdout.split('\nTopics');
  const commands = [...list.matchAll(/^ {2}([a-z]+)(?=[ |])/gm)]
    .map(([, name]) => name)
    .filter((name) => name !== 'invite');
  const known = [...Object.keys(lines).map((command) => command.split(' ')[0]), ...withoutFields];
  expect(commands.length).toBeGreaterThan(10);
  expect(commands.filter((name) => !known.includes(name))).toEqual([]);
  expect(Object.entries(found.fields).filter(([, names]) => names.length === 0)).toEqual([]);
});
