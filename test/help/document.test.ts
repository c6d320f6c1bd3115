import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { exitCodes } from '../../src/errors.ts';
import { valueTypes } from '../../src/help/document.ts';
import { environment } from '../../src/help/reference.ts';
import { parseLine } from '../support/parsed-line.ts';
import { runCli } from '../support/run-cli.ts';
import { commandLines } from './command-lines.ts';

const text = expect.stringMatching(/\S/);
const flag = expect.stringMatching(/^--[a-z][a-z-]+$/);
const orNull = (shape: unknown) => expect.toBeOneOf([null, shape]);
/** An array of this shape, of texts if unsaid; the first that is not is shown. */
const all = (shape: unknown = text) =>
  expect.toSatisfy((found: readonly unknown[]) => {
    for (const one of found) expect(one).toEqual(shape);
    return true;
  });

const value = { type: text, placeholder: text, values: orNull(all()), closed: expect.any(Boolean) };
const option = {
  name: flag,
  short: orNull(expect.stringMatching(/^-[A-Za-z]$/)),
  description: text,
  value: orNull(value),
  default: orNull(expect.toBeOneOf([expect.any(String), expect.any(Number), expect.any(Boolean), all()])),
  repeatable: expect.any(Boolean),
  environment: all(),
};
const argument = {
  name: text,
  description: text,
  required: expect.any(Boolean),
  variadic: expect.any(Boolean),
  ...value,
};
const command = {
  name: text,
  path: all(),
  aliases: all(),
  summary: text,
  description: text,
  usage: expect.stringMatching(/^invite /),
  changes: expect.any(Boolean),
  arguments: all(argument),
  options: all(option),
  examples: all(),
  formats: all(),
  fields: all(),
};
/** What is promised of `invite help --json`; another shape needs another version. */
const document = {
  schema_version: 1,
  name: 'invite',
  version: text,
  description: text,
  global_options: all(option),
  commands: all(command),
  value_types: expect.any(Object),
  environment: all({ name: expect.stringMatching(/^[A-Z][A-Z_]*$/), description: text, option: orNull(flag) }),
  formats: all({ name: text, description: text }),
  exit_codes: all({ exit_code: expect.any(Number), description: text, error_codes: all() }),
  error_codes: all({ code: expect.stringMatching(/^[a-z_]+$/), exit_code: expect.any(Number) }),
  topics: all({ name: text, summary: text }),
};

type AnyOption = { name: string; repeatable: boolean; value: { closed: boolean } | null };
type AnyCommand = { name: string; examples: string[]; formats: string[]; options: AnyOption[] };
type Whole = { commands: AnyCommand[]; global_options: AnyOption[] } & Parameters<typeof commandLines>[0];
let whole: Whole;

async function documentOf(line: string) {
  const { code, stdout, stderr } = await runCli(line);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

beforeAll(async () => {
  whole = await documentOf('help --json');
});

test('the document has its shape, down to the last field', () => {
  expect(whole).toEqual(document);
  expect(whole.commands.filter(({ examples }) => examples.length === 0)).toEqual([]);
});

test('command lines built from the document alone are parsed', async () => {
  const lines = commandLines(whole);
  expect(lines.length).toBeGreaterThan(400);
  const failed: string[] = [];
  for (const line of lines) {
    await parseLine(line).catch((error) => failed.push(`${line.join(' ')}: ${error}`));
  }
  expect(failed).toEqual([]);
});

test('it says how often an option may be given, and which formats and values are refused', () => {
  const { commands, global_options } = whole;
  const all = [...commands.flatMap(({ options }) => options), ...global_options];
  const named = (wanted: (option: (typeof all)[number]) => boolean) => [
    ...new Set(all.filter(wanted).map(({ name }) => name)),
  ];
  expect(named(({ repeatable }) => repeatable)).toEqual([
    '--role',
    '--status',
    '--domain',
    '--for',
    '--state',
    '--switch',
  ]);
  const closed = ['--auth-type', '--for', '--state', '--managed', '--output', '--color'];
  expect(named(({ value }) => value?.closed === true)).toEqual(closed);
  const formats = Object.fromEntries(commands.map((one) => [one.name, one.formats.join(' ')]));
  expect(formats).toMatchObject({
    list: 'table json ndjson csv yaml id',
    report: 'table json ndjson csv yaml markdown',
    export: 'table json csv yaml',
    completion: '',
  });
});

test('every command of the document can be asked for by itself', async () => {
  for (const command of whole.commands) {
    const alone = await documentOf(`help ${command.name} --json`);
    expect(alone).toEqual(command);
  }
});

test('a group names its commands, an alias stands for its command, a topic is a text', async () => {
  const { name, commands } = await documentOf('help auth --json');
  const names = ['auth login', 'auth logout', 'auth status', 'auth list', 'auth use'];
  expect([name, commands.map((one: { name: string }) => one.name)]).toEqual(['auth', names]);
  expect(await documentOf('help ls -o json')).toMatchObject({ name: 'list', aliases: ['ls'] });
  expect(await documentOf('help import --json')).toMatchObject({ usage: 'invite import [options] [file]' });
  const { stdout } = await runCli('help exit-codes');
  expect(await documentOf('help exit-codes --json')).toEqual({
    name: 'exit-codes',
    summary: expect.any(String),
    text: stdout,
  });
});

test.each(['help lst --json', 'help auth logni --json', 'help list extra -o json'])('%s is an error', async (line) => {
  const { code, stdout, stderr } = await runCli(line);
  expect([code, stdout, JSON.parse(stderr).error.code]).toEqual([2, '', 'usage']);
});

test('INVITE_OUTPUT does not turn help into a document, --fields takes a part of one', async () => {
  expect(await runCli('help list', { env: { INVITE_OUTPUT: 'json' } })).toEqual(await runCli('list --help'));
  expect(Object.keys(await documentOf('help --json --fields exit_codes,formats'))).toEqual(['exit_codes', 'formats']);
});

describe('the document is complete', () => {
  test('it has every error code with its exit code', () => {
    const codes = Object.entries(exitCodes).map(([code, exit_code]) => ({ code, exit_code }));
    expect(whole).toMatchObject({ error_codes: codes });
  });

  test('each type of value accepts its own example', () => {
    for (const [name, type] of Object.entries<{ pattern?: string; example: string }>(valueTypes)) {
      expect(type.example, name).toMatch(new RegExp(type.pattern ?? ''));
      expect({ pattern: text, ...type }).toEqual({ description: text, example: text, pattern: text });
    }
  });

  test('every variable that the program reads is in the table', () => {
    const known = Object.values(environment).flatMap((variables) => variables.map(([name]) => name));
    const folder = join(import.meta.dirname, '..', '..', 'src');
    const read = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .flatMap((path) => [...readFileSync(join(folder, path), 'utf8').matchAll(/\benv\??\.([A-Z][A-Z_]+)/g)])
      .map(([, name = '']) => name);
    // Of the system and of GitHub, or named to say that they are not used.
    const others = [
      'HOME',
      'APPDATA',
      'LOCALAPPDATA',
      'XDG_CONFIG_HOME',
      'XDG_STATE_HOME',
      'SHELL',
      'ALL_PROXY',
      'GITHUB_OUTPUT',
      'GITHUB_STEP_SUMMARY',
    ];
    expect(read.length).toBeGreaterThan(20);
    expect(read.filter((name) => !known.includes(name) && !others.includes(name))).toEqual([]);
    expect(known).toEqual(expect.arrayContaining(['INVITE_READ_ONLY', 'CONFLUENT_CLOUD_ACCESS_TOKEN']));
  });
});
