import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rejectedPath, writeRejected } from '../../src/people/import-file.ts';
import { decode } from '../../src/people/source.ts';
import { temporaryFolder } from '../support/run-cli.ts';
import { read } from './reading.ts';

async function rejected(bytes: string | Buffer, reasons: Record<string, string>): Promise<Buffer> {
  const path = join(temporaryFolder(), 'x.rejected.csv');
  const text = decode(Buffer.from(bytes), 'x');
  const file = await read(text);
  const input = { ...file, bytes: Buffer.from(bytes), annotate: () => {} };
  await writeRejected(path, input, new Map(Object.entries(reasons)));
  return readFileSync(path);
}

test('rows come out as they went in, with the reason behind', async () => {
  const text = 'Name;E-Mail;note\n"B;b";bob@example.com;"two\nlines"\nAnn;ann@example.com;\nCyd;CYD@example.com; x\n';
  expect(String(await rejected(text, { 'bob@example.com': 'no', 'cyd@example.com': 'not, at all' }))).toBe(
    'Name;E-Mail;note;error\n"B;b";bob@example.com;"two\nlines";no\nCyd;CYD@example.com; x;not, at all\n',
  );
});

test('a reason from before gives way to the new one', async () => {
  const text = 'email,error,team\nann@example.com,old,red\n';
  const came = await rejected(text, { 'ann@example.com': 'new' });
  expect(String(came)).toBe('email,team,error\nann@example.com,red,new\n');
});

test('objects of JSON may have different columns', async () => {
  const text = '[{"email":"a@example.com","x":1},{"y":{"z":[2]},"email":"b@example.com"},"c@example.com"]';
  const came = await rejected(text, { 'a@example.com': 'no', 'b@example.com': 'no', 'c@example.com': 'no' });
  expect(String(came)).toBe('email,x,y.z,error\na@example.com,1,,no\nb@example.com,,2,no\nc@example.com,,,no\n');
});

test('what the server said cannot steer a terminal', async () => {
  const came = await rejected('ann@example.com\n', { 'ann@example.com': 'no\x1b[2J\nreally' });
  expect(String(came)).toBe('email,error\nann@example.com,no\\x1b[2J\\x0areally\n');
});

test('the file can be imported again', async () => {
  const text = 'email,role\nann@example.com,"Operator, MetricsViewer"\n';
  const again = await rejected(text, { 'ann@example.com': 'no' });
  expect([...(await read(again)).people.rows]).toEqual([...(await read(text)).people.rows]);
});

test('also where a person has two rows and the reason names them', async () => {
  const text = 'email,role\nann@example.com,Operator\nANN@example.com,MetricsViewer\n';
  const again = await rejected(text, { 'ann@example.com': 'ann@example.com is gone from env-abc' });
  const people = ({ people: { rows } }: Awaited<ReturnType<typeof read>>) => [...rows].map(([, { roles }]) => roles);
  expect(people(await read(again))).toEqual(people(await read(text)));
});

test.each([
  ['utf8', '\r\n'],
  ['utf16le', '\r\n'],
  ['utf8', '\r'],
] as const)('the mark, the encoding and the line ends stay: %s %j', async (encoding, end) => {
  const bytes = (...lines: string[]) => Buffer.from(`\ufeff${lines.map((line) => line + end).join('')}`, encoding);
  const text = bytes('E-Mail;x', 'ann@example.com;\u00fc', 'bob@example.com;2');
  const came = await rejected(text, { 'ann@example.com': 'no' });
  expect(came).toEqual(bytes('E-Mail;x;error', 'ann@example.com;\u00fc;no'));
});

test('it lies beside the file, or here', () => {
  expect(rejectedPath('a/people.csv')).toBe('a/people.csv.rejected.csv');
  expect(rejectedPath(undefined)).toBe('invite-import.rejected.csv');
});
