import type { Command } from 'commander';
import { beforeAll, describe, expect, test } from 'vitest';
import { exitCodes } from '../../src/errors.ts';
import { topics } from '../../src/help/layout.ts';
import { buildProgram } from '../../src/program.ts';
import { runCli } from '../support/run-cli.ts';

let program: Command;

beforeAll(async () => {
  program = await buildProgram(() => async () => {}, { write: () => {} });
});

function paths(command: Command, before: readonly string[] = []): string[][] {
  const children = command.commands.filter(({ parent, name }) => parent !== null && name.call(command) !== '');
  return [[...before], ...children.flatMap((child) => paths(child, [...before, child.name()]))];
}

/** Longer than a page is wide: only examples may be, for they are copied whole. */
function tooWide(text: string): string[] {
  const examples = /^ {2}invite .*$/;
  return text.split('\n').filter((line) => line.length > (examples.test(line) ? 90 : 80));
}

test('every help fits a page, and shows examples before anything longer', async () => {
  for (const path of paths(program)) {
    const { code, stdout, stderr } = await runCli([...path, '--help']);
    expect({ code, stderr, wide: tooWide(stdout) }, path.join(' ')).toEqual({ code: 0, stderr: '', wide: [] });
    expect(stdout).toContain(`Usage: ${['invite', ...path].join(' ')} `);
    const isGroup = stdout.includes('<command> [options]') && path.length > 0;
    const after = stdout.search(/^(?:Arguments|Options|Filters|Commands|Global options.*|Invitations):$/m);
    const example = stdout.indexOf('Examples:\n');
    expect(
      isGroup || path.at(-1) === 'complete' || (example > 0 && example < after),
      `the examples of ${path.join(' ')}`,
    ).toBe(true);
  }
});

test('invite alone shows what there is, and how to learn more', async () => {
  const { code, stdout, stderr } = await runCli([]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('create [email...]');
  expect(stdout).toContain('Topics (invite help <topic>):');
  expect(stdout).not.toContain('--retries');
});

test('options stand in groups, those of all commands by name only', async () => {
  const { stdout } = await runCli('delete --help');
  const groups = ['Examples:', 'Arguments:', 'Options:', 'Filters:', 'Global options (invite --help explains them):'];
  expect(stdout.match(/^\S.*:$/gm)).toEqual(groups);
});

describe('topics', () => {
  test.each(topics.map(({ name }) => name))('%s fits a page', async (name) => {
    const { code, stdout, stderr } = await runCli(['help', name]);
    // The schema is for programs.
    const wide = name === 'schema' ? [] : tooWide(stdout);
    expect({ code, stderr, wide }).toEqual({ code: 0, stderr: '', wide: [] });
    expect(stdout.endsWith('\n')).toBe(true);
    expect(stdout).not.toMatch(/undefined|[ \t]\n/);
  });

  test('are named at the end of the help of the program', async () => {
    const { stdout } = await runCli('--help');
    for (const { name, summary } of topics)
      expect(stdout.slice(stdout.indexOf('Topics'))).toMatch(new RegExp(`^  ${name} +${summary}$`, 'm'));
  });

  test('exit-codes holds every code and every kind of failure', async () => {
    const { stdout } = await runCli('help exit-codes');
    for (const [name, code] of Object.entries(exitCodes)) {
      expect(stdout.replace(/\n {2,}(?=\D)/g, ' ')).toMatch(new RegExp(`^  ${code} .*\\b${name}\\b`, 'm'));
    }
  });
});

const shells = 'bash, zsh, fish, powershell';
test.each<readonly [line: string, message: string, hint: string]>([
  ['help enviroment', 'no help for "enviroment"', 'invite help environment'],
  ['help auth lgin', 'no help for "auth lgin"', 'invite help auth login'],
  ['help qwertyuiop', 'no help for "qwertyuiop"', 'invite --help lists them'],
  ['auth lgin', 'unknown command "lgin"', 'did you mean "login"?'],
  ['-p sandbx list', 'there is no profile "sandbx"', 'did you mean "sandbox"?'],
  ['completion fisch', `invalid argument "fisch" for "<shell>": valid values are ${shells}`, 'did you mean "fish"?'],
])('%s', async (line, message, hint) => {
  const { code, stdout, stderr } = await runCli(line);
  expect([code, stdout]).toEqual([message.includes('profile') ? 6 : 2, '']);
  expect(stderr.split('\n').slice(0, 2)).toEqual([`error: ${message}`, `hint: ${hint}`]);
});
