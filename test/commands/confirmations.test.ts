import { expect, test } from 'vitest';
import { confirmationPhrase, describePeople, type QuestionAbout } from '../../src/mail/targets.ts';
import { useDesk } from '../support/desk.ts';

const { invite, ok } = useDesk();

const question: QuestionAbout = (people, isPlural) => `revoke the invitation${isPlural ? 's' : ''} of ${people}?`;

function asked(count: number) {
  return Array.from({ length: count }, (_, number) => {
    const invitation = { id: `i-${number}`, email: `a${number}@example.com`, user: { id: `u-${number}` } };
    return { target: `i-${number}`, known: [invitation], invitation };
  });
}

test('one person is named in the question', () => {
  expect(describePeople(question, asked(1))).toEqual(['revoke the invitation of a0@example.com (i-0)?']);
  const withRole = describePeople(question, asked(1), () => [{ role_name: 'Operator', crn_pattern: '' }]);
  expect(withRole).toEqual(['revoke the invitation of a0@example.com (i-0), with Operator?']);
  expect(confirmationPhrase(1)).toBeUndefined();
});

test('at most ten are named, and the number is typed for more', () => {
  const [head, ...lines] = describePeople(question, asked(100));
  expect([head, lines.length]).toEqual(['revoke the invitations of these 100 people?', 11]);
  expect([lines[0], ...lines.slice(-2)]).toEqual(['  a0@example.com (i-0)', '  a9@example.com (i-9)', '  and 90 more']);
  expect(describePeople(question, asked(10))).toHaveLength(11);
  expect([confirmationPhrase(10), confirmationPhrase(11)]).toEqual([undefined, '11']);
});

test('an administrator is named first, whoever else is', () => {
  const admin = { role_name: 'AccountAdmin', crn_pattern: 'crn://confluent.cloud/organization=1' };
  const [, first] = describePeople(question, asked(100), (user) => (user === 'u-42' ? [admin] : []));
  expect(first).toBe('  a42@example.com (i-42), with AccountAdmin on the organization');
});

test('nothing is asked where the end of a list was typed, for no answer could follow', async () => {
  await ok('create ann@example.com');
  const stderr = expect.stringMatching(
    /prompts are not possible here\n.*ann@example\.com.*\n.*hint:.* --yes confirms\n$/,
  );
  const world = { tty: true, stdin: 'ann@example.com\n' };
  expect(await invite('delete -', world)).toMatchObject({ code: 2, stdout: '', stderr });
});

test.each([
  ['delete --status sent', 'revoke the invitations of these 2 people?'],
  ['delete ann@example.com', 'revoke the invitation of ann@example.com (ID)?'],
  ['resend --status sent', 'mail the invitations of these 2 people again?'],
  ['resend ann@example.com', 'mail the invitation of ann@example.com (ID) again?'],
])('%s asks', async (line, asked) => {
  await ok('create ann@example.com bob@example.com cyd@example.com', 'sandbox accept cyd@example.com');
  const { code, stderr } = await invite(line);
  const [error, question = '', hint] = stderr.split('\n').map((text) => text.trim());
  expect([code, hint]).toEqual([2, 'hint: --yes confirms']);
  expect(error).toBe('error: this needs a confirmation, and prompts are not possible here');
  expect(question.replace(/i-\w+/, 'ID')).toBe(asked);
});
