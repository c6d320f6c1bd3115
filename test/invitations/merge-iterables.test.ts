import { describe, expect, test } from 'vitest';
import { mergeIterables } from '../../src/invitations/client.ts';

/** A source that brings each value when the test says so. */
function source<T>() {
  const queue: { resolve: (step: IteratorResult<T>) => void; reject: (error: unknown) => void }[] = [];
  const seen = { asked: 0, closed: false };
  const iterable: AsyncIterable<T> = {
    [Symbol.asyncIterator]: () => ({
      next: () => {
        seen.asked += 1;
        return new Promise((resolve, reject) => queue.push({ resolve, reject }));
      },
      return: async () => {
        seen.closed = true;
        return { done: true, value: undefined };
      },
    }),
  };
  const bring = (value: T) => queue.shift()?.resolve({ done: false, value });
  const end = () => queue.shift()?.resolve({ done: true, value: undefined });
  const fail = (error: unknown) => queue.shift()?.reject(error);
  return { iterable, seen, bring, end, fail };
}

describe('sideBySide', () => {
  test('asks all at once and yields what comes first', async () => {
    const [a, b] = [source<string>(), source<string>()];
    const merged = mergeIterables([a.iterable, b.iterable]);
    const first = merged.next();
    expect([a.seen.asked, b.seen.asked]).toEqual([1, 1]);
    b.bring('b1');
    expect(await first).toEqual({ done: false, value: 'b1' });
    const second = merged.next();
    a.bring('a1');
    expect(await second).toEqual({ done: false, value: 'a1' });
    const third = merged.next();
    a.end();
    b.bring('b2');
    expect(await third).toEqual({ done: false, value: 'b2' });
    const last = merged.next();
    b.end();
    expect(await last).toEqual({ done: true, value: undefined });
  });

  test('a failure while nobody listens waits until it is asked for, and closes the others', async () => {
    const [a, b] = [source<string>(), source<string>()];
    const merged = mergeIterables([a.iterable, b.iterable]);
    const first = merged.next();
    a.bring('a1');
    await first;
    b.fail(new Error('gone'));
    // Long enough for an unhandled rejection to be reported.
    await new Promise(setImmediate);
    await expect(merged.next()).rejects.toThrow('gone');
    expect([a.seen.closed, b.seen.closed]).toEqual([true, true]);
  });

  test('whoever stops reading closes all', async () => {
    const [a, b] = [source<string>(), source<string>()];
    const merged = mergeIterables([a.iterable, b.iterable]);
    const first = merged.next();
    a.bring('a1');
    await first;
    await merged.return();
    expect([a.seen.closed, b.seen.closed]).toEqual([true, true]);
  });

  test('nothing comes of nothing', async () => {
    expect(await mergeIterables([]).next()).toEqual({ done: true, value: undefined });
  });
});
