import type { ApiRequest, ReadHandler, WriteHandler } from './endpoint.ts';
import { badRequest, forbidden, missing } from './error-responses.ts';
import { noContent, ok } from './http.ts';
import { timestampNow } from './identifiers.ts';
import { owner } from './initial-state.ts';
import { page } from './pages.ts';
import { userOf } from './resources.ts';
import { revokeAll } from './role-bindings.ts';

/** Members only, without pending users. There are no filters. */
export const listUsers: ReadHandler = (request) =>
  page(request, {
    api_version: 'iam/v2',
    kind: 'UserList',
    path: '/iam/v2/users',
    maximum: 100,
    scan: ({ after }) => request.state.users.after(after ?? -1),
    matches: ({ created_at }) => isListed(created_at, request),
    resource: (row) => userOf(row, request.base),
  });

export const getUser: ReadHandler = (request) => {
  const row = request.state.users.get(request.id);
  return row === undefined ? missing(request.settings.missing_reads) : ok(JSON.stringify(userOf(row, request.base)));
};

/** Only `full_name` can be changed. */
export const updateUser: WriteHandler = (request, append) => {
  const row = request.state.users.get(request.id);
  if (row === undefined) return missing(request.settings.missing_reads);
  const { email = row.email, full_name = row.full_name } = request.body;
  if (email !== row.email) return badRequest('The property /email cannot be changed');
  if (typeof full_name !== 'string') return badRequest('The property /full_name must be a string');
  const changed = { ...row, full_name, updated_at: timestampNow(request.clock) };
  append({ put: 'user', row: changed });
  return ok(JSON.stringify(userOf(changed, request.base)));
};

/** Deletes the API keys and role bindings too; the e-mail can be invited again. */
export const deleteUser: WriteHandler = (request, append) => {
  const row = request.state.users.get(request.id);
  if (row === undefined) return missing(request.settings.missing_reads);
  if (row.id === owner.id) return forbidden('The user that the API key belongs to cannot be deleted');
  append({ delete: 'user', id: row.id });
  for (const { id } of request.state.ownedBy(row.id)) append({ delete: 'api_key', id });
  revokeAll(request.state, `User:${row.id}`, append);
  return noContent;
};

function isListed(created_at: string, { clock, settings: { user_list_lag } }: ApiRequest): boolean {
  return user_list_lag === 0 || clock.now() - Date.parse(created_at) >= user_list_lag;
}
