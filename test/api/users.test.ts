import { expect, test } from 'vitest';
import { usersClient } from '../../src/api/users.ts';
import { CliError } from '../../src/errors.ts';
import type { Api } from '../../src/http/api.ts';

test('one pass over the list serves all who are looked for, and another one after a failure', async () => {
  const rows = [1, 2, 3].map((n) => ({ id: `u-${n}`, email: `Ann${n}@example.com` }));
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
  await expect(users.idOf('ann3@example.com')).rejects.toMatchObject({ code: 'network' });
  const ids = ['ann2', 'ann1', 'nobody', 'ann3', 'nobody', 'else'].map((name) => users.idOf(`${name}@example.com`));
  expect(await Promise.all(ids)).toEqual(['u-2', 'u-1', undefined, 'u-3', undefined, undefined]);
  expect(asked).toEqual(['u-1', 'u-2', 'u-1', 'u-2', 'u-3']);
});
