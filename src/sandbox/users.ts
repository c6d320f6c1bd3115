import { badRequest, forbidden, missing } from './error-responses.ts';
import type { ApiRequest, ChangeHandler, ReadHandler } from './http.ts';
import { noContent, ok } from './http.ts';
import { owner, timestampNow } from './identifiers.ts';
import { page } from './pages.ts';
import { userOf } from './resources.ts';
import { revokeAll } from './role-bindings.ts';

/** Members only: whoever is still invited is not among them. There are no filters. */
export const listUsers: ReadHandler = (ask) =>
  page(ask, {
    api_version: 'iam/v2',
    kind: 'UserList',
    path: '/iam/v2/users',
    maximum: 100,
    scan: ({ place }) => ask.state.users.after(place ?? -1),
    matches: ({ created_at }) => isListed(created_at, ask),
    resource: (row) => userOf(row, ask.base),
  });

export const getUser: ReadHandler = (ask) => {
  const row = ask.state.users.get(ask.id);
  return row === undefined ? missing(ask.switches.missing_reads) : ok(JSON.stringify(userOf(row, ask.base)));
};

/** Only the name can be changed. */
export const updateUser: ChangeHandler = (ask, record) => {
  const row = ask.state.users.get(ask.id);
  if (row === undefined) return missing(ask.switches.missing_reads);
  const { email = row.email, full_name = row.full_name } = ask.body;
  if (email !== row.email) return badRequest('The property /email cannot be changed');
  if (typeof full_name !== 'string') return badRequest('The property /full_name must be a string');
  const changed = { ...row, full_name, updated_at: timestampNow(ask.clock) };
  record({ put: 'user', row: changed });
  return ok(JSON.stringify(userOf(changed, ask.base)));
};

/** Takes the API keys and the role bindings with it, and the e-mail may be invited again. */
export const deleteUser: ChangeHandler = (ask, record) => {
  const row = ask.state.users.get(ask.id);
  if (row === undefined) return missing(ask.switches.missing_reads);
  if (row.id === owner.id) return forbidden('The user that the API key belongs to cannot be deleted');
  record({ delete: 'user', id: row.id });
  for (const { id } of ask.state.ownedBy(row.id)) record({ delete: 'api_key', id });
  revokeAll(ask.state, `User:${row.id}`, record);
  return noContent;
};

function isListed(created_at: string, { clock, switches: { user_list_lag } }: ApiRequest): boolean {
  return user_list_lag === 0 || clock.now() - Date.parse(created_at) >= user_list_lag;
}
