import { readFileSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { isAdmitted } from '../support/people-schema.ts';
import { runCli, temporaryFolder } from '../support/run-cli.ts';

const good = 'version: 1\npeople:\n  - { email: ann@example.com, roles: [MetricsViewer] }\n  - bob@example.com\n';
const bad =
  'version: 1\npeople:\n  - { email: ann, roles: [OrganisationAdmin] }\n  - { email: bob@example.com, role: x }\n';

/** Runs the command without a key, and counts the sockets that are opened meanwhile. */
async function validate(
  files: Readonly<Record<string, string | Buffer>>,
  flags = '',
  env: Record<string, string> = {},
) {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const connect = vi.spyOn(Socket.prototype, 'connect');
  try {
    const words = Object.keys(files).map((name) => join(folder, name));
    const ran = await runCli(`validate ${words.join(' ')} ${flags}`, { folder, env });
    const short = (text: string) => text.replaceAll(`${folder}/`, '');
    expect(connect).not.toHaveBeenCalled();
    return { code: ran.code, stdout: short(ran.stdout), stderr: short(ran.stderr) };
  } finally {
    connect.mockRestore();
  }
}

describe('validate', () => {
  test('says of a good file how many people it lists', async () => {
    const stdout = 'file:   people.yaml\nvalid:  true\npeople: 2\n';
    expect(await validate({ 'people.yaml': good })).toEqual({ code: 0, stdout, stderr: '' });
  });

  test('names every problem with its line, and annotates it', async () => {
    const { code, stdout, stderr } = await validate({ 'people.yaml': bad }, '', { GITHUB_ACTIONS: 'true' });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe(`::error file=people.yaml,line=3::"ann": it has no @
::error file=people.yaml,line=3::unknown role "OrganisationAdmin"; did you mean "OrganizationAdmin"?
::error file=people.yaml,line=4::"role" is not a key of a person; did you mean "roles"?
error: "people.yaml" is not valid
  line 3: "ann": it has no @
  line 3: unknown role "OrganisationAdmin"; did you mean "OrganizationAdmin"?
  line 4: "role" is not a key of a person; did you mean "roles"?
`);
  });

  test('shows all of hundreds of problems', async () => {
    const lines = Array.from({ length: 300 }, (_, number) => `  - p${number}`);
    const { stderr } = await validate({ 'people.yaml': `version: 1\npeople:\n${lines.join('\n')}\n` });
    expect(stderr.match(/^ {2}line \d+: "p\d+": it has no @$/gm)).toHaveLength(300);
  });

  test('checks several files, CSV and what PowerShell writes included', async () => {
    const wide = Buffer.from(`\ufeff${good}`, 'utf16le');
    const files = { 'a.yaml': wide, 'b.csv': 'email,role\nann@example.com,Operator\n', 'c.yaml': bad };
    const { code, stdout, stderr } = await validate(files, '-o json');
    expect([code, JSON.parse(stdout)]).toMatchObject([
      2,
      [
        { file: 'a.yaml', valid: true, people: 2 },
        { file: 'b.csv', valid: true, people: 1 },
        { file: 'c.yaml', valid: false, people: null, problems: { length: 3 } },
      ],
    ]);
    expect(JSON.parse(stderr).error).toMatchObject({ code: 'invalid_file', exit_code: 2 });
  });

  test('lists the problems by line, found or not at the end of the file, and the error by its field', async () => {
    const { stdout } = await validate({ 'a.yaml': good, 'b.yaml': 'version: 1\npeeple: []\n' }, '-o json');
    expect(JSON.parse(stdout)[1].problems.map(({ line }: { line: number }) => line)).toEqual([1, 2]);
    const codes = await validate({ 'a.yaml': good, 'c.yaml': bad }, '-o csv --fields error.code');
    expect(codes.stdout).toBe('error.code\n""\ninvalid_file\n');
  });

  test('takes the flags that its hints name, as a plan does', async () => {
    const file = { 'people.csv': 'email,status,role\nann@example.com,?,Operator\n,,Operator\n' };
    const hints = async (flags: string) => (await validate(file, flags)).stderr.match(/(?<=hint: )--\S+/g);
    expect(await hints('--columns status=')).toEqual(['--skip-rows-without-email']);
    const others = '--columns status= --skip-rows-without-email --allowed-domains other.example';
    expect(await hints(others)).toEqual(['--allow-external']);
    expect((await validate(file, `${others} --allow-external`)).code).toBe(0);
  });

  test('does not know a role that only the organization may know', async () => {
    const file = { 'people.yaml': good.replace('MetricsViewer', 'EnvAdmin') };
    const stderr = expect.stringContaining('line 3: unknown role "EnvAdmin"; did you');
    expect(await validate(file)).toMatchObject({ code: 2, stderr });
    expect((await validate(file, '--allow-unknown-roles')).code).toBe(0);
  });

  test('takes the keys that editors need, and x- keys everywhere', async () => {
    const text = `# yaml-language-server: $schema=people.schema.json
$schema: ./people.schema.json
version: 1
x-owner: [a]
people:
  - email: ann@example.com
    x-cost: 7
    roles: [{ role: MetricsViewer, x-team: [1, 2], x-ticket: { id: 4711 } }]
`;
    expect((await validate({ 'people.yaml': text })).code).toBe(0);
    expect(isAdmitted(text)).toBe(true);
  });

  test('reads stdin', async () => {
    expect((await runCli('validate -', { stdin: good })).stdout).toContain('people: 2');
    expect((await runCli('validate missing.yaml')).code).toBe(2);
  });
});

test('the hook of pre-commit checks what is named like a file of people', async () => {
  const [hook] = parse(readFileSync(join(import.meta.dirname, '../../.pre-commit-hooks.yaml'), 'utf8'));
  expect(hook.entry).toBe('invite validate');
  const files = new RegExp(hook.files);
  expect(['people.yaml', 'org/people.csv', 'people/team.yml'].every((name) => files.test(name))).toBe(true);
  expect(['people.md', 'my-people.yaml', 'src/people.ts'].some((name) => files.test(name))).toBe(false);
});

test('the schema is printed for editors, as a text and as a document', async () => {
  const text = await runCli('help schema');
  const document = await runCli('help schema --json');
  expect(JSON.parse(text.stdout)).toMatchObject({ $schema: 'http://json-schema.org/draft-07/schema#' });
  expect(JSON.parse(document.stdout)).toEqual(JSON.parse(text.stdout));
});
