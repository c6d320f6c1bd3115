import type { View } from '../output/view.ts';
import { type Invitation, stateOf, textAt } from './invitation.ts';

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

/** An invitation as it is shown: the API's own fields, and `state`, which is derived. */
export function invitationView(now: number): View<Invitation> {
  return {
    fields: invitationFields,
    times: ['expires_at', 'accepted_at', 'metadata.created_at', 'metadata.updated_at', 'metadata.deleted_at'],
    columns: [
      { title: 'ID', field: 'id', rank: 0 },
      { title: 'EMAIL', field: 'email', rank: 0 },
      { title: 'STATE', field: 'state', rank: 1 },
      { title: 'AUTH', field: 'auth_type', rank: 4 },
      { title: 'EXPIRES', field: 'expires_at', rank: 2 },
      { title: 'USER', field: 'user.id', rank: 5 },
      { title: 'CREATED', field: 'metadata.created_at', rank: 3 },
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
    record: (invitation) => ({ ...invitation, state: stateOf(invitation, now) }),
    id: (invitation) => textAt(invitation, 'id'),
  };
}
