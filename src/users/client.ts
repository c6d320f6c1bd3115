import { CliError } from '../errors.ts';
import type { Api } from '../http/api.ts';

const path = '/iam/v2/users';

export interface Users {
  /** Removes a member, their API keys and role bindings included. */
  delete(id: string): Promise<void>;
  /** The id of the member with this e-mail. The API has no filter for users: every page is read until it is found. */
  idOf(email: string): Promise<string | undefined>;
}

export function usersClient(api: Api, fold: (email: string) => string): Users {
  return {
    delete: async (id) => {
      await api.delete(`${path}/${encodeURIComponent(id)}`, { act: `delete the user "${id}"` });
    },
    idOf: async (email) => {
      for await (const page of api.pages(path, {}, { act: 'list users' })) {
        const user = page.map(asUser).find((one) => fold(one.email) === fold(email));
        if (user !== undefined) return user.id;
      }
      return undefined;
    },
  };
}

function asUser(value: unknown): { id: string; email: string } {
  if (typeof value !== 'object' || value === null) {
    throw new CliError('bad_response', 'the API answered with something that is not a user');
  }
  const { id, email } = value as { id?: unknown; email?: unknown };
  return { id: String(id ?? ''), email: String(email ?? '') };
}
