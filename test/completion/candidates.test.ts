import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { candidates, profileCandidates } from '../../src/completion/candidates.ts';

const now = Date.parse('2026-05-01T00:00:00Z');
const base = { what: 'get', now, typed: '', words: [] };

function invitation(id: string, status: string, expires_at = '2026-05-03T00:00:00Z') {
  return { id, email: `${id}@example.com`, status: `INVITE_STATUS_${status}`, expires_at };
}

const known = [
  invitation('sent', 'SENT'),
  invitation('late', 'SENT', '2026-04-28T00:00:00Z'),
  invitation('staged', 'STAGED'),
  invitation('old', 'EXPIRED', '2026-04-01T00:00:00Z'),
  invitation('in', 'ACCEPTED'),
  invitation('off', 'DEACTIVATED'),
];

function ids(wish: object): string[] {
  return candidates(known, { ...base, ...wish })
    .map(({ text }) => text)
    .filter((text) => !text.includes('@'));
}

describe('what fits', () => {
  test.each<readonly [what: string, ids: string[]]>([
    ['get', ['sent', 'late', 'staged', 'old', 'in', 'off']],
    ['delete', ['sent', 'late', 'staged', 'old', 'off']],
    ['resend', ['sent', 'late', 'staged', 'old']],
    ['wait', ['sent', 'staged']],
    ['email', []],
    ['sandbox', []],
  ])('%s', (what, expected) => {
    expect(ids({ what })).toEqual(expected);
  });

  test('what the line names already is not offered again, by neither name', () => {
    expect(candidates(known.slice(0, 1), { ...base, words: ['sent@example.com'] })).toEqual([]);
    expect(candidates(known.slice(0, 1), { ...base, words: ['sent'] })).toEqual([]);
  });
});

test('e-mails come first, each with what it is now', () => {
  expect(candidates(known.slice(0, 2), base)).toEqual([
    { text: 'sent@example.com', meaning: 'pending, expires in 2 days' },
    { text: 'late@example.com', meaning: 'expired 3 days ago' },
    { text: 'sent', meaning: 'sent@example.com, pending, expires in 2 days' },
    { text: 'late', meaning: 'late@example.com, expired 3 days ago' },
  ]);
});

test('an e-mail with several invitations is offered once', () => {
  const twice = [invitation('a', 'SENT'), { ...invitation('b', 'EXPIRED'), email: 'a@example.com' }];
  expect(candidates(twice, { ...base, what: 'email' })).toEqual([
    { text: 'a@example.com', meaning: 'several invitations' },
  ]);
});

test('only what goes on with what is typed; where that has quotes, the shell decides', () => {
  expect(ids({ typed: 'st' })).toEqual(['staged']);
  expect(ids({ typed: "'st" })).toHaveLength(known.length);
  expect(profileCandidates(['work', 'home'], { typed: 'w', words: [] })).toEqual([{ text: 'work', meaning: '' }]);
});

test.each([
  '-rf@example.com',
  'two words@example.com',
  'tab\t@example.com',
  'line\n@example.com',
  'esc\x1b[2J@example.com',
  'bidi\u202e@example.com',
  '',
])('no shell could take %j as a word that means itself', (email) => {
  expect(candidates([{ ...invitation('x', 'SENT'), email }], { ...base, what: 'email' })).toEqual([]);
});

test('fields that are missing, null or of another type are passed over', () => {
  expect(candidates([{}, { id: null, email: 7 }, { id: 'i-1', status: 'INVITE_STATUS_NEW' }], base)).toEqual([
    { text: 'i-1', meaning: '-, unknown' },
  ]);
});

test('whatever the server sends, a candidate is one line with one tab', () => {
  const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          id: fc.string({ unit }),
          email: fc.string({ unit }),
          status: fc.string(),
          expires_at: fc.string(),
        }),
        { maxLength: 3 },
      ),
      (records) => {
        return candidates(records, base).every(({ text, meaning }) =>
          /^[^\x00-\x1f]+\t[^\x00-\x1f]*$/.test(`${text}\t${meaning}`),
        );
      },
    ),
  );
});
