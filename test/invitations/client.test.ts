import { describe, expect, test } from 'vitest';
import type { Api } from '../../src/http/api.ts';
import type { Paging } from '../../src/http/pages.ts';
import type { Query } from '../../src/http/send.ts';
import { invitationsClient } from '../../src/invitations/client.ts';
import { statuses } from '../../src/invitations/invitation.ts';

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
