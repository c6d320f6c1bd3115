import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { CliError } from '../../src/errors.ts';
import { decode, mostBytes, readFile, readStdin } from '../../src/people/source.ts';
import { failureIn } from '../support/failures.ts';
import { temporaryFolder } from '../support/run-cli.ts';

function reasonOf(read: () => unknown): string | undefined {
  const { code, details } = failureIn(read);
  expect(code).toBe('invalid_file');
  return details.reason;
}

const reasonOfFile = (path: string) => reasonOf(() => readFile(path));

describe('a file', () => {
  test('is read, also by a link', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'a'), 'ann');
    symlinkSync('a', join(folder, 'b'));
    expect(readFile(join(folder, 'b'))).toMatchObject({ path: join(folder, 'b'), bytes: Buffer.from('ann') });
  });

  test('of 50 MiB is taken, of one byte more not', () => {
    const path = join(temporaryFolder(), 'large');
    writeFileSync(path, '');
    truncateSync(path, mostBytes);
    expect(readFile(path).bytes).toHaveLength(mostBytes);
    truncateSync(path, mostBytes + 1);
    expect(reasonOfFile(path)).toBe('it is larger than 50 MiB');
  });

  test('that is none is refused, and never waited for', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'folder'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    expect(reasonOfFile(join(folder, 'folder'))).toBe('it is a directory, not a file');
    expect(reasonOfFile(join(folder, 'pipe'))).toBe('it is a pipe, not a file');
    expect(reasonOfFile('/dev/zero')).toBe('it is a device, not a file');
    expect(reasonOfFile(join(folder, 'nothing'))).toBe('no such file or directory');
    expect(reasonOfFile(join(folder, 'x'.repeat(300)))).toBe('name too long (ENAMETOOLONG)');
  });

  test.skipIf(process.getuid?.() === 0)('that may not be read', () => {
    const path = join(temporaryFolder(), 'secret');
    writeFileSync(path, 'x');
    chmodSync(path, 0);
    expect(reasonOfFile(path)).toBe('permission denied');
  });
});

describe('stdin', () => {
  const stop = new AbortController();
  const stdin = (stream: Readable) =>
    readStdin({ host: { stdin: { stream, isTTY: false } }, signal: stop.signal, say: () => {} });

  test('is read whole', async () => {
    const { name, bytes } = await stdin(Readable.from([Buffer.from('an'), Buffer.from('n')]));
    expect([name, bytes.toString()]).toEqual(['stdin', 'ann']);
  });

  test('is left as soon as it is too much', async () => {
    let pieces = 0;
    const endless = function* () {
      for (; ; pieces += 1) yield Buffer.alloc(1 << 20);
    };
    await expect(stdin(Readable.from(endless()))).rejects.toMatchObject({ code: 'invalid_file' });
    expect(pieces).toBeLessThan(100);
  });

  test('that nobody ends is left at Ctrl-C', async () => {
    const reading = stdin(new Readable({ read: () => {} }));
    const cancelled = new CliError('cancelled', 'cancelled');
    stop.abort(cancelled);
    await expect(reading).rejects.toBe(cancelled);
  });
});

const text = 'email,name\nann@example.com,Änn\n';

function wide(order: 'le' | 'be', words = text): Buffer {
  const bytes = Buffer.from(`\ufeff${words}`, 'utf16le');
  return order === 'le' ? bytes : bytes.swap16();
}

describe('text is text', () => {
  test.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${text}`)],
    ['UTF-16LE as Excel writes it', wide('le')],
    ['UTF-16BE', wide('be')],
  ])('%s', (_, bytes) => expect(decode(bytes, 'x')).toBe(text));

  test.each(['# '.repeat(4000), '#\r\n\r\n'.repeat(1000), '## '.repeat(1000)])('of comments, at once', (comments) => {
    expect(decode(Buffer.from(`${comments}\nann`), 'x')).toHaveLength(comments.length + 4);
  });

  test('nothing is nothing', () => expect(decode(Buffer.alloc(0), 'x')).toHaveLength(0));
});

describe('what is no text is named', () => {
  test.each([
    ['Latin-1', Buffer.from(text, 'latin1'), 'line 2 looks like Latin-1 or Windows-1252; it is not UTF-8'],
    ['UTF-16 without its mark', wide('le').subarray(2), 'it looks like UTF-16 without a byte order mark'],
    ['UTF-16 that is cut off', wide('le').subarray(0, 13), 'it begins as UTF-16LE but is not valid UTF-16LE'],
    ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x65, 0, 0, 0]), 'it is in UTF-32'],
    ['xlsx', Buffer.from('PK\x03\x04rest'), 'it is an Excel workbook or another zip archive'],
    ['xls', Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 1]), 'it is an old Excel workbook'],
    ['gzip', Buffer.from([0x1f, 0x8b, 8]), 'it is a gzip archive'],
    ['HTML', Buffer.from('\n<table>\n<tr><td>ann@example.com'), 'it is XML or HTML'],
    ['PDF', Buffer.from('%PDF-1.4'), 'it is a PDF'],
    ['a program', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]), 'it is a binary file'],
    [
      'a NUL far behind',
      Buffer.from(`${'ann@example.com\r\n'.repeat(9999)}\0`),
      'line 10000 contains the control character U+0000',
    ],
    ['Latin-1 of an old Mac', Buffer.from(text.replaceAll('\n', '\r'), 'latin1'), 'line 2 looks like Latin-1'],
    ['XML', Buffer.from('<!-- x -->\n<a:b xmlns:a="x">ann@example.com</a:b>'), 'it is XML or HTML'],
    ['RTF', Buffer.from('{\\rtf1\\ansi ann@example.com}'), 'it is an RTF document'],
    ['TOML', Buffer.from('# people\n[[people]]\nemail = "ann@example.com"\n'), 'it is TOML or an INI file'],
    [
      'a mail with its subject first',
      Buffer.from('Subject: Hi\r\nFrom: Ann <ann@example.com>\r\n\r\nHi\r\n'),
      'it is an e-mail',
    ],
    ['a mail', Buffer.from('MIME-Version: 1.0\nDate: today\nTo: ann@example.com\n'), 'it is an e-mail'],
  ])('%s', (_, bytes, reason) => {
    expect(reasonOf(() => decode(bytes, 'x.csv'))).toMatch(new RegExp(`^${reason.replace(/[+.]/g, '\\$&')}`));
  });
});
