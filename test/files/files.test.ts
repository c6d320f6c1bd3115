import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { CliError, ioError, wordsOf } from '../../src/errors.ts';
import { linesIn, readBytes, readText, withFile } from '../../src/files/read.ts';
import { makeFolder, openLog, replaceFile } from '../../src/files/write.ts';
import { failureOf } from '../support/failures.ts';
import { temporaryFolder } from '../support/run-cli.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'file');
});

const text = (at: string) => fs.readFileSync(at, 'utf8');
const mode = (at: string) => (fs.statSync(at).mode & 0o777).toString(8);

describe('words of the system', () => {
  test('are its own where nothing better is known', () => {
    expect(wordsOf(new Error('what it says itself'))).toBe('what it says itself');
  });

  test('what is neither of the system nor of a file stays what it is', () => {
    const bug = new TypeError('x is not a function');
    const ours = new CliError('locked', 'held');
    expect([ioError('cannot', path, bug), ioError('cannot', path, ours)]).toEqual([bug, ours]);
  });
});

describe('replacing', () => {
  test.each([0o000, 0o777])('whatever the umask, %o, only the user reads file and folder', async (umask) => {
    const deep = join(folder, 'deep');
    const before = process.umask(umask);
    try {
      makeFolder(deep);
      await replaceFile(join(deep, 'file'), ['text']);
    } finally {
      process.umask(before);
    }
    expect([mode(deep), mode(join(deep, 'file'))]).toEqual(['700', '600']);
  });

  test.each(['victim', 'nowhere'])('a link is replaced, not followed: to %s', async (name) => {
    const victim = join(folder, name);
    if (name === 'victim') fs.writeFileSync(victim, 'theirs');
    fs.symlinkSync(victim, path);
    await replaceFile(path, ['ours']);
    expect([text(path), fs.lstatSync(path).isFile()]).toEqual(['ours', true]);
    expect(name === 'victim' ? text(victim) : fs.existsSync(victim)).toBe(name === 'victim' ? 'theirs' : false);
  });

  test.each<[string, () => void]>([
    ['a directory', () => fs.mkdirSync(path)],
    ['a pipe', () => execFileSync('mkfifo', [path])],
  ])('%s is not replaced', async (kind, make) => {
    make();
    const error = await failureOf(() => replaceFile(path, ['ours']));
    expect([error.code, error.details.reason]).toEqual(['io_error', `it is ${kind}, not a file`]);
    expect(fs.readdirSync(folder)).toEqual(['file']);
  });

  test('a failure on the way leaves the old file and nothing else', async () => {
    fs.writeFileSync(path, 'old');
    const parts = async function* () {
      yield 'half';
      throw new CliError('invalid_file', 'cannot be read');
    };
    expect((await failureOf(() => replaceFile(path, parts()))).code).toBe('invalid_file');
    expect([text(path), fs.readdirSync(folder)]).toEqual(['old', ['file']]);
  });
});

describe('reading', () => {
  const read = () => readBytes(path, { maxBytes: 10, noFollow: true, owner: process.getuid?.() });

  test.each<[string, () => void]>([
    ['a symbolic link', () => fs.symlinkSync('/etc/hostname', path)],
    ['a directory', () => fs.mkdirSync(path)],
    ['a pipe', () => execFileSync('mkfifo', [path])],
    ['more than 10 bytes', () => fs.writeFileSync(path, 'x'.repeat(11))],
    ['it is writable by others', () => fs.writeFileSync(path, 'x') === fs.chmodSync(path, 0o622)],
  ])('%s is refused at once', (reason, make) => {
    make();
    expect(read).toThrow(reason);
  });

  test('a device is refused, and a link that leads nowhere is said to be one', () => {
    expect(() => readBytes('/dev/zero', { maxBytes: 10 })).toThrow('a device');
    fs.symlinkSync('/nonexistent', path);
    expect(() => readBytes(path, { maxBytes: 10 })).toThrow('broken symbolic link');
  });

  test.each([
    ['UTF-16', Buffer.from('\ufeffsecret', 'utf16le')],
    ['zero bytes', Buffer.from('secret', 'utf16le')],
  ])('text with %s is said to be that', async (reason, bytes) => {
    fs.writeFileSync(path, bytes);
    const error = await failureOf(() => readText(path, 100));
    expect([error.code, error.details.reason]).toEqual(['invalid_file', expect.stringContaining(reason)]);
  });
});

describe('a log', () => {
  const lines = (from = 0) => withFile(path, {}, (file) => [...linesIn(file, from)]);

  test('grows by whole lines, private, and is read on from where it was read to', async () => {
    const log = openLog(path, 'head\n');
    await Promise.all([log.append('a\n'), log.append('b\n')]);
    const seen = lines();
    expect(seen.map((line) => line.text)).toEqual(['head', 'a', 'b']);
    await log.append('c\n');
    expect(lines(seen.at(-1)?.end)).toEqual([{ text: 'c', end: 11 }]);
    log.close();
    expect(mode(path)).toBe('600');
  });

  test('half a line of somebody who died spoils no other', async () => {
    fs.writeFileSync(path, 'head\nhal');
    const log = openLog(path, 'head\n');
    expect(lines().map((line) => line.text)).toEqual(['head', 'hal']);
    await log.append('ä\n');
    log.close();
    expect(lines().map((line) => line.text)).toEqual(['head', 'hal', 'ä']);
  });

  test('lines longer than what is read at once are whole', async () => {
    const long = 'ä'.repeat(100_000);
    fs.writeFileSync(path, `${long}\nend\nnot yet`);
    expect(lines().map((line) => line.text)).toEqual([long, 'end']);
  });

  test.each<[string, () => void]>([
    ['a symbolic link', () => fs.symlinkSync(join(folder, 'nowhere'), path)],
    ['a pipe', () => execFileSync('mkfifo', [path])],
  ])('%s in its place is an error at once', async (kind, make) => {
    make();
    const error = await failureOf(() => openLog(path));
    expect([error.code, error.details.reason]).toEqual(['io_error', `it is ${kind}, not a file`]);
  });

  test('after a failure nothing more is written', async () => {
    const log = openLog(path);
    log.close();
    for (const line of ['a\n', 'b\n']) expect((await failureOf(() => log.append(line))).code).toBe('io_error');
  });
});
