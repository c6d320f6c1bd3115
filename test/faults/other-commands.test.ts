import { describe } from 'vitest';
import { type Expected, type Row, testRows } from '../support/fault-rows.ts';

type Ending = readonly [scenario: string, exit: number, mails: number, posts?: number];

// What `create` and `list` do with each fault is in the other files: here is that the other commands share it.
function testCommand(line: string, endings: readonly Ending[], more: Expected = {}): void {
  testRows(
    endings.map(([scenario, exit, mails, posts = mails]): Row => [scenario, line, exit, { ...more, mails, posts }]),
  );
}

describe('import', () => {
  // A new e-mail in two spellings, a pending one, and another new one.
  const input = 'email\nnew@example.com\nNew@example.com\nsent@example.com\nother@example.com\n';
  const endings: Ending[] = [
    ['429-seconds', 0, 2],
    ['err-401', 4, 0],
    ['filter-ignored', 0, 2],
    ['post-lost', 0, 2],
    ['post-lost-list-down', 9, 2],
    ['post-dropped', 0, 2, 3],
    ['post-201-cut-unlisted', 9, 2],
    ['post-409', 9, 0, 2],
    ['down-after:1', 9, 1, 2],
  ];
  // It prints what became of each row even if it ends early.
  testCommand('import - --yes --debug', endings, { input, out: /^/ });
});

describe('resend', () => {
  const endings: Ending[] = [
    ['post-lost-reissue', 0, 2],
    ['post-lost-list-lags', 0, 2],
    ['post-dropped-forever', 9, 0, 3],
    ['post-201-hang-unlisted', 9, 2],
    ['post-401', 4, 0, 2],
  ];
  testCommand('resend i-sent i-expired --yes', endings, { out: /^/ });
});

describe('delete', () => {
  const endings: Ending[] = [
    ['delete-404', 9, 0],
    ['delete-dropped-forever', 9, 0],
  ];
  testCommand('delete i-sent i-staged --yes -o json', endings, { out: /^/ });
});
