import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { realHost } from '../../src/host.ts';
import type { Config } from '../../src/profiles/profile.ts';
import { createStore } from '../../src/profiles/store.ts';
import { bundle } from '../support/bundle.ts';
import { failureOf } from '../support/failures.ts';
import { temporaryFolder } from '../support/run-cli.ts';

const { clock, processes, platform, uid } = realHost();
const profile = { api_key: 'ABCDEFGH12345678', api_secret: 'cflt-secret-marker' };
const other = { api_key: 'IJKLMNOP12345678', api_secret: 'cflt-another-one' };

const said: string[] = [];
let folder: string;
let file: string;

beforeEach(() => {
  folder = join(temporaryFolder(), 'invite');
  file = join(folder, 'config.json');
  said.length = 0;
});

function store(more: { uid?: number } = {}) {
  return createStore({ folder, uid, clock, processes, platform, say: (text) => said.push(text), ...more });
}

const adding =
  (name: string, what: object = profile) =>
  (config: Config) =>
    ({ ...config, profiles: { ...config.profiles, [name]: what } }) as Config;

function write(content: string, mode = 0o600): void {
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(file, content);
  fs.chmodSync(file, mode);
}

const mode = (path: string) => fs.statSync(path).mode & 0o777;

describe('reading', () => {
  test('no file is no profiles, and makes none', () => {
    expect(store().read()).toEqual({ version: 1, profiles: {} });
    expect(fs.existsSync(folder)).toBe(false);
  });

  test('a broken file is reported and stays, and is not saved over', async () => {
    write('{"profiles":');
    expect((await failureOf(() => store().read())).code).toBe('config_invalid');
    expect((await failureOf(() => store().update(adding('a')))).code).toBe('config_invalid');
    expect(fs.readFileSync(file, 'utf8')).toBe('{"profiles":');
    expect(fs.readdirSync(folder)).toEqual(['config.json']);
  });

  test.each([0o640, 0o604])('a file that others may read (%o) is made private, once said', (others) => {
    write('{}', others);
    const mine = store();
    mine.read();
    expect([mode(file), said]).toEqual([0o600, [`others could read "${file}": it is now readable by you only`]]);
    fs.chmodSync(file, others);
    mine.read();
    expect([mode(file), said.length]).toEqual([0o600, 1]);
  });

  test.each([0o620, 0o602])('a file that others may write (%o) is refused', async (others) => {
    write('{}', others);
    const error = await failureOf(() => store().read());
    expect(error).toMatchObject({
      code: 'config_invalid',
      exitCode: 2,
      details: { reason: 'it is writable by others' },
    });
    expect(mode(file)).toBe(others);
  });

  test('a file of another user is refused', async () => {
    write('{}');
    const error = await failureOf(() => store({ uid: (uid ?? 0) + 1 }).read());
    expect([error.code, error.details.reason]).toEqual(['config_invalid', `it belongs to another user (uid ${uid})`]);
  });

  test('a link is followed if its target and the folder of that are safe', async () => {
    const elsewhere = temporaryFolder();
    fs.mkdirSync(folder, { recursive: true });
    fs.symlinkSync(join(elsewhere, 'mine.json'), file);
    fs.writeFileSync(join(elsewhere, 'mine.json'), JSON.stringify({ profiles: { a: profile } }), { mode: 0o600 });
    expect(store().read().profiles.a).toEqual(profile);
    fs.chmodSync(join(elsewhere, 'mine.json'), 0o622);
    expect((await failureOf(() => store().read())).details.reason).toBe('it is writable by others');
    fs.chmodSync(join(elsewhere, 'mine.json'), 0o600);
    fs.chmodSync(elsewhere, 0o777);
    expect((await failureOf(() => store().read())).details.reason).toContain('is writable by others');
    fs.chmodSync(elsewhere, 0o1777);
    expect(store().read().profiles.a).toEqual(profile);
  });

  test('a large file is no config', async () => {
    write(`"${'x'.repeat(5 * 2 ** 20)}"`);
    expect((await failureOf(() => store().read())).details.reason).toContain('more than');
  });
});

