import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly uses?: string;
  readonly needs?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix: { readonly node: readonly number[] } };
  readonly steps?: readonly Step[];
}

const root = join(import.meta.dirname, '..');
const jobsOf = (name: string): Readonly<Record<string, Job>> =>
  parse(readFileSync(join(root, '.github', 'workflows', name), 'utf8')).jobs;
const ci = jobsOf('ci.yml');
const release = jobsOf('release.yml');
const stepsOf = (job: Job | undefined) => job?.steps ?? [];

test('every action is pinned to a commit', () => {
  const used = [...Object.values(ci), ...Object.values(release)].flatMap(stepsOf).flatMap(({ uses = [] }) => uses);
  expect(used.length).toBeGreaterThan(4);
  expect(used.filter((uses) => !/^actions\/[\w-]+@[0-9a-f]{40}$/.test(uses))).toEqual([]);
});

test('every supported Node is checked', () => {
  expect(ci.check?.strategy?.matrix.node).toEqual([20, 22, 24, 26]);
  expect(stepsOf(ci.check).flatMap(({ run = [] }) => run)).toEqual(['npm ci', 'npm run check']);
});

describe('a release', () => {
  test('is checked, packed from a clean checkout, and published as packed by a job that runs nothing else', () => {
    expect(release.check?.uses).toBe('./.github/workflows/ci.yml');
    expect([release.pack?.needs, release.publish?.needs]).toEqual(['check', 'pack']);
    expect(
      stepsOf(release.pack)
        .flatMap(({ run = [] }) => run)
        .slice(-2),
    ).toEqual(['npm ci', 'npm run package']);
    const published = stepsOf(release.publish).flatMap(({ run = [] }) => run);
    expect(published).toEqual(['npm publish ./invite-*.tgz --provenance --access public --ignore-scripts']);
  });

  test('only the job that publishes may ask for an identity', () => {
    const allowed = Object.entries(release).filter(([, { permissions }]) => permissions?.['id-token'] === 'write');
    expect(allowed.map(([name]) => name)).toEqual(['publish']);
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
});
