import { expect, test } from 'vitest';
import { evaluate, goals } from '../../src/wait/result.ts';

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
] as const)('%s, when %s is waited for, is %s', (seen, goal, judgement) => {
  expect(evaluate(seen, goal)).toBe(judgement);
});

test('a state that is waited for is reached when it is seen', () => {
  for (const goal of goals) expect(evaluate(goal, goal)).toBe('reached');
});
