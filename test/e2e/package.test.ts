// The package as its users get it: packed from a clean checkout, installed into an empty place without any dependency,
// with scripts off, and run.
import { execFile, execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkout } from '../support/checkout.ts';
import { temporaryFolder } from '../support/run-cli.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const folder = temporaryFolder();
const place = checkout();
const killed = '.dist-killed';
const young = '.dist-young';

let unbuilt: unknown;
let built: unknown;
let tarball: string;
let packed: readonly string[];

beforeAll(async () => {
  unbuilt = await run(process.execPath, [join(place, 'bin', 'invite.js'), '--help']).catch((error) => error);
  for (const name of [killed, young]) mkdirSync(join(place, name));
  const hourAgo = Date.now() / 1000 - 3600;
  utimesSync(join(place, killed), hourAgo, hourAgo);
  const words = ['run', '--silent', 'package', '--', '--json', '--pack-destination', folder];
  // Two builds at once: packing begins with one.
  const [other, { stdout }] = await Promise.all([build(), run('npm', words, { cwd: place })]);
  built = other;
  const [{ filename, files }] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
  packed = files.map(({ path }) => path);
  tarball = join(folder, filename);
  await install(process.execPath, folder);
}, 120_000);

function build() {
  return run(process.execPath, [join(place, '.build', 'build.js')]);
}

describe('a fresh checkout', () => {
  test('says what to type', () => {
    const stderr = 'error: invite is not built yet: type "npm run build"\n';
    expect(unbuilt).toMatchObject({ code: 1, stdout: '', stderr });
  });

  test('is built without a word, and several builds at once do not get into each other’s way', () => {
    expect(built).toEqual({ stdout: '', stderr: '' });
    // What a killed build left is swept up, but not what a build of this minute makes.
    expect(readdirSync(place).filter((name) => name.startsWith('.dist-'))).toEqual([young]);
    expect(statSync(join(place, 'dist')).mode & 0o777).toBe(0o755);
  });

  test.each([
    [/undiciVersion = '.*'/, "undiciVersion = '7.0.0'", /undici is 7\.\d+\.\d+: see/],
    [/'\.\/client-h2\.js'/, "'./client-h3.js'", /nothing asks any more for \.\/client-h3\.js/],
  ])('is not built with another undici, whose parts may be others: %s', async (part, other, stderr) => {
    const recipe = join(place, '.build', 'lean.js');
    const text = readFileSync(recipe, 'utf8');
    writeFileSync(recipe, text.replace(part, other));
    await expect(build()).rejects.toMatchObject({ stderr: expect.stringMatching(stderr) });
    writeFileSync(recipe, text);
  });
});

/** Installs the package as `npm install --global` does under that Node; the path of its program. */
async function install(node: string, prefix: string): Promise<string> {
  const words = ['install', '--global', '--offline', '--no-audit', '--ignore-scripts', '--prefix', prefix, tarball];
  await run('npm', words, { cwd: folder, env: { ...process.env, PATH: `${dirname(node)}:${process.env.PATH}` } });
  return join(prefix, 'lib', 'node_modules', 'confluent-invite', 'bin', 'invite.js');
}

test('the package is the program, its completions and what the law wants, nothing else', () => {
  const built = /^dist\/(?:[\w-]+\.cjs|THIRD-PARTY-LICENSES\.txt)$/;
  expect(packed.filter((path) => !built.test(path)).sort()).toEqual([
    'LICENSE',
    'README.md',
    'bin/invite.js',
    'bin/package.json',
    'completions/_invite',
    'completions/invite.bash',
    'completions/invite.fish',
    'completions/invite.ps1',
    'dist/invite.1',
    'package.json',
  ]);
  expect(packed).toEqual(expect.arrayContaining(['dist/main.cjs', 'dist/THIRD-PARTY-LICENSES.txt']));
});

test('the install is one package, the command and its manual page', ({ skip }) => {
  const modules = join(folder, 'lib', 'node_modules');
  expect(readdirSync(modules)).toEqual(['confluent-invite']);
  expect(existsSync(join(modules, 'confluent-invite', 'node_modules'))).toBe(false);
  expect(readdirSync(join(folder, 'bin'))).toEqual(['invite']);
  const page = join(folder, 'share', 'man', 'man1', 'invite.1');
  expect(readFileSync(page, 'utf8')).toContain('.TH INVITE 1');
  skip(!existsSync('/usr/bin/man'), 'man is not installed here');
  const env = { PATH: process.env.PATH, MANPATH: join(folder, 'share', 'man') };
  expect(execFileSync('man', ['-w', 'invite'], { env, encoding: 'utf8' })).toBe(`${realpathSync(page)}\n`);
});

