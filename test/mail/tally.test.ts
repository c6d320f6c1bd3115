import { describe, expect, test } from 'vitest';
import { CliError } from '../../src/errors.ts';
import { Tally } from '../../src/mail/result.ts';

function failure(target: string, reason: string) {
  return { target, outcome: 'failed' as const, error: new CliError('invalid_email', 'cannot post', { reason }) };
}

describe('the end of many', () => {
  test('all well is no failure', () => {
    const tally = new Tally();
    // In the order of the list of outcomes, whichever ended first.
    tally.add({ target: 'b@example.com', outcome: 'already_invited' });
    tally.add({ target: 'a@example.com', outcome: 'created' });
    expect([tally.summary(), tally.error()]).toEqual(['1 created, 1 already_invited', undefined]);
  });

  test('the same reason for many people is one line, the most frequent first', () => {
    const tally = new Tally();
    tally.add(failure('a@example.com', 'HTTP 400: too late'));
    for (const name of ['b', 'c'])
      tally.add(failure(`${name}@example.com`, `HTTP 422: "${name}@example.com" is not acceptable`));
    expect(tally.error()).toMatchObject({
      code: 'partial_failure',
      message: '3 of 3 failed',
      details: { reason: '2 × HTTP 422: "…" is not acceptable\n1 × HTTP 400: too late' },
    });
  });

  test('what helps against every failure is said once, what helps against some is not', () => {
    const hinted = (name: string) => {
      const one = failure(`${name}@example.com`, 'no');
      return { ...one, error: one.error.with({ hints: ['use another key'] }) };
    };
    const tally = new Tally();
    for (const name of ['a', 'b']) tally.add(hinted(name));
    expect(tally.error()?.details.hints).toEqual(['use another key']);
    tally.add(failure('c@example.com', 'no'));
    expect(tally.error()?.details.hints).toEqual([]);
  });

  test('the user that was made for a person does not make a reason of its own', () => {
    const tally = new Tally();
    for (const n of [1, 2]) {
      const of = { email: `p${n}@example.com`, user: { id: `u-${n}` } };
      tally.add({ ...failure(`p${n}@example.com`, `cannot grant "X" to "User:u-${n}"`), invitation: of });
    }
    tally.add({ ...failure('p3@example.com', 'cannot grant "X" to "User:u-3"'), user: 'u-3' });
    expect(tally.error()?.details.reason).toBe('3 × cannot grant "X" to "User:…"');
  });

  test('of many different reasons only some are shown', () => {
    const tally = new Tally();
    for (let n = 0; n < 50; n += 1) tally.add(failure(`p${n}@example.com`, `reason ${n}`));
    const lines = tally.error()?.details.reason?.split('\n') ?? [];
    expect([lines.length, lines[0], lines.at(-1)]).toEqual([11, '1 × reason 0', 'and 40 other reasons']);
  });

  test('what ended it goes before what failed', () => {
    const tally = new Tally();
    tally.add(failure('a@example.com', 'HTTP 422'));
    tally.add({ target: 'b@example.com', outcome: 'not_attempted' });
    const cancelled = new CliError('cancelled', 'cancelled');
    expect(tally.error(cancelled)).toMatchObject({
      code: 'cancelled',
      details: { reason: '1 of 2 were not attempted\n1 × HTTP 422' },
    });
    expect(tally.error()).toMatchObject({ code: 'partial_failure' });
  });

  test('an interruption after the last one is none', () => {
    const tally = new Tally();
    tally.add({ target: 'a@example.com', outcome: 'created' });
    expect(tally.error(new CliError('cancelled', 'cancelled'))).toBe(undefined);
  });
});
