import { describe } from 'vitest';
import { testRows } from '../support/fault-rows.ts';

describe('the deadline of one attempt, in real time', () => {
  testRows(
    [
      ['hang-then-ok', 'list -o id', 0, { requests: 2, gap: 29_000, out: /i-sent/ }],
      ['slow-body', 'list --retries 0', 3, { requests: 1, within: 36_000 }],
      ['hang-after-headers', 'get i-sent --retries 0', 3, { requests: 1, within: 36_000 }],
      ['post-hang-processed', 'create new@example.com', 0, { posts: 1, mails: 1, within: 45_000 }],
      // Its head had arrived: it is not sent again.
      [
        'post-201-hang-unlisted',
        'create new@example.com',
        3,
        { posts: 1, mails: 1, err: /invite get new@example\.com/ },
      ],
    ],
    60,
  );
});
