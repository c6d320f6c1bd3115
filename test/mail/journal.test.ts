import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CliError } from '../../src/errors.ts';
import { Journal, type JournalFile, parseEntry, parseHeader } from '../../src/mail/journal.ts';
import {
  archiveJournal,
  findOtherImport,
  journalPath,
  makeJournalFolder,
  openJournal,
} from '../../src/mail/journal-file.ts';
import { readJournal } from '../../src/mail/journal-reader.ts';
import type { JournalHeader } from '../../src/people/import-input.ts';
import { temporaryFolder } from '../support/run-cli.ts';
import { creation, invitation, now } from './tools.ts';

const head: JournalHeader = {
  ...{ file: '/home/ann/people.csv', file_sha256: 'abc', origin: 'https://api.confluent.cloud', organization: 'org-1' },
  ...{ key_id: 'ABCD…WXYZ', auth_type: null, roles: [], created_at: '2026-01-05T12:00:00.000Z' },
};

async function written(path: string, size = 0) {
  const journal = await openJournal(path, { head, size, now: () => now });
  const ann = creation('Ann@example.com');
  await journal.begin(ann);
  await journal.end(ann, { target: 'Ann@example.com', outcome: 'created', invitation: invitation('i-1') });
  await journal.begin(creation('bob@example.com'));
  const cyd = creation('cyd@example.com');
  await journal.begin(cyd);
  await journal.end(cyd, { target: 'cyd@example.com', outcome: 'failed', error: new CliError('forbidden', 'no') });
  await journal.close();
}

function newPath(): string {
  return join(makeJournalFolder(temporaryFolder()), 'x.ndjson');
}

describe('what is written', () => {
  test('is read again: done, begun, failed', async () => {
    const path = newPath();
    await written(path);
    const { size, done, ...past } = readJournal(path);
    expect([done.size, done.get('Ann@example.com')]).toEqual([1, { outcome: 'created', id: 'i-1' }]);
    expect(past).toEqual({
      begun: new Map([['bob@example.com', { as: 'created', at: now }]]),
      failed: new Set(['cyd@example.com']),
    });
    expect(size).toBe(statSync(path).size);
    expect(parseHeader(readFileSync(path, 'utf8').split('\n')[0] ?? '')).toEqual({ invite_journal: 1, ...head });
  });

  test('nobody else may read it', async () => {
    const path = newPath();
    await written(path);
    expect([statSync(path).mode & 0o777, statSync(join(path, '..')).mode & 0o777]).toEqual([0o600, 0o700]);
  });

  test('an unknown end leaves it begun, and an end without an act is written too', async () => {
    const path = newPath();
    const journal = await openJournal(path, { head, size: 0, now: () => now });
    const lost = new CliError('outcome_unknown', 'lost');
    await journal.begin(creation('ann@example.com'));
    await journal.end(creation('ann@example.com'), { target: 'ann@example.com', outcome: 'unknown', error: lost });
    const member = creation('bob@example.com', [invitation('i-2', { status: 'INVITE_STATUS_ACCEPTED' })]);
    await journal.begin(member);
    await journal.end(member, { target: 'bob@example.com', outcome: 'already_member' });
    await journal.end(member, { target: 'cyd@example.com', outcome: 'not_attempted' });
    await journal.close();
    const { done, begun } = readJournal(path);
    expect([...begun.keys()]).toEqual(['ann@example.com']);
    expect([done.size, done.has('bob@example.com')]).toEqual([1, true]);
  });
});

describe('a file that is not whole', () => {
  test('cut off at any byte it is read as far as it goes, and can be resumed', async () => {
    const path = newPath();
    await written(path);
    const whole = readFileSync(path);
    for (let length = 0; length <= whole.length; length += 1) {
      writeFileSync(path, whole.subarray(0, length));
      const { size, done, begun } = readJournal(path);
      expect(size).toBe(
        whole.lastIndexOf(10, length - 1) < 0 || length === 0 ? 0 : whole.lastIndexOf(10, length - 1) + 1,
      );
      expect(done.size + begun.size).toBeLessThanOrEqual(3);
      // As often as would be slow with every byte, and at every end of a line.
      if (length % 50 !== 0 && whole[length] !== 10) continue;
      await written(path, size);
      expect(readJournal(path)).toMatchObject({ size: statSync(path).size, failed: new Set(['cyd@example.com']) });
    }
  });

  test.each([
    'oops',
    '{}',
    '[]',
    'null',
    '{"started":1}',
    '{"done":"a@b.c","outcome":"great"}',
    '\0\0\0',
    '{"started":"a@b.c","as":"created","at":"soon"}',
  ])('a line %j in the middle is named, and nothing is believed', async (line) => {
    const path = newPath();
    await written(path);
    const lines = readFileSync(path, 'utf8').split('\n');
    writeFileSync(path, [...lines.slice(0, 2), line, ...lines.slice(2)].join('\n'));
    expect(() => readJournal(path)).toThrow(
      expect.objectContaining({ code: 'io_error', message: `the journal "${path}" is damaged in line 3` }),
    );
  });

  test('the beginning of another version is not resumed', () => {
    const path = newPath();
    writeFileSync(path, `${JSON.stringify({ ...head, invite_journal: 2 })}\n`);
    expect(() => readJournal(path)).toThrow(/line 1/);
  });

  test('is put aside under another name', async () => {
    const path = newPath();
    expect(archiveJournal(path, now)).toBe(undefined);
    await written(path);
    const aside = archiveJournal(path, now);
    expect(aside).toBe(`${path}.2026-01-05T12-00-00.000Z`);
    expect(readJournal(path)).toMatchObject({ size: 0 });
  });
});

