import { expect, test } from 'vitest';
import { confirmationPhrase, describePeople, type QuestionAbout } from '../../src/mail/targets.ts';
import { useDesk } from '../support/desk.ts';

const { invite, ok } = useDesk();

const question: QuestionAbout = (people, isPlural) => `revoke the invitation${isPlural ? 's' : ''} of ${people}?`;

function asked(count: number) {
  return Array.from({ length: count }, (_, number) => {
    const invitation = { id: `i-${number}`, email: `a${number}@example.com` };
    return { target: `i-${number}`, known: [invitation], invitation };
  });
}

test('one person is named in the question', () => {
  expect(describePeople(question, asked(1))).toEqual(['revoke the invitation of a0@example.com (i-0)?']);
  expect(describePeople(question, asked(1), new Map([['i-0', 'Operator']]))).toEqual([
    'revoke the invitation of a0@example.com (i-0), with Operator?',
  ]);
  expect(confirmationPhrase(1)).toBeUndefined();
});

test('at most ten are named, and the number is typed for more', () => {
  expect(describePeople(question, asked(2))).toEqual([
    'revoke the invitations of these 2 people?',
    '  a0@example.com (i-0)',
    '  a1@example.com (i-1)',
  ]);
  const lines = describePeople(question, asked(100));
  expect([lines.length, lines[0], lines[10], lines[11]]).toEqual([
    12,
    'revoke the invitations of these 100 people?',
    '  a9@example.com (i-9)',
    '  and 90 more',
  ]);
  expect(describePeople(question, asked(10))).toHaveLength(11);
  expect([confirmationPhrase(10), confirmationPhrase(11)]).toEqual([undefined, '11']);
});

test.each([
  ['delete --status sent', 'revoke the invitations of these 2 people?'],
  ['delete ann@example.com', /^revoke the invitation of ann@example\.com \(i-\w+\)\?$/],
  ['resend --status sent', 'mail the invitations of these 2 people again?'],
  ['resend ann@example.com', /^mail the invitation of ann@example\.com \(i-\w+\) again\?$/],
])('%s asks', async (line, asked) => {
  await ok('create ann@example.com bob@example.com cyd@example.com', 'sandbox accept cyd@example.com');
  const { code, stderr } = await invite(line);
  const [error, question = '', hint] = stderr.split('\n').map((text) => text.trim());
  expect([code, error, hint]).toEqual([
    2,
    'error: this needs a confirmation, and prompts are not possible here',
    'hint: --yes confirms',
  ]);
  if (typeof asked === 'string') expect(question).toBe(asked);
  else expect(question).toMatch(asked);
});
