import type { Column, Fields, View } from '../output/view.ts';
import { textAt } from '../text/json-fields.ts';
import { authTypes, type Invitation, type State, withState } from './invitation.ts';

const references = ['user', 'creator'].flatMap((name) => [
  name,
  ...['id', 'related', 'resource_name', 'api_version', 'kind'].map((field) => `${name}.${field}`),
]);

const metadata = ['self', 'resource_name', 'created_at', 'updated_at', 'deleted_at'].map((name) => `metadata.${name}`);

export const invitationFields: readonly string[] = [
  'id',
  'email',
  'status',
  'state',
  'auth_type',
  'expires_at',
  'accepted_at',
  ...references,
  'metadata',
  ...metadata,
  'api_version',
  'kind',
];

/** Columns that the tables of invitations and of changes have in common. */
export const commonColumns = {
  id: { title: 'ID', field: 'id', rank: 2, narrowest: Number.POSITIVE_INFINITY, typical: 7 },
  email: { title: 'EMAIL', field: 'email', rank: 1, narrowest: 12, typical: 24 },
  state: { title: 'STATE', field: 'state', rank: 0, typical: 'deactivated'.length },
  expires: { title: 'EXPIRES', field: 'expires_at', rank: 3, typical: 20, value: expiryOf },
} as const satisfies Record<string, Column>;

const endedStates: readonly unknown[] = ['accepted', 'deactivated'] satisfies State[];

/** Empty after the invitation was accepted or revoked, since it can no longer expire. */
function expiryOf({ state, expires_at }: Fields): unknown {
  return endedStates.includes(state) ? undefined : expires_at;
}

/**
 * The fields of the API, and the derived `state`.
 * @param now Milliseconds since 1970, asked for when a row is shown: the server's time is known from its first answer on.
 */
export function invitationView(now: () => number): View<Invitation> {
  return {
    fields: invitationFields,
    times: ['expires_at', 'accepted_at', 'metadata.created_at', 'metadata.updated_at', 'metadata.deleted_at'],
    columns: [
      commonColumns.id,
      commonColumns.email,
      commonColumns.state,
      { title: 'AUTH', field: 'auth_type', rank: 5, typical: authTypes.local.length },
      commonColumns.expires,
      { title: 'USER', field: 'user.id', rank: 6 },
      { title: 'CREATED', field: 'metadata.created_at', rank: 4, typical: 20 },
    ],
    csv: [
      ...['id', 'email', 'state', 'status', 'auth_type', 'expires_at', 'accepted_at'],
      ...['user.id', 'creator.id', 'metadata.created_at'],
    ],
    block: [
      ...['id', 'email', 'state', 'status', 'auth_type', 'expires_at', 'accepted_at', 'user', 'creator'],
      ...['metadata.created_at', 'metadata.updated_at', 'metadata.resource_name', 'metadata.self'],
      ...['api_version', 'kind'],
    ],
    record: (invitation) => withState(invitation, now()),
    id: (invitation) => textAt(invitation, 'id'),
  };
}
