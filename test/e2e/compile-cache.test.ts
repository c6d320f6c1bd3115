// What V8 made of the program at one start spares the next one the compiling, and is never a reason to fail.
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runBuilt, serveOneInvitation } from '../support/run-built.ts';

const isOld = Number.parseInt(process.versions.node, 10) < 22;

const endpoint = serveOneInvitation();

describe('what V8 makes of the program is kept for the next start', () => {
  let home: string;
  const folder = () => join(home, '.cache', 'invite');
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'invite-test-'));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  async function list(words: readonly string[] = [], env: Record<string, string> = {}) {
    const { code, stdout, stderr } = await runBuilt(['list', ...words], { home, env, endpoint: endpoint() });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('ann@example.com');
  }

  /** The paths of what was kept, and what tells one version of such a file from the next. */
  function kept(): Map<string, number> {
    const names = existsSync(folder()) ? readdirSync(folder(), { recursive: true, encoding: 'utf8' }) : [];
    const paths = names.map((name) => join(folder(), name)).filter((path) => statSync(path).isFile());
    return new Map(paths.sort().map((path) => [path, statSync(path).ino]));
  }

  const namesOf = (files: Map<string, number>) => [...files.keys()].map((path) => basename(path)).sort();

  test('in a folder of one’s own, and not again at the next start', async () => {
    await list();
    expect(statSync(folder()).mode & 0o777).toBe(0o700);
    const files = kept();
    expect(files.size).toBeGreaterThan(0);
    await list();
    expect(kept()).toEqual(files);
  });

  test('not in a folder that others can write to', async () => {
    mkdirSync(folder(), { recursive: true });
    chmodSync(folder(), 0o770);
    await list();
    expect(kept().size).toBe(0);
  });

  test('not in a folder of somebody else, nor in their home', async () => {
    // Root can give a folder away; whoever is not root can find one that is root's.
    const isRoot = process.getuid?.() === 0;
    if (isRoot) chownSync(home, 65534, 65534);
    const place = isRoot ? home : '/';
    await list([], { XDG_CACHE_HOME: place });
    expect(existsSync(join(place, 'invite'))).toBe(false);
    if (isRoot) {
      mkdirSync(folder(), { recursive: true, mode: 0o700 });
      chownSync(folder(), 65534, 65534);
    }
    await list([], isRoot ? {} : { XDG_CACHE_HOME: place });
    expect(kept().size).toBe(0);
  });

  test('nowhere if there is no place, or Node’s own variable says so', async () => {
    await list([], { NODE_DISABLE_COMPILE_CACHE: '1' });
    expect(kept().size).toBe(0);
    writeFileSync(join(home, '.cache'), '');
    await list();
  });

  // From Node 22 on the rest is Node's.
  describe.runIf(isOld)('under a Node that does not do that', () => {
    test('one file each, which others cannot read', async () => {
      await list();
      expect(namesOf(kept())).toEqual(expect.arrayContaining(['core.cjs', 'list.cjs', 'main.cjs', 'network.cjs']));
      expect([...kept().keys()].map((path) => statSync(path).mode & 0o777)).toEqual([...kept()].map(() => 0o600));
    });

    test('not by a run that changed the flags of V8, as for a large document', async () => {
      const file = join(home, 'people.yaml');
      writeFileSync(file, `version: 2\npeople: []\n# ${'x'.repeat(1024 * 1024)}\n`);
      const { code, stderr } = await runBuilt(['plan', file], { home, endpoint: endpoint() });
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('the version is not 1') });
      expect(kept().size).toBe(0);
    });

    test('again when a command loads a new file, because it runs more of the others', async () => {
      await list();
      const before = kept();
      await list(['-o', 'csv']);
      expect(namesOf(kept())).toEqual(expect.arrayContaining([...namesOf(before), 'csv.cjs']));
      const again = [...before].filter(([path, ino]) => kept().get(path) !== ino).map(([path]) => basename(path));
      expect(again).toEqual(expect.arrayContaining(['core.cjs', 'main.cjs', 'network.cjs']));
    });

    const changed = (data: Buffer, at: number) => data.fill((data.at(at) ?? 0) ^ 1, at, at + 1);
    test.each<[string, (data: Buffer) => Buffer]>([
      ['empty', () => Buffer.alloc(0)],
      ['cut short', (data) => data.subarray(0, data.length >> 1)],
      ['of a file of another time', (data) => changed(data, 8)],
      ['wrong in one bit', (data) => changed(data, data.length >> 1)],
      ['zeros in its second half', (data) => data.fill(0, data.length >> 1)],
      ['something else', () => Buffer.from('nothing of the kind '.repeat(100))],
    ])('again when what was kept is %s', async (_, damage) => {
      await list();
      const before = kept();
      const path = [...before.keys()].find((one) => basename(one) === 'core.cjs') ?? '';
      const whole = readFileSync(path);
      writeFileSync(path, damage(Buffer.from(whole)));
      await list();
      expect(kept().get(path)).not.toBe(before.get(path));
      const repaired = kept();
      await list();
      expect(kept()).toEqual(repaired);
    });

    test('not taken from a file that others can write to', async () => {
      await list();
      const [path = ''] = kept().keys();
      chmodSync(path, 0o666);
      const before = kept();
      await list();
      expect(kept().get(path)).not.toBe(before.get(path));
    });

    test('apart for other flags of V8', async () => {
      await list();
      const before = kept();
      await list([], { NODE_OPTIONS: '--max-old-space-size=300' });
      expect(kept().size).toBe(2 * before.size);
      await list();
      expect(kept()).toEqual(expect.objectContaining({ size: 2 * before.size }));
      for (const [file, ino] of before) expect(kept().get(file)).toBe(ino);
    });

    test('not for help, nor with --debug, whose traces name the source', async () => {
      await runBuilt(['--help'], { home });
      await runBuilt(['list', '--debug'], { home, endpoint: endpoint() });
      expect(kept().size).toBe(0);
    });
  });
});
