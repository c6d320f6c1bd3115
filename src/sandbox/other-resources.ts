import { type ApiRequest, lagsBehind, page, type ReadHandler, type WriteHandler } from './endpoint.ts';
import { type ApiResponse, badRequest, forbidden, missing, noContent, notFound, ok } from './http.ts';
import { pendingQuota } from './invitations.ts';
import { organizationCrn as crn, organization, owner, userReference } from './organization.ts';
import { revokeAll } from './role-bindings.ts';
import { type ApiKeyRow, timestampNow, type UserRow } from './rows.ts';
import type { Settings } from './settings.ts';

/** Users, API keys, the organization and its quotas. */

const users = { api_version: 'iam/v2', kind: 'User', path: '/iam/v2/users' };
const apiKeys = { api_version: 'iam/v2', kind: 'ApiKey', path: '/iam/v2/api-keys' };
const organizations = { api_version: 'org/v2', kind: 'Organization', path: '/org/v2/organizations' };
const quotas = { api_version: 'service-quota/v1', kind: 'AppliedQuota', path: '/service-quota/v1/applied-quotas' };

/** Members only, without pending users. There are no filters. */
export const listUsers: ReadHandler = (request) => {
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

export const getUser: ReadHandler = (request) => found(request, request.state.users.get(request.id), userOf);

/** Only `full_name` can be changed. */
export const updateUser: WriteHandler = (request, append) => {
  const row = request.state.users.get(request.id);
  if (row === undefined) return missing(request.settings);
  const { email = row.email, full_name = row.full_name } = request.body;
  if (email !== row.email) return badRequest('The property /email cannot be changed');
  if (typeof full_name !== 'string') return badRequest('The property /full_name must be a string');
  const changed = { ...row, full_name, updated_at: timestampNow(request.clock) };
  append({ put: 'user', row: changed });
  return ok(userOf(changed, request.base));
};

/** Deletes the API keys and role bindings too; the e-mail can be invited again. */
export const deleteUser: WriteHandler = ({ id, state, settings }, append) => {
  if (state.users.get(id) === undefined) return missing(settings);
  if (id === owner.id) return forbidden('The user that the API key belongs to cannot be deleted');
  append({ delete: 'user', id });
  for (const key of state.keys.where((one) => one.owner === id)) append({ delete: 'api_key', id: key.id });
  revokeAll(state, `User:${id}`, append);
  return noContent;
};

/** The API keys of the organization, or of one owner. */
export const listApiKeys: ReadHandler = (request) => {
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

export const getApiKey: ReadHandler = (request) => {
  const { id, state, settings, caller } = request;
  const isReadable = settings.api_keys === 'readable' || (settings.api_keys === 'own_only' && id === caller.api_key);
  return isReadable ? found(request, state.keys.get(id), apiKeyOf) : forbidden();
};

/** Only the organization that the key belongs to. */
export const listOrganizations: ReadHandler = (request) =>
  page(request, {
    ...organizations,
    maximum: 100,
    rows: [organization],
    resource: () => organizationOf(request.base, request.settings),
  });

export const getOrganization: ReadHandler = ({ id, base, settings }) =>
  id === organization.id ? ok(organizationOf(base, settings)) : missing(settings);

/** The quotas of the organization; like the real API, without their usage. */
export const listQuotas: ReadHandler = (request) => {
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

export const getQuota: ReadHandler = ({ id, base, settings }) => {
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

interface Quota {
  readonly id: string;
  readonly display_name: string;
  readonly default_limit: number;
  readonly applied_limit: number;
}

function quotasOf({ quota }: Settings): Quota[] {
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
  const self = `${base}${users.path}/${id}`;
  const metadata = { self, resource_name: `${crn}/user=${id}`, created_at, updated_at };
  return { api_version: 'iam/v2', kind: 'User', id, email, full_name, auth_type, metadata };
}

function apiKeyOf(row: ApiKeyRow, base: string): object {
  const { id, owner: ownerId, resource, display_name, created_at } = row;
  const self = `${base}${apiKeys.path}/${id}`;
  const metadata = { self, resource_name: `${crn}/api-key=${id}`, created_at, updated_at: created_at };
  const spec = { display_name, owner: userReference(ownerId, base), resource: keyResource(resource, base) };
  return { api_version: 'iam/v2', kind: 'ApiKey', id, metadata, spec };
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

function organizationOf(base: string, { sso }: Pick<Settings, 'sso'>): object {
  const { id, display_name, created_at } = organization;
  const self = `${base}${organizations.path}/${id}`;
  const metadata = { self, resource_name: crn, created_at, updated_at: created_at };
  return { api_version: 'org/v2', kind: 'Organization', id, metadata, display_name, jit_enabled: sso === 'yes' };
}

function quotaOf(quota: Quota, base: string): object {
  const { id } = organization;
  return {
    api_version: 'service-quota/v1',
    kind: 'AppliedQuota',
    ...quota,
    metadata: { self: `${base}${quotas.path}/${quota.id}`, resource_name: `${crn}/applied-quota=${quota.id}` },
    scope: 'ORGANIZATION',
    organization: { id, related: `${base}${organizations.path}/${id}`, resource_name: crn },
  };
}
