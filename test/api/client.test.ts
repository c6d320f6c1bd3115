import { describe, expect, test } from 'vitest';
import { invitationsClient, mergeIterables } from '../../src/api/client.ts';
import { statuses } from '../../src/api/invitation.ts';
import type { Api } from '../../src/http/api.ts';
import type { Paging } from '../../src/http/pages.ts';
import type { Query } from '../../src/http/send.ts';

type Row = Readonly<Record<string, unknown>>;

/** A client over an API that only lists, and the status that each pass asked for. */
function clientOf(rowsFor: (query: Query) => readonly Row[]) {
  const asked: unknown[] = [];
  const pages = async function* (_path: string, { query = {} }: Paging) {
    asked.push(query.status);
    yield rowsFor(query);
  };
  return { client: invitationsClient({ pages } as unknown as Api, () => 0), asked };
}

async function idsOf(batches: AsyncIterable<readonly Row[]>): Promise<unknown[]> {
  const ids: unknown[] = [];
  for await (const batch of batches) ids.push(...batch.map(({ id }) => id));
  return ids.sort();
}

const all: readonly Row[] = statuses.map((status, number) => ({ id: `i-${number}`, status, user: { id: 'u-1' } }));

describe('an unordered list', () => {
  test('asks once for each status and yields every invitation once', async () => {
    const { client, asked } = clientOf(({ status }) => all.filter((row) => row.status === status));
    expect(await idsOf(client.list({}, { unordered: true }))).toEqual(['i-0', 'i-1', 'i-2', 'i-3', 'i-4']);
    expect(asked).toEqual([...statuses]);
  });

  test('asks only for the statuses that are wanted, a repeated one once', async () => {
    const wanted = [statuses[3], statuses[0], statuses[3]];
    const { client, asked } = clientOf(({ status }) => all.filter((row) => row.status === status));
    expect(await idsOf(client.list({ status: wanted, user: 'u-1' }, { unordered: true }))).toEqual(['i-0', 'i-3']);
    expect(asked).toEqual([statuses[3], statuses[0]]);
  });

  test('takes what changes its status meanwhile once', async () => {
    const { client } = clientOf(({ status }) => [{ id: 'i-same', status }, { status }]);
    expect(await idsOf(client.list({}, { unordered: true }))).toEqual(['i-same', ...statuses.map(() => undefined)]);
  });

  test('checks the filter here, too: a server that ignores it repeats nothing', async () => {
    const { client } = clientOf(() => all);
    expect(await idsOf(client.list({}, { unordered: true }))).toEqual(['i-0', 'i-1', 'i-2', 'i-3', 'i-4']);
  });

  test('is the ordinary one for an e-mail, and without the wish', async () => {
    const { client, asked } = clientOf(() => all);
    await idsOf(client.list({}));
    expect(asked).toEqual([undefined]);
    expect(await idsOf(client.list({ email: 'ann@example.com' }, { unordered: true }))).toEqual([]);
    expect(asked.filter((status) => status !== undefined)).toEqual([]);
  });
});

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

test('an answer to a get that has neither id nor e-mail is no invitation', async () => {
  const answering = (answer: Row) => invitationsClient({ get: async () => answer } as unknown as Api, () => 0);
  const list = { kind: 'InvitationList', metadata: {}, data: [] };
  await expect(answering(list).get('i-1')).rejects.toMatchObject({ code: 'bad_response' });
  expect(await answering({ email: 'ann@example.com' }).get('i-1')).toMatchObject({ state: 'unknown' });
});