describe('saving', () => {
  test('what this version does not know is kept', async () => {
    write(JSON.stringify({ theme: 'dark', profiles: { a: { ...profile, color: 'red' } } }));
    await store().update(adding('b', other));
    const saved = { version: 1, theme: 'dark', profiles: { a: { ...profile, color: 'red' }, b: other } };
    expect(JSON.parse(fs.readFileSync(file, 'utf8'))).toEqual(saved);
  });

  test('the file of a newer version can be read, not saved', async () => {
    const text = JSON.stringify({ version: 2, profiles: { a: profile } });
    write(text);
    expect(store().read().profiles.a).toEqual(profile);
    const error = await failureOf(() => store().update(adding('b')));
    const reason = 'it was written by a newer invite (format 2)';
    expect(error).toMatchObject({ code: 'config_invalid', details: { reason } });
    expect(fs.readFileSync(file, 'utf8')).toBe(text);
  });

  test.each(['a.b', 'a[0]', '', '__proto__', 'sandbox'])('"%s" is never saved as a profile', async (name) => {
    const profiles = Object.defineProperty({}, name, { value: profile, enumerable: true });
    const error = await failureOf(() => store().update((config) => ({ ...config, profiles })));
    expect([error.code, fs.existsSync(file)]).toEqual(['config_invalid', false]);
  });

  test('"constructor" and the like are names like any other', async () => {
    await store().update(adding('constructor'));
    await store().update(adding('toString', other));
    expect(store().read().profiles).toEqual({ constructor: profile, toString: other });
  });

  test('a link stays one', async () => {
    const target = join(temporaryFolder(), 'mine.json');
    fs.writeFileSync(target, '{}', { mode: 0o600 });
    fs.mkdirSync(folder, { recursive: true });
    fs.symlinkSync(target, file);
    await store().update(adding('a'));
    expect(fs.lstatSync(file).isSymbolicLink()).toBe(true);
    expect(JSON.parse(fs.readFileSync(target, 'utf8')).profiles.a).toEqual(profile);
  });

  test('leftovers of a killed save go at the next, other files stay', async () => {
    write('{}');
    const left = ['config.json.new', 'config.json.tmp-1234567890abcdef', 'config.json.new.tmp-1234567890abcdef'];
    const theirs = ['config.json.bak', 'config.json.new.txt', 'notes.tmp-1234567890abcdef'];
    for (const name of [...left, ...theirs]) fs.writeFileSync(join(folder, name), profile.api_secret);
    await store().update(adding('a'));
    expect(fs.readdirSync(folder).sort()).toEqual(['config.json', ...theirs].sort());
  });

  test('a secret that was removed is nowhere any more, or it is said where', async () => {
    await store().update(adding('a'));
    await store().update(adding('b', other));
    fs.copyFileSync(file, join(folder, 'config.json~'));
    fs.writeFileSync(join(folder, 'config.json.new'), profile.api_secret);
    await store().update(({ profiles: { a: _, ...profiles }, ...config }) => ({ ...config, profiles }));
    expect(fs.readFileSync(file, 'utf8')).not.toContain(profile.api_secret);
    expect(fs.readdirSync(folder)).toEqual(['config.json', 'config.json~']);
    expect(said).toEqual([`"${file}~" still contains the secret that was removed: remove that file, too`]);
  });

  test('a secret that begins another one is not said to be left', async () => {
    await store().update(adding('a', { ...other, api_secret: other.api_secret.slice(0, -1) }));
    await store().update(adding('a', other));
    expect(said).toEqual([]);
  });

  test('somebody else who saves is waited for, and then told', async () => {
    write('{}');
    fs.writeFileSync(`${file}.lock`, `${process.pid} ${processes.startTime(process.pid)} ${processes.place()}\n`);
    let time = 0;
    const sleep = async () => {
      time += 500;
    };
    const impatient = { ...clock, monotonic: () => time, sleep };
    const locked = createStore({ folder, uid, clock: impatient, processes, platform, say: () => {} });
    const error = await failureOf(() => locked.update(adding('a')));
    expect([error.code, error.exitCode, time]).toEqual(['io_error', 1, 5000]);
    expect(error.details.reason).toBe(`process ${process.pid} holds it`);
  });
});

/** A program that saves profiles with secrets of a size, one after the other. */
const saving = await bundle(`
    import { realHost } from '${join(import.meta.dirname, '../../src/host.ts')}';
    import { createStore } from '${join(import.meta.dirname, '../../src/profiles/store.ts')}';
    const { folder, count, size } = JSON.parse(process.argv[2]);
    const store = createStore({ ...realHost(), folder, say: () => {} });
    try {
      for (let i = 0; i < count; i += 1) {
        const profile = { api_key: 'ABCDEFGH12345678', api_secret: 'S'.repeat(size) };
        await store.update((config) => ({ ...config, profiles: { ...config.profiles, ['p' + i]: profile } }));
      }
    } catch (error) {
      process.stdout.write(JSON.stringify([error.code, error.message, error.details?.reason]));
      process.exitCode = error.exitCode ?? 99;
    }`);

describe('in other processes', () => {
  test('killed at any moment, the file is whole and the next save cleans up', { timeout: 120_000 }, async () => {
    await store().update(adding('a'));
    for (let round = 0; round < 3; round += 1) {
      const job = JSON.stringify({ folder, count: 1000, size: 20_000 });
      const child = spawn(process.execPath, [saving, job], { stdio: 'ignore' });
      const begun = () => Object.keys(store().read().profiles).length > 1;
      await vi.waitUntil(begun, { interval: 5, timeout: 30_000 });
      await clock.sleep(round * 14.8);
      child.kill('SIGKILL');
      await new Promise((resolve) => child.on('close', resolve));
      const { profiles } = store().read();
      expect(profiles.a).toEqual(profile);
      await store().update(({ profiles: { a }, ...config }) => ({ ...config, profiles: a === undefined ? {} : { a } }));
      expect(fs.readdirSync(folder)).toEqual(['config.json']);
    }
  });
});
