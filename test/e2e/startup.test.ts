// What a start loads is what it costs. A new version of a package, or an import in the wrong place, shows here.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runBuilt } from '../support/run-built.ts';
import { temporaryFolder } from '../support/run-cli.ts';
import { serveTestSandbox } from '../support/served-sandbox.ts';

const root = join(import.meta.dirname, '../..');
const folder = temporaryFolder();

const isOld = Number.parseInt(process.versions.node, 10) < 22;

interface Loaded {
  readonly builtIns: readonly string[];
  readonly files: readonly string[];
}

async function loadedBy(args: readonly string[], api?: string): Promise<Loaded> {
  const file = join(folder, 'loaded.json');
  // Without the cache Node loads every file itself, so that it can tell which.
  const env = {
    NODE_OPTIONS: `--require=${join(root, 'test/support/loaded.cjs')}`,
    LOADED: file,
    NODE_DISABLE_COMPILE_CACHE: '1',
  };
  const { code, stderr } = await runBuilt(args, { env, ...(api === undefined ? {} : { endpoint: api }) });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** Streams and what they need: no output comes without them. */
const ofOutput = /^(internal\/|stream|string_decoder$|net$|tty$|stream\/promises$|diagnostics_channel$)/;

function beyondOutput({ builtIns }: Loaded): string[] {
  return builtIns.filter((name) => !ofOutput.test(name)).sort();
}

describe('a start loads no more than it must', () => {
  test('--version: the entry alone', async () => {
    const loaded = await loadedBy(['--version']);
    expect(loaded.files).toEqual(['invite.js', 'package.json']);
    expect(beyondOutput(loaded)).toEqual([]);
  });

  test('--help: one file of the program, and no child_process for the sake of Commander', async () => {
    const loaded = await loadedBy(['--help']);
    expect(loaded.files).toEqual(['invite.js', 'main.cjs', 'rolldown-runtime.cjs']);
    expect(beyondOutput(loaded)).toEqual(['os', 'process']);
  });

  test('a list: few files, and neither HTTP/2 nor Node’s own client for the sake of undici', async () => {
    const { endpoint, close } = await serveTestSandbox();
    onTestFinished(close);
    const loaded = await loadedBy(['list', '-o', 'ndjson'], endpoint);
    expect(loaded.files.length).toBeLessThanOrEqual(10);
    expect(loaded.files).toEqual(expect.arrayContaining(['core.cjs', 'network.cjs']));
    expect(beyondOutput(loaded)).toEqual(['os', 'process', ...(isOld ? ['v8'] : []), 'zlib']);
  });
});

describe('the bundle', () => {
  const dist = join(root, 'dist');

  test('names the place in the source in the stack trace of --debug', async () => {
    const env = { CONFLUENT_CLOUD_API_KEY: undefined, CONFLUENT_CLOUD_API_SECRET: undefined };
    const { stderr } = await runBuilt(['list', '--debug'], { env });
    expect(stderr).toMatch(/src\/profiles\/resolve\.ts:\d+:\d+/);
  });

  test('says which licences its packages have', () => {
    const text = readFileSync(join(dist, 'THIRD-PARTY-LICENSES.txt'), 'utf8');
    const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const bundled = 'commander undici inquirer conf yaml cli-table3 csv-parse csv-stringify leven chalk';
    expect(bundled.split(' ').filter((name) => !text.includes(`${name} ${devDependencies[name]}`))).toEqual([]);
  });
});
