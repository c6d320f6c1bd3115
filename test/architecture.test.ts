import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { functionLengths } from './support/functions.ts';
import { breaches, floors, type Source } from './support/house.ts';

const root = join(import.meta.dirname, '..');

function sources(folder: string): Source[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(relative(root, entry.parentPath), entry.name))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

test('the house keeps its rules', () => {
  expect(sources('src').flatMap(breaches)).toEqual([]);
});

test('functions are short', () => {
  const all = sources('src');
  const lengths = all.flatMap(functionLengths).sort((a, b) => a.lines - b.lines);
  const at = (share: number) => lengths[Math.floor(lengths.length * share)]?.lines ?? 0;
  expect(lengths.filter(({ lines }) => lines > 60)).toEqual([]);
  expect(at(0.5)).toBeLessThanOrEqual(10);
  expect(at(0.95)).toBeLessThanOrEqual(30);
});

test('CONTRIBUTING.md shows the floors', () => {
  const shown = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8').matchAll(/^\| (\d+) \| (`.*?`) \|/gm);
  const rooms = [...shown].flatMap(([, floor, names = '']) =>
    [...names.matchAll(/`([\w-]+)/g)].map(([, room]) => `${floor} ${room}`),
  );
  const held = floors.flatMap((names, floor) => names.map((room) => `${floor + 1} ${room}`));
  expect([...new Set(rooms)].sort()).toEqual(held.sort());
});

test('a function of 51 lines is seen', () => {
  const text = `function long() {\n${'  work();\n'.repeat(49)}}\nconst short = () => 1;\n`;
  expect(functionLengths({ path: 'src/long.ts', text })).toEqual([{ where: 'src/long.ts:1', lines: 51 }]);
});

test('nothing lies at the top level that the plan does not name', () => {
  const named = [
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    'LICENSE',
    'README.md',
    'bin',
    'completions',
    'package-lock.json',
    'package.json',
    'src',
    'test',
    'tsconfig.json',
  ];
  const ignored = ['node_modules', 'dist', 'binary', 'coverage'];
  const found = readdirSync(root).filter(
    (name) => !name.startsWith('.') && !ignored.includes(name) && !name.endsWith('.tgz'),
  );
  expect(found.filter((name) => !named.includes(name))).toEqual([]);
});

describe('each guard sees a planted breach', () => {
  const planted: readonly (readonly [path: string, text: string, rule: string])[] = [
    ['src/http/pages.ts', "import { client } from '../api/client.ts';", 'upward'],
    ['src/http/pages.ts', "import '../api/client.ts';", 'upward'],
    ['src/http/pages.ts', "const later = () => import('../api/client.ts');", 'upward'],
    ['src/http/pages.ts', "export { x } from '../cli/context.ts';", 'upward'],
    ['src/http/pages.ts', "import { clean } from '../output/style.ts';", 'neighbour'],
    ['src/api/users.ts', "import { createStore } from '../profiles/store.ts';", 'neighbour'],
    ['src/sandbox/api.ts', "import type { Send } from '../http/send.ts';", 'neighbour'],
    ['src/sandbox/api.ts', "import { Invitation } from '../api/invitation.ts';", 'upward'],
    ['src/membership/observe.ts', "import { sandboxKey } from '../sandbox/state.ts';", 'mock'],
    ['src/commands/list.ts', "const x = await import('../sandbox/sandbox.ts');", 'mock'],
    ['src/commands/list.ts', "import { Pool } from 'undici';", 'home'],
    ['src/commands/list.ts', "import 'inquirer';", 'home'],
    ['src/commands/list.ts', "const x = await import('chalk');", 'home'],
    ['src/commands/list.ts', "import pool from 'undici/lib/dispatcher/pool.js';", 'home'],
    ['src/commands/list.ts', 'process.exit(1);', 'world'],
    ['src/commands/list.ts', 'console.log(1);', 'world'],
    ['src/commands/list.ts', 'const now = Date.now();', 'world'],
    ['src/commands/list.ts', 'const now = new Date();', 'world'],
    ['src/commands/list.ts', 'const chance = Math.random();', 'world'],
    ['src/commands/list.ts', 'const answer = await fetch(url);', 'world'],
    ['src/commands/list.ts', "import { env } from 'node:process';", 'world'],
    ['src/commands/list.ts', 'setTimeout(act, 5);', 'world'],
    ['src/commands/list.ts', "import { existsSync, writeFileSync } from 'node:fs';", 'writer'],
    ['src/commands/list.ts', "import * as fs from 'node:fs';", 'writer'],
    ['src/commands/list.ts', "import { open } from 'node:fs/promises';", 'writer'],
    ['src/commands/list.ts', 'const x: any = 1;', 'any'],
    ['src/commands/list.ts', 'const x = { ...{ a: 1, b: 2 }, c: 3 };', 'packed'],
  ];

  test.each(planted)('%s: %s', (path, text, rule) => {
    expect(breaches({ path, text }).map((breach) => breach.rule)).toEqual([rule]);
  });

  test('and none where there is none', () => {
    const text = "// process.exit is not for us\nimport { CliError } from '../errors.ts';\nconst word = 'console.log';";
    expect(breaches({ path: 'src/http/pages.ts', text })).toEqual([]);
  });
});
