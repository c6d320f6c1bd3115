import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { exitCodes } from '../src/errors.ts';
import { buildProgram } from '../src/program.ts';
import { temporaryFolder } from './support/run-cli.ts';
import { type ServedSandbox, serveSandboxFor } from './support/served-sandbox.ts';

const path = join(import.meta.dirname, '..', 'README.md');
const readme = readFileSync(path, 'utf8');
const secret = 'cflt-docs-not-a-secret';
const folder = temporaryFolder();
let server: ServedSandbox;

const people = `name,email,role,scope
Dan,dan@example.com,EnvironmentAdmin,env-abc
Eve,eve@example.com,DeveloperRead,env-abc
`;

beforeAll(async () => {
  server = await serveSandboxFor({ api_key: 'ABCDEFGH12345678', api_secret: secret });
  mkdirSync(join(folder, 'bin'));
  symlinkSync(join(import.meta.dirname, '..', 'bin', 'invite.js'), join(folder, 'bin', 'invite'));
  writeFileSync(join(folder, 'people.csv'), people);
  writeFileSync(join(folder, 'secret.txt'), `${secret}\n`, { mode: 0o600 });
});

afterAll(() => server.close());

interface Example {
  readonly setting: string;
  readonly line: string;
  readonly shown: string;
}

/** Every `$ …` line of the README's console blocks, with the lines that are said to come of it. */
function examples(): Example[] {
  return [...readme.matchAll(/^```console ?(\w*)\n([\s\S]*?)^```$/gm)].flatMap(([, setting = '', block = '']) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((part) => {
        const [line = '', ...shown] = part.split('\n');
        return { setting, line, shown: shown.join('\n') };
      }),
  );
}

/** What comes of a line in a shell, as it would look in a terminal; times and addresses that differ each run made alike. */
function run({ setting, line }: Example): Promise<string> {
  const env = {
    PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
    HOME: folder,
    INVITE_CONFIG_DIR: join(folder, 'config'),
    INVITE_STATE_DIR: join(folder, 'state'),
    ...(setting === 'account' ? { CONFLUENT_CLOUD_ENDPOINT: server.endpoint } : { INVITE_PROFILE: 'sandbox' }),
  };
  return new Promise((resolve) => {
    execFile('bash', ['-c', `{ ${line}; } 2>&1 </dev/null`], { cwd: folder, env }, (_error, stdout) => {
      const text = stdout.replaceAll(server.endpoint, 'https://api.confluent.cloud').replaceAll(folder, '~');
      resolve(text.replace(/\r/g, ''));
    });
  });
}

function alike(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/ +\d+ (?:seconds?|minutes?|ms)\b/g, ' SPAN')
    .replace(/(Node\.js +pass +)[\d.]+/, '$1VERSION')
    .replace(/"request_id":"[^"]*"/g, '"request_id":"…"')
    .trimEnd();
}

test('every example does what the README shows', { timeout: 300_000 }, async () => {
  const ran: (Example & { came: string })[] = [];
  for (const example of examples()) ran.push({ ...example, came: await run(example) });
  if (process.env.UPDATE) {
    let text = readme;
    for (const { line, shown, came } of ran) text = text.replace(`$ ${line}\n${shown}`, () => `$ ${line}\n${came}`);
    writeFileSync(path, text);
    return;
  }
  expect(ran.length).toBeGreaterThan(15);
  for (const { line, shown, came } of ran) expect(`$ ${line}\n${alike(came)}`).toBe(`$ ${line}\n${alike(shown)}`);
});

test('the workflow is one, and its commands run', { timeout: 60_000 }, async () => {
  const [, text = ''] = /^```yaml\n([\s\S]*?)^```$/m.exec(readme) ?? [];
  const workflow = parse(text);
  const lines: string[] = workflow.jobs.invite.steps.flatMap(({ run = '' }) =>
    run.startsWith('invite ') ? [run] : [],
  );
  expect(lines).toHaveLength(3);
  const env = { CONFLUENT_CLOUD_API_KEY: 'ABCDEFGH12345678', CONFLUENT_CLOUD_API_SECRET: secret, CI: 'true' };
  const exports = Object.entries(env).map(([name, value]) => `export ${name}=${value}; `);
  for (const line of lines) {
    const came = await run({
      setting: 'account',
      line: `${exports.join('')}set -o pipefail; ${line} >> log; echo "ended with $?"`,
      shown: '',
    });
    expect(came).toMatch(/ended with 0\n$/);
  }
});

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
