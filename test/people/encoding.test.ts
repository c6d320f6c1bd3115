import { describe, expect, test } from 'vitest';
import { decode } from '../../src/people/source.ts';

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
    ['a NUL far behind', Buffer.from(`${'ann@example.com\n'.repeat(9999)}\0`), 'it is a binary file'],
  ])('%s', (_, bytes, reason) => {
    expect(() => decode(bytes, 'x.csv')).toThrow(
      expect.objectContaining({
        code: 'invalid_file',
        message: 'cannot read "x.csv"',
        details: expect.objectContaining({ reason }),
      }),
    );
  });
});
