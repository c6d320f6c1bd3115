import {
  type ApiRequest,
  type ApiResponse,
  badRequest,
  type Endpoint,
  forbidden,
  lagsBehind,
  missing,
  noContent,
  notFound,
  ok,
  page,
  resourceHead,
  userReference,
} from './api.ts';
import { pendingQuota } from './invitations.ts';
import type { Settings } from './settings.ts';
import { type ApiKeyRow, organizationCrn as crn, organization, owner, timestampNow, type UserRow } from './state.ts';

/** Users, API keys, the organization and its quotas. */

const users = { api_version: 'iam/v2', kind: 'User', path: '/iam/v2/users' };
const apiKeys = { api_version: 'iam/v2', kind: 'ApiKey', path: '/iam/v2/api-keys' };
const organizations = { api_version: 'org/v2', kind: 'Organization', path: '/org/v2/organizations' };
const quotas = { api_version: 'service-quota/v1', kind: 'AppliedQuota', path: '/service-quota/v1/applied-quotas' };

/** Members only, without pending users. There are no filters. */
export const listUsers: Endpoint = (request) => {
  const { state, base, settings } = request;
  return page(request, {
    ...users,
    maximum: 100,
    rows: state.users.rows,
    select:
      () =>
      ({ created_at }) =>
        !lagsBehind(request, created_at, settings.user_list_lag),
    resource: (row) => userOf(row, base),
  });
};

export const getUser: Endpoint = (request) => found(request, request.state.users.get(request.id), userOf);

/** Only `full_name` can be changed. */
export const updateUser: Endpoint = (request) => {
  const row = request.state.users.get(request.id);
  if (row === undefined) return missing(request.settings);
  const { email = row.email, full_name = row.full_name } = request.body;
  if (email !== row.email) return badRequest('The property /email cannot be changed');
  if (typeof full_name !== 'string') return badRequest('The property /full_name must be a string');
  const changed = { ...row, full_name, updated_at: timestampNow(request.clock) };
  request.state.put('user', changed);
  return ok(userOf(changed, request.base));
};

/** Deletes the API keys and role bindings too; the e-mail can be invited again. */
export const deleteUser: Endpoint = ({ id, state, settings }) => {
  if (state.users.get(id) === undefined) return missing(settings);
  if (id === owner.id) return forbidden('The user that the API key belongs to cannot be deleted');
  state.delete('user', id);
  for (const key of state.keys.where((one) => one.owner === id)) state.delete('api_key', key.id);
  state.revokeAll(`User:${id}`);
  return noContent;
};

/** The API keys of the organization, or of one owner. */
export const listApiKeys: Endpoint = (request) => {
  if (request.settings.api_keys !== 'readable') return forbidden();
  return page(request, {
    ...apiKeys,
    maximum: 100,
    filters: ['spec.owner', 'spec.resource', 'show_expired'],
    rows: request.state.keys.rows,
    select: (query) => {
      const [ownerId, resource] = [query.get('spec.owner'), query.get('spec.resource')];
      return (row) => (ownerId || row.owner) === row.owner && (resource || row.resource) === row.resource;
    },
    resource: (row) => apiKeyOf(row, request.base),
  });
};

export const getApiKey: Endpoint = (request) => {
  const { id, state, settings, caller } = request;
  const isReadable = settings.api_keys === 'readable' || (settings.api_keys === 'own_only' && id === caller.api_key);
  return isReadable ? found(request, state.keys.get(id), apiKeyOf) : forbidden();
};

/** Only the organization that the key belongs to. */
export const listOrganizations: Endpoint = (request) =>
  page(request, {
    ...organizations,
    maximum: 100,
    rows: [organization],
    resource: () => organizationOf(request.base, request.settings),
  });

export const getOrganization: Endpoint = ({ id, base, settings }) =>
  id === organization.id ? ok(organizationOf(base, settings)) : missing(settings);

/** The quotas of the organization; like the real API, without their usage. */
export const listQuotas: Endpoint = (request) => {
  const scope = request.query.get('scope');
  if (!scope) return badRequest('The parameter scope is required', 'scope');
  const rows = scope.toUpperCase() === 'ORGANIZATION' ? quotasOf(request.settings) : [];
  return page(request, {
    ...quotas,
    maximum: 200,
    filters: ['scope', 'id', 'environment', 'network', 'kafka_cluster', 'identity_provider', 'certificate_authority'],
    rows,
    select: (query) => {
      const wanted = query.get('id');
      return ({ id }) => (wanted || id) === id;
    },
    resource: (row) => quotaOf(row, request.base),
  });
};

export const getQuota: Endpoint = ({ id, base, settings }) => {
  const quota = quotasOf(settings).find((one) => one.id === id);
  return quota === undefined ? notFound : ok(quotaOf(quota, base));
};

function found<T>(
  { base, settings }: ApiRequest,
  row: T | undefined,
  resource: (row: T, base: string) => object,
): ApiResponse {
  return row === undefined ? missing(settings) : ok(resource(row, base));
}

function quotasOf({ quota }: Settings) {
  const limits = [
    [pendingQuota, 'Pending invitations in an organization', 150],
    ['iam.max_users.per_org', 'Users in an organization', 1000],
    ['iam.max_rbac_role_bindings_all_roles.per_org', 'Role bindings in an organization', 250_000],
    ['iam.max_cloud_api_keys.per_org', 'Cloud API keys in an organization', 1000],
  ] as const;
  return limits.map(([id, display_name, default_limit]) => {
    return { id, display_name, default_limit, applied_limit: id === pendingQuota ? quota : default_limit };
  });
}

function userOf(row: UserRow, base: string): object {
  const { id, email, full_name, auth_type, created_at, updated_at = created_at } = row;
  return {
    ...resourceHead(users, { id, base, name: `/user=${id}` }, { created_at, updated_at }),
    email,
    full_name,
    auth_type,
  };
}

function apiKeyOf(row: ApiKeyRow, base: string): object {
  const { id, owner: ownerId, display_name, created_at } = row;
  const spec = { display_name, owner: userReference(ownerId, base), resource: keyResource(row.resource, base) };
  return {
    ...resourceHead(apiKeys, { id, base, name: `/api-key=${id}` }, { created_at, updated_at: created_at }),
    spec,
  };
}

function keyResource(id: string, base: string): object {
  if (id === 'cloud' || id === 'global') {
    const related = `${base}${apiKeys.path}`;
    const kind = id === 'cloud' ? 'Cloud' : 'Global';
    return { api_version: 'iam/v2', kind, id, related, resource_name: `${crn}/${id}` };
  }
  const related = `${base}/cmk/v2/clusters/${id}`;
  return { api_version: 'cmk/v2', kind: 'Cluster', id, related, resource_name: `${crn}/cloud-cluster=${id}` };
}

function organizationOf(base: string, { sso }: Settings): object {
  const { id, display_name, created_at } = organization;
  const head = resourceHead(organizations, { id, base, name: '' }, { created_at, updated_at: created_at });
  return { ...head, display_name, jit_enabled: sso === 'yes' };
}

function quotaOf(quota: ReturnType<typeof quotasOf>[number], base: string): object {
  const { id } = organization;
  return {
    ...quota,
    ...resourceHead(quotas, { id: quota.id, base, name: `/applied-quota=${quota.id}` }),
    scope: 'ORGANIZATION',
    organization: { id, related: `${base}${organizations.path}/${id}`, resource_name: crn },
  };
}
