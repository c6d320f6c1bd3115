import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rejectedPath, writeRejected } from '../../src/people/rejected.ts';
import { readRows } from '../../src/people/rows.ts';
import { temporaryFolder } from '../support/run-cli.ts';

async function rejected(text: string, reasons: Record<string, string>): Promise<string> {
  const path = join(temporaryFolder(), 'x.rejected.csv');
  await writeRejected(path, {
    text: Buffer.from(text),
    reasons: new Map(Object.entries(reasons)),
    onProblem: () => {},
  });
  return readFileSync(path, 'utf8');
}

test('rows come out as they went in, with the reason behind', async () => {
  const text = 'Name;E-Mail;note\n"B;b";bob@example.com;"two\nlines"\nAnn;ann@example.com;\nCyd;CYD@example.com; x\n';
  expect(await rejected(text, { 'bob@example.com': 'no', 'cyd@example.com': 'not, at all' })).toBe(
    'Name,E-Mail,note,error\nB;b,bob@example.com,"two\nlines",no\nCyd,CYD@example.com, x,"not, at all"\n',
  );
});

test('a reason from before gives way to the new one', async () => {
  const text = 'email,error,team\nann@example.com,old,red\n';
  expect(await rejected(text, { 'ann@example.com': 'new' })).toBe('email,team,error\nann@example.com,red,new\n');
});

test('objects of JSON may have different columns', async () => {
  const text = '[{"email":"a@example.com","x":1},{"y":{"z":[2]},"email":"b@example.com"},"c@example.com"]';
  const reasons = { 'a@example.com': 'no', 'b@example.com': 'no', 'c@example.com': 'no' };
  expect(await rejected(text, reasons)).toBe(
    'email,x,y,error\na@example.com,1,,no\nb@example.com,,"{""z"":[2]}",no\nc@example.com,,,no\n',
  );
});

test('what the server said cannot steer a terminal', async () => {
  expect(await rejected('ann@example.com\n', { 'ann@example.com': 'no\x1b[2J\nreally' })).toBe(
    'email,error\nann@example.com,no\\x1b[2J\\x0areally\n',
  );
});

test('the file can be imported again', async () => {
  const text = 'email,role\nann@example.com,"Operator, MetricsViewer"\n';
  const again = await rejected(text, { 'ann@example.com': 'no' });
  expect([...(await readRows(Buffer.from(again), 'x')).rows]).toEqual([
    ...(await readRows(Buffer.from(text), 'x')).rows,
  ]);
});

test('it lies beside the file, or here', () => {
  expect([rejectedPath('a/people.csv'), rejectedPath(undefined)]).toEqual([
    'a/people.csv.rejected.csv',
    'invite-import.rejected.csv',
  ]);
});
