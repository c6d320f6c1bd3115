import { describe, expect, test } from 'vitest';
import { AnswerWait } from '../../src/http/answer-wait.ts';
import { attemptTimeout } from '../../src/http/layers.ts';
import { retry } from '../../src/http/retry.ts';
import { type Request, type Response, type Send, stack } from '../../src/http/send.ts';
import { errorOf } from '../support/failures.ts';
import { answer, silence } from './answers.ts';
import { virtualClock } from './virtual-clock.ts';

const get: Request = { method: 'GET', path: '/iam/v2/invitations' };
const ok = answer(200, { data: [] });
const busy = answer(429, '', { 'retry-after': '7' });

type Step = readonly [milliseconds: number, response: Response];

/** A server that answers after so many milliseconds, each request in its turn; one that is left out is never answered. */
function watched(isTerminal: boolean, ...steps: readonly Step[]) {
  const clock = virtualClock();
  const lines: (string | undefined)[] = [];
  const say = (line: string) => lines.push(line);
  const draw = isTerminal ? (line: string | undefined) => lines.push(line) : undefined;
  const unanswered = new AnswerWait({ clock, server: 'x', say, draw });
  let count = 0;
  const server: Send = (request) => {
    const step = steps[count];
    count += 1;
    return step === undefined ? silence(request) : clock.sleep(step[0]).then(() => step[1]);
  };
  const layers = [retry({ clock, server: 'x', say, unanswered }), attemptTimeout(clock, 30_000)];
  return { clock, lines, unanswered, send: stack(server, layers) };
}

const silent = (seconds: number, attempt: number) => `x has not answered for ${seconds} s, attempt ${attempt} of 3`;

describe('on a terminal', () => {
  test.each<[string, Step[], (string | undefined)[]]>([
    ['a server that is quick is not talked about', [[1900, ok]], []],
    [
      'from the second second on one line counts, and is gone with the answer',
      [[4500, ok]],
      [silent(2, 1), silent(3, 1), silent(4, 1), undefined],
    ],
    [
      'an answer that asks to wait ends the silence, and the next one begins anew',
      [
        [2500, busy],
        [3400, ok],
      ],
      [silent(2, 1), undefined, 'rate limited, retrying in 7 s', silent(2, 2), silent(3, 2), undefined],
    ],
  ])('%s', async (_name, steps, expected) => {
    const { send, lines } = watched(true, ...steps);
    await send(get);
    expect(lines).toEqual(expected);
  });

  test.each([1, 2])('of %i that are never answered the longest is counted, through all attempts', async (count) => {
    const { send, lines, clock } = watched(true);
    const first = errorOf(send(get));
    await clock.sleep(500);
    await Promise.all([first, ...Array.from({ length: count - 1 }, () => errorOf(send(get)))]);
    const shown = [lines[0], lines[28], lines[29], lines.at(-2), lines.at(-1)];
    expect(shown).toEqual([silent(2, 1), silent(30, 1), silent(31, 2), silent(90, 3), undefined]);
    expect(lines.indexOf(undefined)).toBe(lines.length - 1);
  });

  test('while others are answered the server is not silent', async () => {
    const { send, lines } = watched(true, [7400, ok], [1500, ok], [1500, ok], [1500, ok]);
    const slow = send(get);
    for (let count = 0; count < 3; count += 1) await send(get);
    expect(lines).toEqual([]);
    await slow;
    expect(lines).toEqual([silent(2, 1), undefined]);
  });

  test('what waits for its credentials has not been sent: the server is not blamed', async () => {
    const { send, lines, clock, unanswered } = watched(true, [3400, ok]);
    const signed: Send = async (request) => {
      await unanswered.forCredentials(clock.sleep(3500));
      return send(request);
    };
    const pending = unanswered.begin();
    pending.attempt(1, 3);
    await signed(get);
    pending.end();
    expect(lines).toEqual([
      'still no credentials after 2 s',
      'still no credentials after 3 s',
      silent(2, 1),
      undefined,
    ]);
  });

  test('when all is closed nothing is left of it', async () => {
    const { send, lines, clock, unanswered } = watched(true);
    const off = new AbortController();
    const sent = errorOf(send({ ...get, signal: off.signal }));
    await clock.sleep(2500);
    unanswered.close();
    expect(lines).toEqual([silent(2, 1), undefined]);
    off.abort(new Error('left'));
    await sent;
    expect(lines).toHaveLength(2);
  });
});

test('elsewhere there is one line for each attempt, for all that wait side by side', async () => {
  const { send, lines } = watched(false);
  await Promise.all(Array.from({ length: 4 }, () => errorOf(send(get))));
  expect(lines).toEqual([silent(2, 1), silent(31, 2), silent(61, 3)]);
});
