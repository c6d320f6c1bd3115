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

/** What follows the name of a command that takes more; the fields are asked for by naming one that does not exist. */
const operands: Readonly<Record<string, string>> = {
  create: 'bob@example.com',
  get: 'ann@example.com',
  delete: 'ann@example.com --yes',
  resend: 'ann@example.com --yes',
  import: '- --yes',
  wait: 'ann@example.com',
  validate: '-',
  plan: '-',
  apply: '- --yes',
  trace: 'ann@example.com',
  people: '--api-keys',
  remove: 'ann@example.com --yes',
  'role grant': 'ann@example.com MetricsViewer',
  'role revoke': 'ann@example.com MetricsViewer',
  'auth use': 'work',
  'sandbox add': 'ann@example.com',
  'sandbox accept': 'ann@example.com',
  'sandbox expire': 'ann@example.com',
  'sandbox reset': '--yes',
};

/** Commands that print a text of their own, no records with fields. */
const withoutFields = ['completion', 'export', 'help'];

const folder = temporaryFolder();
let found: Contract;
/** The fields by the name of the command, as `help` says them. */
let named: Readonly<Record<string, readonly string[]>>;

async function failureOf(line: string): Promise<Record<string, unknown>> {
  const world = { folder, stdin: 'bob@example.com\n' };
  const { stderr } = await runCli(`${line} --profile sandbox --fields none -o json`, world);
  return JSON.parse(stderr).error;
}

async function fieldsOf(command: string): Promise<string[]> {
  const { hints } = await failureOf(`${command} ${operands[command] ?? ''}`);
  const known = (hints as string[]).find((hint) => hint.startsWith('known fields: '));
  return known?.slice('known fields: '.length).split(', ') ?? [];
}

beforeAll(async () => {
  // Whom nobody waits for any longer.
  for (const line of ['create ann@example.com', 'sandbox accept ann@example.com'])
    await runCli(`${line} --profile sandbox`, { folder });
  const { commands }: { commands: { name: string; fields: string[] }[] } = JSON.parse(
    (await runCli('help --json')).stdout,
  );
  const ours = commands.filter(({ name }) => !withoutFields.includes(name));
  named = Object.fromEntries(ours.map(({ name, fields }) => [name, fields]));
  const fields: Record<string, string[]> = {};
  for (const { name } of ours) fields[name] = await fieldsOf(name);
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

test('help names the same fields, and no command has none', () => {
  expect(named).toEqual(found.fields);
  expect(Object.entries(named).filter(([, names]) => names.length === 0)).toEqual([]);
});
