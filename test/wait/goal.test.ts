import { expect, test } from 'vitest';
import { statusWords } from '../../src/invitations/filter.ts';
import type { State } from '../../src/invitations/invitation.ts';
import { evaluate } from '../../src/wait/observe.ts';

test.each([
  ['pending', 'accepted', 'pending'],
  ['staged', 'accepted', 'pending'],
  ['staged', 'pending', 'pending'],
  ['unknown', 'accepted', 'pending'],
  ['accepted', 'accepted', 'reached'],
  ['expired', 'accepted', 'impossible'],
  ['deactivated', 'accepted', 'impossible'],
  ['gone', 'accepted', 'impossible'],
  ['gone', 'deactivated', 'reached'],
  ['accepted', 'pending', 'impossible'],
  ['accepted', 'expired', 'impossible'],
  ['pending', 'expired', 'pending'],
  ['expired', 'deactivated', 'pending'],
] as const)('%s, when %s is waited for, is %s', (seen, goal, evaluation) => {
  expect(evaluate(seen, [goal])).toBe(evaluation);
});

test.each(statusWords)('%s, when it is waited for, is reached when it is seen', (word) => {
  expect(evaluate(word === 'sent' ? 'pending' : (word as State), [word])).toBe('reached');
});

test('a constant stands for the state that the status is shown as', () => {
  expect(evaluate('pending', ['INVITE_STATUS_SENT'])).toBe('reached');
  expect(evaluate('pending', ['INVITE_STATUS_ACCEPTED'])).toBe('pending');
});

test.each([
  ['accepted', 'reached'],
  ['deactivated', 'reached'],
  ['pending', 'pending'],
  ['expired', 'pending'],
] as const)('%s, when accepted or deactivated is waited for, is %s', (seen, evaluation) => {
  expect(evaluate(seen, ['accepted', 'deactivated'])).toBe(evaluation);
});
