import { describe, expect, test } from 'vitest';
import { statuses } from '../../src/api/invitation.ts';
import { invitationsClient } from '../../src/api/invitations.ts';
import type { Api, Paging } from '../../src/http/api.ts';
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

describe('the passes of an unordered list', () => {
  /** A pass for each status, which brings a row, or fails, when the test says so. */
  function passes() {
    const gates = new Map<unknown, (failure?: Error) => void>();
    const closed: unknown[] = [];
    const pages = async function* (_path: string, { query = {} }: Paging) {
      const { status } = query;
      try {
        for (;;) {
          const failure = await new Promise<Error | undefined>((resolve) => gates.set(status, resolve));
          if (failure !== undefined) throw failure;
          yield [{ id: `${status}`, status }];
        }
      } finally {
        closed.push(status);
      }
    };
    const list = invitationsClient({ pages } as unknown as Api, () => 0).list({}, { unordered: true });
    const settle = (status: string, failure?: Error) => gates.get(status)?.(failure);
    return { rows: list[Symbol.asyncIterator](), settle, closed };
  }
  const [sent, staged] = statuses;

  test('are asked all at once, and what comes first is first', async () => {
    const { rows, settle } = passes();
    const first = rows.next();
    await new Promise(setImmediate);
    settle(staged);
    expect((await first).value).toEqual([{ id: staged, status: staged, state: 'staged' }]);
    settle(sent);
    expect((await rows.next()).value).toMatchObject([{ id: sent }]);
  });

  test('end with one that fails, whose failure waits until it is asked for', async () => {
    const { rows, settle, closed } = passes();
    const first = rows.next();
    await new Promise(setImmediate);
    settle(sent);
    await first;
    settle(sent, new Error('gone'));
    // Long enough for an unhandled rejection to be reported.
    await new Promise(setImmediate);
    await expect(rows.next()).rejects.toThrow('gone');
    settle(staged);
    await new Promise(setImmediate);
    expect(closed).toEqual([sent, staged]);
  });
});

test('an answer to a get that has neither id nor e-mail is no invitation', async () => {
  const answering = (answer: Row) => invitationsClient({ getById: async () => answer } as unknown as Api, () => 0);
  const list = { kind: 'InvitationList', metadata: {}, data: [] };
  await expect(answering(list).get('i-1')).rejects.toMatchObject({ code: 'bad_response' });
  expect(await answering({ email: 'ann@example.com' }).get('i-1')).toMatchObject({ state: 'unknown' });
});