describe('a disk', () => {
  /** Takes a few bytes at a time. */
  function disk() {
    const state = { taken: '', syncs: 0 };
    const file: JournalFile = {
      write: (bytes) => {
        const count = Math.min(7, bytes.length);
        state.taken += bytes.toString('utf8', 0, count);
        return count;
      },
      datasync: async () => {
        state.syncs += 1;
      },
      close: async () => {},
    };
    return { state, file };
  }

  test('that takes a little at a time gets all of it, flushed', async () => {
    const { state, file } = disk();
    const journal = new Journal('x', file, () => now);
    await journal.begin(creation('ann@example.com'));
    expect(parseEntry(state.taken.trim())).toEqual({
      started: 'ann@example.com',
      as: 'created',
      at: '2026-01-05T12:00:00.000Z',
    });
    expect(state.syncs).toBe(1);
  });

  test('lines that come together are flushed together', async () => {
    const { state, file } = disk();
    const journal = new Journal('x', file, () => now);
    await Promise.all(['a', 'b', 'c'].map((name) => journal.begin(creation(`${name}@example.com`))));
    expect({ lines: state.taken.trim().split('\n').length, syncs: state.syncs }).toEqual({ lines: 3, syncs: 1 });
  });

  test('that is full is an error, now and for everything after: the last line may be torn', async () => {
    const { state, file } = disk();
    let failures = 1;
    const failing: JournalFile = {
      ...file,
      write: (bytes) => {
        if (failures-- > 0) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
        return file.write(bytes);
      },
    };
    const journal = new Journal('x', failing, () => now);
    const failure = { code: 'io_error', details: { reason: expect.stringContaining('ENOSPC') } };
    await expect(journal.begin(creation('ann@example.com'))).rejects.toMatchObject(failure);
    await expect(journal.begin(creation('bob@example.com'))).rejects.toMatchObject(failure);
    expect(state.taken).toBe('');
    await journal.close();
  });

  test('that takes nothing without saying why is full, too', async () => {
    const file: JournalFile = { ...disk().file, write: () => 0 };
    await expect(new Journal('x', file, () => now).begin(creation('ann@example.com'))).rejects.toMatchObject({
      code: 'io_error',
    });
  });
});

describe('the place of a journal', () => {
  test.each([
    ['content', { file_sha256: 'abd' }],
    ['origin', { origin: 'https://api.confluentgov.com' }],
    ['organization', { organization: 'org-2' }],
    ['auth type', { auth_type: 'sso' }],
    ['roles', { roles: ['MetricsViewer'] }],
  ])('another %s is another import', (_, change) => {
    expect(journalPath('/s', { ...head, ...change })).not.toBe(journalPath('/s', head));
  });

  test.each([
    ['name of the file', { file: '/tmp/x.csv' }],
    ['key', { key_id: 'EFGH…STUV' }],
    ['time', { created_at: '2027-01-01T00:00:00.000Z' }],
  ])('another %s is the same', (_, change) => {
    expect(journalPath('/s', { ...head, ...change })).toBe(journalPath('/s', head));
  });

  test('where the organization is not known, the key stands for it', () => {
    const unknown = { ...head, organization: null };
    expect(journalPath('/s', unknown)).not.toBe(journalPath('/s', { ...unknown, key_id: 'EFGH…STUV' }));
  });

  test('an earlier import of a file with other content is found, a broken journal is no trouble', async () => {
    const folder = makeJournalFolder(temporaryFolder());
    const open = async (name: string, change: Partial<JournalHeader>) => {
      const journal = await openJournal(join(folder, name), { head: { ...head, ...change }, size: 0, now: () => now });
      await journal.close();
    };
    writeFileSync(join(folder, 'broken.ndjson'), 'oops\n');
    expect(findOtherImport(folder, head)).toBe(undefined);
    await open('same.ndjson', {});
    await open('elsewhere.ndjson', { file: '/tmp/other.csv', file_sha256: 'x' });
    expect(findOtherImport(folder, head)).toBe(undefined);
    await open('older.ndjson', { file_sha256: 'x', created_at: '2025-01-01T00:00:00.000Z' });
    await open('old.ndjson', { file_sha256: 'y', created_at: '2025-06-01T00:00:00.000Z' });
    expect(findOtherImport(folder, head)).toMatchObject({ file_sha256: 'y' });
  });

  test('in a folder that cannot be written is an error before anything is sent', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    expect(() => makeJournalFolder(file)).toThrow(expect.objectContaining({ code: 'config_invalid' }));
    await expect(openJournal(join(file, 'x.ndjson'), { head, size: 0, now: () => now })).rejects.toMatchObject({
      code: 'config_invalid',
    });
  });
});
