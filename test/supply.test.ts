import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const text = (path: string) => readFileSync(join(root, path), 'utf8');
const json = (path: string) => JSON.parse(text(path));

interface Locked {
  readonly version: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
}

const manifest = json('package.json');
const locked: Record<string, Locked> = json('package-lock.json').packages;

describe('what is installed is what was looked at', () => {
  test('every version is exact, and the lock file has the same', () => {
    for (const [name, version] of Object.entries<string>(manifest.devDependencies)) {
      expect(version, name).toMatch(/^\d+\.\d+\.\d+(?:-[\w.]+)?$/);
      expect(locked[`node_modules/${name}`]?.version, name).toBe(version);
    }
  });

  test('every package in the lock file has its checksum, and none runs anything when it is installed', () => {
    const packages = Object.entries(locked).filter(([path]) => path !== '');
    expect(packages.length).toBeGreaterThan(50);
    for (const [path, { integrity, hasInstallScript }] of packages) {
      expect(integrity, path).toMatch(/^sha512-/);
      expect(hasInstallScript, path).toBeUndefined();
    }
  });

  test('npm is told so, and a machine installs by the lock file', () => {
    const settings = text('.npmrc').split('\n');
    expect(settings).toEqual(expect.arrayContaining(['save-exact=true', 'ignore-scripts=true', 'min-release-age=7']));
    expect(text('.ci/run')).toContain('npm ci');
  });
});

describe('what is published', () => {
  test('brings its dependencies with it, and runs nothing when it is installed', () => {
    for (const name of ['dependencies', 'optionalDependencies', 'peerDependencies', 'bundleDependencies']) {
      expect(manifest[name], name).toBeUndefined();
    }
    expect(Object.keys(manifest.scripts).filter((name) => /install|prepare/.test(name))).toEqual([]);
  });

  test('runs no text as code and no shell, and calls nobody but the API', () => {
    for (const path of filesIn('src')) {
      const code = text(path).replace(/^\s*(?:\/\/|\*).*$/gm, '');
      expect(code, path).not.toMatch(
        /\beval\(|new Function\b|\bshell: (?:true|[`"'])|(?<!\.)\bexec(?:Sync)?\(|node:vm\b|node:dgram/,
      );
    }
    const speakers = filesIn('src').filter((path) => /['"]node:https?['"]/.test(text(path)));
    expect(speakers).toEqual(['src/sandbox/server.ts']);
    // The texts of help name issuers of tokens, and the sandbox plays one of them.
    const callers = filesIn('src').filter((path) => !/^src\/(?:help|sandbox)\//.test(path));
    const origins = callers.flatMap((path) => [...text(path).matchAll(/https:\/\/[\w.-]+/g)].map(([origin]) => origin));
    expect([...new Set(origins)].filter((origin) => !/confluent\.(?:cloud|io)$|example/.test(origin))).toEqual([]);
  });
});

describe('undici', () => {
  test('is of a version without the known holes, and its repeating and redirecting layers are not used', () => {
    const [major = 0, minor = 0, patch = 0] = manifest.devDependencies.undici.split('.').map(Number);
    expect(major).toBe(7);
    expect(minor * 1000 + patch).toBeGreaterThanOrEqual(30_002);
    const uses = filesIn('src').flatMap((path) =>
      [...text(path).matchAll(/['"](undici[^'"]*)['"]/g)].map(([, name]) => name),
    );
    expect(uses).toContain('undici/lib/dispatcher/pool.js');
    expect(uses.filter((name) => /retry|redirect|decompress|cache|fetch|interceptor/i.test(name ?? ''))).toEqual([]);
  });
});

describe('old Node', () => {
  test('what is promised is what undici needs, and no package needs more', () => {
    expect(manifest.engines.node).toBe('>=20.18.1');
    expect(json('node_modules/undici/package.json').engines.node).toBe(manifest.engines.node);
    for (const name of Object.keys(manifest.devDependencies).filter((name) => !name.startsWith('@types/'))) {
      const { engines } = json(`node_modules/${name}/package.json`);
      expect(majors(engines?.node ?? '*'), name).toBeLessThanOrEqual(20);
    }
  });

  test.each([
    ['18.20.4', false],
    ['20.9.0', false],
    ['20.18.0', false],
    ['20.18.1', true],
    ['24.1.0', true],
  ])('%s is taken: %s', async (version, taken) => {
    const program = join(root, 'bin', 'invite.js');
    const script = `Object.defineProperty(process.versions, 'node', { value: '${version}' });
      process.argv = ['node', 'invite', '--version']; require(${JSON.stringify(program)});`;
    const ended = await run(process.execPath, ['-e', script]).catch((error: { code: number; stderr: string }) => error);
    if (taken) expect(ended).toMatchObject({ stdout: `${manifest.version}\n`, stderr: '' });
    else
      expect(ended).toMatchObject({
        code: 1,
        stderr: `error: invite needs Node.js 20.18.1 or newer, this is ${version}\n`,
      });
  });
});

/** The lowest major version that a range of Node's asks for. */
function majors(range: string): number {
  return Math.min(...range.split('||').map((part) => Number(/\d+/.exec(part)?.[0] ?? 0)));
}

test('no file holds anything that looks like a real secret', () => {
  const secrets = [
    /cflt[\w+/]{40,}/,
    /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/,
    /\b(?:gh[pousr]_|github_pat_|npm_|xox[bp]-|sk-)[\w-]{30,}/,
    /-----BEGIN (?:\w+ )?PRIVATE KEY-----\s+[\w+/]{20,}/,
    /\bey[\w-]{20,}\.ey[\w-]{20,}\./,
  ];
  for (const path of filesIn('.').filter((path) => path !== 'package-lock.json')) {
    for (const secret of secrets) expect(text(path).match(secret)?.[0], path).toBeUndefined();
  }
});

/** All files below a folder that belong to the project. */
function filesIn(folder: string): string[] {
  const passed = /(?:^|\/)(?:node_modules|dist|binary|coverage|\.git|\.dist-\w+)(?:\/|$)/;
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => !passed.test(path));
}
