import { badRequest, forbidden } from './api.ts';
import { pendingQuota } from './invitations.ts';
import { lagsBehind, type Resource, userReference } from './resource.ts';
import { type ApiKeyRow, organization, organizationCrn, owner, Table, timestampNow, type UserRow } from './state.ts';

/** Members only, without pending users. There are no filters. */
export const users: Resource<UserRow> = {
  api_version: 'iam/v2',
  kind: 'User',
  path: '/iam/v2/users',
  rows: ({ state }) => state.users,
  crn: (id) => `/user=${id}`,
  fields: ({ email, full_name, auth_type }) => ({ email, full_name, auth_type }),
  isListed: ({ created_at }, call) => !lagsBehind(call, created_at, call.settings.user_list_lag),
  /** Only `full_name` can be changed. */
  update(row, { body, state, clock }) {
    const { email = row.email, full_name = row.full_name } = body;
    if (email !== row.email) throw badRequest('The property /email cannot be changed');
    if (typeof full_name !== 'string') throw badRequest('The property /full_name must be a string');
    const changed = { ...row, full_name, updated_at: timestampNow(clock) };
    state.users.put(changed);
    return changed;
  },
  /** Deletes the API keys and role bindings too; the e-mail can be invited again. */
  delete({ id }, { state }) {
    if (id === owner.id) throw forbidden('The user that the API key belongs to cannot be deleted');
    state.users.delete(id);
    for (const key of state.keys.where((one) => one.owner === id)) state.keys.delete(key.id);
    state.revokeAll(`User:${id}`);
  },
};

export const apiKeys: Resource<ApiKeyRow> = {
  api_version: 'iam/v2',
  kind: 'ApiKey',
  path: '/iam/v2/api-keys',
  rows: ({ state }) => state.keys,
  crn: (id) => `/api-key=${id}`,
  fields({ display_name, owner: ownerId }, { base }) {
    const names = { related: base + apiKeys.path, resource_name: `${organizationCrn}/cloud` };
    const resource = { api_version: 'iam/v2', kind: 'Cloud', id: 'cloud', ...names };
    return { spec: { display_name, owner: userReference(ownerId, base), resource } };
  },
  checkList({ settings }) {
    if (settings.api_keys !== 'readable') throw forbidden();
  },
  filters: ['spec.owner', 'spec.resource'],
  matches: (row, filter, wanted) => wanted === (filter === 'spec.owner' ? row.owner : 'cloud'),
  find({ id, state, settings, caller }) {
    const isOwn = settings.api_keys === 'own_only' && id === caller.api_key;
    if (settings.api_keys !== 'readable' && !isOwn) throw forbidden();
    return state.keys.get(id);
  },
};

/** Only the organization that the key belongs to. */
export const organizations: Resource<typeof organization> = {
  api_version: 'org/v2',
  kind: 'Organization',
  path: '/org/v2/organizations',
  rows: () => new Table<typeof organization>().put(organization),
  crn: () => '',
  fields: ({ display_name }, { settings }) => ({ display_name, jit_enabled: settings.sso === 'yes' }),
};

interface Quota {
  readonly id: string;
  readonly display_name: string;
  readonly default_limit: number;
}

const limits: readonly Quota[] = [
  { id: pendingQuota, display_name: 'Pending invitations in an organization', default_limit: 150 },
  { id: 'iam.max_users.per_org', display_name: 'Users in an organization', default_limit: 1000 },
];

/** The quotas of the organization; like the real API, without their usage. */
export const quotas: Resource<Quota> = {
  api_version: 'service-quota/v1',
  kind: 'AppliedQuota',
  path: '/service-quota/v1/applied-quotas',
  rows: () => limits.reduce((table, limit) => table.put(limit), new Table<Quota>()),
  crn: (id) => `/applied-quota=${id}`,
  fields({ id, display_name, default_limit }, { base, settings }) {
    const { id: organizationId } = organization;
    const related = `${base}${organizations.path}/${organizationId}`;
    return {
      scope: 'ORGANIZATION',
      display_name,
      default_limit,
      applied_limit: id === pendingQuota ? settings.quota : default_limit,
      organization: { id: organizationId, related, resource_name: organizationCrn },
    };
  },
  checkList({ query }) {
    if (!query.get('scope')) throw badRequest('The parameter scope is required', 'scope');
  },
  filters: ['scope', 'id'],
  matches: ({ id }, filter, wanted) => (filter === 'id' ? id === wanted : wanted.toUpperCase() === 'ORGANIZATION'),
  maximum: () => 200,
};
