import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { CliError } from '../../src/errors.ts';
import { mostBytes, readFile, readStdin } from '../../src/people/source.ts';
import { temporaryFolder } from '../support/run-cli.ts';

function reasonOf(path: string): string | undefined {
  try {
    readFile(path);
  } catch (error) {
    if (error instanceof CliError && error.code === 'invalid_file') return error.details.reason;
    throw error;
  }
  return undefined;
}

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
    expect(reasonOf(path)).toBe('it is larger than 50 MiB');
  });

  test('that is none is refused, and never waited for', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'folder'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    expect(reasonOf(join(folder, 'folder'))).toBe('it is a directory, not a file');
    expect(reasonOf(join(folder, 'pipe'))).toBe('it is a pipe, not a file');
    expect(reasonOf('/dev/zero')).toBe('it is a device, not a file');
    expect(reasonOf(join(folder, 'nothing'))).toBe('no such file or directory');
    expect(reasonOf(join(folder, 'x'.repeat(300)))).toBe('name too long (ENAMETOOLONG)');
  });

  test.skipIf(process.getuid?.() === 0)('that may not be read', () => {
    const path = join(temporaryFolder(), 'secret');
    writeFileSync(path, 'x');
    chmodSync(path, 0);
    expect(reasonOf(path)).toBe('permission denied');
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
