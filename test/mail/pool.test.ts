import { describe, expect, test } from 'vitest';
import { pool } from '../../src/mail/run-changes.ts';

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of source) found.push(one);
  return found;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('a pool', () => {
  test('carries out as many at once as asked and no more, and yields each with its number', async () => {
    let running = 0;
    let most = 0;
    const act = async (item: string) => {
      running += 1;
      most = Math.max(most, running);
      await turn();
      running -= 1;
      return item.toUpperCase();
    };
    const found = await all(pool(['a', 'b', 'c', 'd', 'e'], act, 2));
    expect(most).toBe(2);
    expect(found.sort()).toEqual(['A', 'B', 'C', 'D', 'E'].map((letter, number) => [number, letter]));
  });

  test('begins nothing before a result is wanted, and one at a time where one is allowed', async () => {
    const begun: number[] = [];
    const act = async (n: number) => begun.push(n);
    const results = pool([0, 1, 2], act, 1);
    expect(begun).toEqual([]);
    await results.next();
    await turn();
    expect(begun).toEqual([0]);
  });

  test('keeps nobody else from having a turn, even where no act waits', async () => {
    let isHeard = false;
    setImmediate(() => {
      isHeard = true;
    });
    for await (const [number] of pool([...Array(1000).keys()], async (n) => n, 4)) {
      if (isHeard) return expect(number).toBeLessThan(300);
    }
    expect(isHeard).toBe(true);
  });

  test('ends with the error of an act that rejects', async () => {
    const act = async (n: number) => {
      if (n === 1) throw new Error('a bug');
      return n;
    };
    await expect(all(pool([0, 1, 2], act, 1))).rejects.toThrow('a bug');
  });
});