/** One line for that Node, with nothing in the environment but what a machine of its own has. */
async function typed(node: string, words: readonly string[]): Promise<string> {
  const home = join(folder, 'home');
  mkdirSync(home, { recursive: true });
  const env = { PATH: process.env.PATH, HOME: home, INVITE_STATE_DIR: join(home, node.replaceAll('/', '_')) };
  const { stdout, stderr } = await run(node, words, { env, cwd: home });
  expect(stderr).not.toMatch(/warning|error/i);
  return stdout;
}

/** The demo, and every part that is loaded late. */
async function smoke(node: string, program: string): Promise<void> {
  const invite = (...words: readonly string[]) => typed(node, [program, ...words]);
  expect(await invite('--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(await invite('--help')).toContain('Usage: invite <command> [options]');
  expect(await typed(node, [join(root, 'test', 'demo.js'), program])).toContain('That was the sandbox.');
  const made = JSON.parse(await invite('-p', 'sandbox', 'create', 'ann@example.com', '--json'));
  expect(made).toMatchObject({ email: 'ann@example.com', outcome: 'created' });
  for (const format of ['table', 'csv', 'yaml'])
    expect(await invite('-p', 'sandbox', 'list', '-o', format)).toContain('ann@example.com');
  expect(await invite('completion', 'bash')).toContain('invite');
}

const program = join(folder, 'lib', 'node_modules', 'confluent-invite', 'bin', 'invite.js');

test('it runs on this machine’s Node', { timeout: 120_000 }, () => smoke(process.execPath, program));

test('a package without the program says so, and how to pack it', async () => {
  const place = join(folder, 'without');
  cpSync(join(dirname(program), '..'), place, { recursive: true, filter: (path) => !path.endsWith('/dist') });
  const failed = await run(process.execPath, [join(place, 'bin', 'invite.js'), 'list']).catch((error) => error);
  expect(failed).toMatchObject({ code: 1, stdout: '' });
  expect(failed.stderr).toMatch(/^error: this package was packed without its program.*"npm run package"\n$/);
});

/** As root yarn keeps both for the whole machine, with what an earlier run installed. */
const yarnFolders = ['--prefix', 'yarn-home', '--global-folder', 'yarn-global', '--cache-folder', 'yarn-cache'];

/** A Node of another version out of the registry, where it can be had: `INVITE_TEST_NODES=22,24,26`. */
async function nodeOf(major: string): Promise<string> {
  const place = join(folder, `node-${major}`);
  mkdirSync(place);
  writeFileSync(join(place, 'package.json'), '{}');
  const name = `node-${process.platform}-${process.arch}`;
  await run('npm', ['install', '--no-save', '--ignore-scripts', '--no-audit', `${name}@${major}`], { cwd: place });
  return join(place, 'node_modules', name, 'bin', 'node');
}

const others = (process.env.INVITE_TEST_NODES ?? '').split(',').filter((major) => major !== '');

describe.skipIf(others.length === 0)(
  'and on other versions, if INVITE_TEST_NODES names them',
  { timeout: 240_000 },
  () => {
    test.concurrent.each(others)('Node %s', async (major) => {
      const node = await nodeOf(major);
      expect((await run(node, ['--version'])).stdout).toMatch(new RegExp(`^v${major}\\.`));
      await smoke(node, await install(node, join(folder, `global-${major}`)));
    });

    test.each([
      ['pnpm', ['pnpm@10', 'add', '--global'], { PNPM_HOME: 'pnpm-home' }, 'pnpm-home'],
      ['yarn', ['yarn@1', 'global', 'add', ...yarnFolders], {}, join('yarn-home', 'bin')],
    ] as const)('and %s installs it', async (name, words, places, bin) => {
      const home = join(folder, `${name}-user`);
      mkdirSync(home);
      const absolute = Object.entries(places).map(([variable, place]) => [variable, join(home, place)]);
      const path = `${join(home, bin)}:${process.env.PATH}`;
      const env = { ...process.env, ...Object.fromEntries(absolute), HOME: home, PATH: path };
      await run('npx', ['--yes', ...words, tarball], { cwd: home, env });
      const { stdout } = await run('invite', ['completion', 'bash'], { cwd: home, env });
      expect(stdout).toContain('completion complete');
    });
  },
);
