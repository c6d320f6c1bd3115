import { expect, test } from 'vitest';
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

test.each<[string, string[] | undefined, (string | undefined)[]]>([
  ['two', [statuses[3], statuses[0], statuses[3]], [statuses[3], statuses[0]]],
  ['three', [statuses[3], statuses[0], statuses[1]], [undefined]],
  ['none', undefined, [undefined]],
])('a list of %s statuses has a pass for each of two, and each invitation once', async (_, status, passes) => {
  const { client, asked } = clientOf(() => all);
  const wanted = all.filter((row) => status?.includes(String(row.status)) ?? true);
  expect(await idsOf(client.list({ status, user: 'u-1' }))).toEqual(wanted.map(({ id }) => id));
  expect(asked).toEqual(passes);
});

test('an answer to a get that has neither id nor e-mail is no invitation', async () => {
  const answering = (answer: Row) => invitationsClient({ get: async () => answer } as unknown as Api, () => 0);
  const list = { kind: 'InvitationList', metadata: {}, data: [] };
  await expect(answering(list).get('i-1')).rejects.toMatchObject({ code: 'bad_response' });
  expect(await answering({ email: 'ann@example.com' }).get('i-1')).toMatchObject({ state: 'unknown' });
});
