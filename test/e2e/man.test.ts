import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { runBuilt } from '../support/run-built.ts';

const root = join(import.meta.dirname, '..', '..');
const { man, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const page = join(root, man[0]);
let grammar: { commands: { name: string; options: { name: string }[] }[]; environment: { name: string }[] };

/** The page as a terminal shows it, without hyphens at the ends of lines. */
function shown(): string {
  const text = execFileSync('groff', ['-man', '-Tutf8', '-P-c', '-rHY=0', '-rLL=200n', page], { encoding: 'utf8' });
  return text.replaceAll(/.\x08/g, '').replaceAll(/\s+/g, ' ').replaceAll('‐', '-').replaceAll('−', '-');
}

const hasGroff = spawnSync('groff', ['--version']).status === 0;

beforeAll(async () => {
  grammar = JSON.parse((await runBuilt(['help', '--json'])).stdout);
});

test('groff reads the man page without a warning', ({ skip }) => {
  skip(!hasGroff, 'groff is not installed here');
  const { status, stderr } = spawnSync('groff', ['-man', '-Tutf8', '-ww', page], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
});

test('it names every command, option and variable', ({ skip }) => {
  skip(!hasGroff, 'groff is not installed here');
  const text = shown();
  expect(text).toContain(`invite ${version}`);
  const names = grammar.commands.flatMap(({ name, options }) => [`invite ${name} `, ...options.map((one) => one.name)]);
  const wanted = [...names, ...grammar.environment.map(({ name }) => name)];
  expect(wanted.length).toBeGreaterThan(100);
  expect(wanted.filter((word) => !text.includes(word))).toEqual([]);
});
