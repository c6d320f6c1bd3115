import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { exitCodes } from '../src/errors.ts';
import { buildProgram } from '../src/program.ts';
import { runInPty, visible } from './support/pty.ts';
import { temporaryFolder } from './support/run-cli.ts';
import { type ServedSandbox, serveSandboxFor } from './support/served-sandbox.ts';

const path = join(import.meta.dirname, '..', 'README.md');
const readme = readFileSync(path, 'utf8');
const secret = 'cflt-docs-not-a-secret';
const folder = temporaryFolder();
let server: ServedSandbox;

beforeAll(async () => {
  server = await serveSandboxFor({ api_key: 'ABCDEFGH12345678', api_secret: secret });
  mkdirSync(join(folder, 'bin'));
  symlinkSync(join(import.meta.dirname, '..', 'bin', 'invite.js'), join(folder, 'bin', 'invite'));
  writeFileSync(join(folder, 'secret.txt'), `${secret}\n`, { mode: 0o600 });
  for (const [name, text] of files()) writeFileSync(join(folder, name), text);
});

afterAll(() => server.close());

/** The files that the README shows with `cat`, so that its other lines can use them. */
function files(): [string, string][] {
  return examples().flatMap(({ line, shown }) => {
    const [, name] = /^cat ([\w.]+)$/.exec(line) ?? [];
    return name === undefined ? [] : [[name, shown]];
  });
}

interface Example {
  readonly line: string;
  readonly shown: string;
}

/** Every `$ …` line of the README's console blocks, with the lines that are said to come of it. */
function examples(): Example[] {
  return [...readme.matchAll(/^```console\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((part) => {
        const [line = '', ...shown] = part.split('\n');
        return { line, shown: shown.join('\n') };
      }),
  );
}

/** What a shell keeps from one line to the next. */
const isKept = (line: string) => /^(?:export|unset|set) /.test(line);

/** What comes of a line at a terminal, after the lines that set something in the shell. */
async function run(line: string, before: readonly string[] = []): Promise<string> {
  const env = {
    PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
    HOME: folder,
    INVITE_CONFIG_DIR: join(folder, 'config'),
    INVITE_STATE_DIR: join(folder, 'state'),
    CONFLUENT_CLOUD_ENDPOINT: server.endpoint,
  };
  const script = [...before, line].join('\n');
  const { drawn } = await runInPty(['bash', '-c', script], [], { env, cwd: folder, columns: 96, limit: 30_000 });
  // A line that was drawn and erased again is not there any more.
  const left = drawn.replace(/[^\n]*\r\x1b\[K/g, '');
  const text = visible(left).replaceAll(server.endpoint, 'https://api.confluent.cloud').replaceAll(folder, '~');
  return text.replaceAll(server.endpoint.replace('http://', ''), 'api.confluent.cloud').replace(/\r/g, '');
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

test('every example does what the README shows', { timeout: 180_000 }, async () => {
  const ran: (Example & { came: string })[] = [];
  const kept: string[] = [];
  for (const example of examples()) {
    ran.push({ ...example, came: await run(example.line, kept) });
    if (isKept(example.line)) kept.push(example.line);
  }
  if (process.env.UPDATE) {
    let text = readme;
    for (const { line, shown, came } of ran) text = text.replace(`$ ${line}\n${shown}`, () => `$ ${line}\n${came}`);
    writeFileSync(path, text);
    return;
  }
  expect(ran.length).toBeGreaterThan(15);
  for (const { line, shown, came } of ran) expect(`$ ${line}\n${alike(came)}`).toBe(`$ ${line}\n${alike(shown)}`);
});

test.each([...readme.matchAll(/^```yaml\n(name: [\s\S]*?)^```$/gm)].map(([, text = '']) => text))(
  'the commands of a workflow run',
  { timeout: 60_000 },
  async (text) => {
    const steps: { run?: string }[] = Object.values<{ steps: { run?: string }[] }>(parse(text).jobs).flatMap(
      ({ steps }) => steps,
    );
    const lines = steps.flatMap(({ run: line = '' }) => (line.startsWith('invite ') ? [line.trim()] : []));
    expect(lines.length).toBeGreaterThan(0);
    const env = { CONFLUENT_CLOUD_API_KEY: 'ABCDEFGH12345678', CONFLUENT_CLOUD_API_SECRET: secret, CI: 'true' };
    const exports = Object.entries(env).map(([name, value]) => `export ${name}=${value}`);
    for (const line of lines) {
      const came = await run(`set -o pipefail; ${line} >> log; echo "ended with $?"`, exports);
      expect(came, line).toMatch(/ended with 0\n$/);
    }
  },
);

describe('nothing is left out', async () => {
  const program = await buildProgram(() => async () => {}, { write: () => {} });
  test.each(program.commands.filter((command) => command.name() !== 'help').map((command) => command.name()))(
    'invite %s',
    (name) => {
      expect(readme).toContain(`invite ${name}`);
    },
  );

  test.each(Object.entries(exitCodes))('the failure %s ends with %i', (code, exit) => {
    expect(readme).toMatch(new RegExp(`^\\| ${exit} \\|.*\`${code}\``, 'm'));
  });

  test('the two lines with which a stranger starts', () => {
    expect(readme).toContain('npm ci && npm run demo');
    expect(readme).toContain('npm ci && npm test');
  });
});
