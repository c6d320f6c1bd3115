import { expect, test } from 'vitest';
import { invitationsClient } from '../../src/api/invitations.ts';
import { apiKeysClient, usersClient } from '../../src/api/users.ts';
import { CliError } from '../../src/errors.ts';
import { type Api, createApi } from '../../src/http/api.ts';
import { answer, script } from '../http/answers.ts';
import { errorOf } from '../support/failures.ts';

test('one pass over the list serves all who are looked for, and another one after a failure', async () => {
  const rows = [1, 2, 3].map((n) => ({ id: `u-${n}`, email: `Ann${n % 2}@example.com` }));
  const asked: string[] = [];
  const failures = [2];
  const pages: Api['pages'] = async function* () {
    for (const row of rows) {
      asked.push(row.id);
      if (row.id === `u-${failures[0]}` && failures.shift()) throw new CliError('network', 'cannot list users');
      yield [row];
    }
  };
  const users = usersClient({ pages } as unknown as Api);
  await expect(users.byEmail()).rejects.toMatchObject({ code: 'network' });
  const ids = ['ann0', 'ann1', 'nobody'].map(async (name) => (await users.byEmail()).get(`${name}@example.com`));
  expect(await Promise.all(ids)).toEqual([new Set(['u-2']), new Set(['u-1', 'u-3']), undefined]);
  expect(asked).toEqual(['u-1', 'u-2', 'u-1', 'u-2', 'u-3']);
});

test('a member with another address is none who left, also where the list may not be read', async () => {
  const eve = answer(200, { id: 'u-eve', email: 'eve@example.com' });
  const desk = [{ email: 'desk@example.com', id: 'u-eve' }];
  const unlisted = usersClient(createApi(script(eve, answer(403, {}), eve)));
  expect(await unlisted.absent(desk)).toEqual({ gone: new Set(), unsure: new Set(), renewed: new Map() });
  // Another one has it by now.
  const users = { metadata: {}, data: [{ id: 'u-new', email: 'Desk@example.com' }] };
  const { renewed } = await usersClient(createApi(script(eve, answer(200, users)))).absent(desk);
  expect(renewed).toEqual(new Map([['desk@example.com', new Set(['u-new'])]]));
});

test.each([
  ['an invitation', (api: Api) => invitationsClient(api, Date.now).get('x-1')],
  ['a user', (api: Api) => usersClient(api).get('x-1')],
  ['an API key', (api: Api) => apiKeysClient(api).ownerOf('x-1')],
])('%s is not taken from the answer to another request', async (_what, read) => {
  const stranger = { id: 'x-2', email: 'eve@example.com', spec: { owner: { id: 'u-eve' } } };
  expect(await errorOf(read(createApi(script(answer(200, stranger)))))).toMatchObject({
    code: 'bad_response',
    message: 'asked for "x-1", the API answered with "x-2"',
    details: { target: 'x-1' },
  });
});
