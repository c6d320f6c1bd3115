import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { buildProgram } from '../src/program.ts';
import { runInPty, visible } from './support/pty.ts';
import { temporaryFolder } from './support/run-cli.ts';
import { serveTestSandbox } from './support/served-sandbox.ts';

const root = join(import.meta.dirname, '..');
const secret = 'cflt-docs-not-a-secret';

interface Example {
  readonly line: string;
  readonly shown: string;
}

const readme = 'README.md';
const skill = '.github/skills/invite/SKILL.md';
const textOf = (page: string) => readFileSync(join(root, page), 'utf8');

/** Every `$ …` line of the console blocks, with the lines that are said to come of it. */
function examplesOf(page: string): Example[] {
  const blocks = [...textOf(page).matchAll(/^```console\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
  return blocks
    .flatMap((block) => block.split(/^\$ /m).slice(1))
    .map((part) => {
      const [line = '', ...shown] = part.split('\n');
      return { line, shown: shown.join('\n') };
    });
}

/** Shows what came of each example instead of what was shown. */
function update(page: string, came: readonly string[]): void {
  let done = '';
  let left = textOf(page);
  for (const [index, { line, shown }] of examplesOf(page).entries()) {
    const example = `$ ${line}\n${shown}`;
    const at = left.indexOf(example);
    done += `${left.slice(0, at)}$ ${line}\n${came[index] ?? ''}`;
    left = left.slice(at + example.length);
  }
  writeFileSync(join(root, page), done + left);
}

/** Where a page is typed: a home of its own with the files that it shows by `cat`, an API, the command on the path. */
async function place(page: string) {
  const folder = temporaryFolder();
  const server = await serveTestSandbox({ credentials: { api_key: 'ABCDEFGH12345678', api_secret: secret } });
  onTestFinished(() => server.close());
  mkdirSync(join(folder, 'bin'));
  symlinkSync(join(root, 'bin', 'invite.js'), join(folder, 'bin', 'invite'));
  writeFileSync(join(folder, 'secret.txt'), `${secret}\n`, { mode: 0o600 });
  for (const { line, shown } of examplesOf(page)) {
    const [, name] = /^cat ([\w.]+)$/.exec(line) ?? [];
    if (name !== undefined) writeFileSync(join(folder, name), shown);
  }
  return { folder, endpoint: server.endpoint };
}

/** What comes of each line, typed one after the other at a terminal. */
async function typed(page: string, lines: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const { folder, endpoint } = await place(page);
  const env = {
    PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
    HOME: folder,
    INVITE_CONFIG_DIR: join(folder, 'config'),
    INVITE_STATE_DIR: join(folder, 'state'),
    CONFLUENT_CLOUD_ENDPOINT: endpoint,
    ...more,
  };
  writeFileSync(join(folder, 'rc'), 'PROMPT_COMMAND=\'n=$((n + 1)); PS1="@@$n@@"\'\nset -o pipefail\n');
  const steps = [...lines, 'exit'].map((line, index) => ({ expect: `@@${index + 1}@@`, send: `${line}\r` }));
  const shell = ['bash', '--noprofile', '--noediting', '--rcfile', 'rc', '-i'];
  const { drawn, left } = await runInPty(shell, steps, { env, cwd: folder, columns: 96, limit: 170_000 });
  expect(left, 'lines that were never reached').toBe(0);
  return drawn
    .split(/@@\d+@@/)
    .slice(1, -1)
    .map((part) => shownOf(part.slice(part.indexOf('\n') + 1), folder, endpoint));
}

/** What a person would read of what was drawn, with the names of the real API and no folder of this machine. */
function shownOf(drawn: string, folder: string, endpoint: string): string {
  // A line that was drawn and erased again is not there any more.
  const left = drawn.replace(/[^\n]*\r\x1b\[K/g, '');
  const text = visible(left).replaceAll(endpoint, 'https://api.confluent.cloud').replaceAll(folder, '~');
  return text.replaceAll(endpoint.replace('http://', ''), 'api.confluent.cloud').replace(/\r/g, '');
}

function alike(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\d(?:T[\d:.]+Z)?/g, 'TIME')
    .replace(/(?<= )(?:in )?\d+ (?:seconds?|minutes?|hours?|days?|ms)(?: ago)?\b|just now/g, 'SPAN')
    .replace(/(Node\.js +)[\d.]+/, '$1VERSION')
    .replace(/\b(?:plan|fingerprint) [0-9a-f]{8}\b/g, 'plan HASH')
    .replace(/ +(?=[│\n])/g, ' ')
    .replace(/─+/g, '─')
    .replace(/"request_id":"[^"]*"/g, '"request_id":"…"')
    .trimEnd();
}

test.each([
  [readme, 15],
  [skill, 5],
])('every example of %s does what it shows', { timeout: 180_000 }, async (page, least) => {
  const examples = examplesOf(page);
  const lines = examples.map(({ line }) => line);
  const came = await typed(page, lines);
  if (process.env.UPDATE) return update(page, came);
  expect(examples.length).toBeGreaterThan(least);
  for (const [index, { line, shown }] of examples.entries())
    expect(`$ ${line}\n${alike(came[index] ?? '')}`).toBe(`$ ${line}\n${alike(shown)}`);
});

test.each([...textOf(readme).matchAll(/^```yaml\n(name: [\s\S]*?)^```$/gm)].map(([, text = '']) => text))(
  'the commands of a workflow run',
  { timeout: 60_000 },
  async (text) => {
    const jobs = Object.values<{ steps: { run?: string }[] }>(parse(text).jobs);
    const lines = jobs.flatMap(({ steps }) => steps.flatMap(({ run = '' }) => run.trim() || []));
    const ours = lines.filter((line) => line.startsWith('invite '));
    expect(ours.length).toBeGreaterThan(0);
    const env = { CONFLUENT_CLOUD_API_KEY: 'ABCDEFGH12345678', CONFLUENT_CLOUD_API_SECRET: secret, CI: 'true' };
    const logged = ours.map((line) => `${line} >> log; echo "ended with $?"`);
    for (const [index, said] of (await typed(readme, logged, env)).entries())
      expect(said, ours[index]).toMatch(/ended with 0\n$/);
  },
);

test('the README is read in one go', () => {
  expect(textOf(readme).split('\n').length).toBeLessThanOrEqual(250);
});

describe('nothing is left out', async () => {
  const program = await buildProgram(() => async () => {}, { write: () => {} });
  test.each(program.commands.filter((command) => command.name() !== 'help').map((command) => command.name()))(
    'invite %s',
    (name) => {
      expect(textOf(readme)).toContain(`invite ${name}`);
    },
  );

  test('the two lines with which a stranger starts', () => {
    expect(textOf(readme)).toContain('npm ci && npm run demo');
    expect(textOf(readme)).toContain('npm ci && npm test');
  });
});
