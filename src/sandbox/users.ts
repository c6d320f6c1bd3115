import { noContent, ok } from './answer.ts';
import { revokeAll } from './bindings.ts';
import { owner } from './identifiers.ts';
import { page } from './page.ts';
import { forbidden, missing } from './refusals.ts';
import { userOf } from './resources.ts';
import type { Change, Look } from './rule.ts';

/** Members only: whoever is still invited is not among them. There are no filters. */
export const listUsers: Look = (ask) =>
  page(ask, {
    api_version: 'iam/v2',
    kind: 'UserList',
    path: '/iam/v2/users',
    maximum: 100,
    scan: ({ place }) => ask.state.users.after(place ?? -1),
    matches: () => true,
    resource: (row) => userOf(row, ask.base),
  });

export const getUser: Look = (ask) => {
  const row = ask.state.users.get(ask.id);
  return row === undefined ? missing(ask.switches.missing_reads) : ok(JSON.stringify(userOf(row, ask.base)));
};

/** Takes the role bindings with it, and the e-mail may be invited again. */
export const deleteUser: Change = (ask, record) => {
  const row = ask.state.users.get(ask.id);
  if (row === undefined) return missing(ask.switches.missing_reads);
  if (row.id === owner.id) return forbidden('The user that the API key belongs to cannot be deleted');
  record({ delete: 'user', id: row.id });
  revokeAll(ask.state, `User:${row.id}`, record);
  return noContent;
};
