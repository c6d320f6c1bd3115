import {
  type ApiRequest,
  type ApiResponse,
  badRequest,
  conflict,
  created,
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
import {
  type ApiKeyRow,
  type BindingRow,
  idOf,
  organization,
  organizationCrn,
  owner,
  type State,
  timestampNow,
  type UserRow,
} from './state.ts';

/** Users, API keys, role bindings, the organization and its quotas. */

const users = { api_version: 'iam/v2', kind: 'User', path: '/iam/v2/users' };
const apiKeys = { api_version: 'iam/v2', kind: 'ApiKey', path: '/iam/v2/api-keys' };
const bindings = { api_version: 'iam/v2', kind: 'RoleBinding', path: '/iam/v2/role-bindings' };
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
    return { api_version: 'iam/v2', kind, id, related, resource_name: `${organizationCrn}/${id}` };
  }
  const related = `${base}/cmk/v2/clusters/${id}`;
  return {
    api_version: 'cmk/v2',
    kind: 'Cluster',
    id,
    related,
    resource_name: `${organizationCrn}/cloud-cluster=${id}`,
  };
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
    organization: { id, related: `${base}${organizations.path}/${id}`, resource_name: organizationCrn },
  };
}

const anywhere =
  'NetworkAdmin Operator ResourceOwner ResourceKeyAdmin DeveloperRead DeveloperWrite DeveloperManage KsqlAdmin ' +
  'DataDiscovery DataSteward FlinkAdmin FlinkDeveloper Assigner ClusterLinkConnection';

/** The known roles, each with the scope that it must be bound at, if any. */
const roles = new Map<string, 'organization' | 'environment' | 'cloud-cluster' | undefined>([
  ['OrganizationAdmin', 'organization'],
  ['AccountAdmin', 'organization'],
  ['BillingAdmin', 'organization'],
  ['MetricsViewer', 'organization'],
  ['EnvironmentAdmin', 'environment'],
  ['CloudClusterAdmin', 'cloud-cluster'],
  ...anywhere.split(' ').map((role) => [role, undefined] as const),
]);

/** Errors of role bindings in their recorded format, which is their own. */
function bindingError(status: 400 | 403, error_code: number, message: string): ApiResponse {
  return { status, json: { error_code, message } };
}

function bindingOf(row: BindingRow, { base, settings }: ApiRequest): object {
  const { id, principal, role_name, created_at } = row;
  const name = settings.resource_names === 'all' ? `/rolebinding=${id}` : undefined;
  const crn_pattern =
    settings.crn_colon === 'encoded' ? row.crn_pattern.replace(/(?<!^crn):/g, '%3A') : row.crn_pattern;
  return { ...resourceHead(bindings, { id, base, name }, { created_at }), principal, role_name, crn_pattern };
}

export const listBindings: Endpoint = (request) => {
  // The link to the next page has no crn_pattern: its token may carry one.
  if (!request.query.get('crn_pattern') && !request.query.get('page_token')) {
    return badRequest('The parameter crn_pattern is required', 'crn_pattern');
  }
  const { settings, state } = request;
  return page(request, {
    ...bindings,
    maximum: settings.role_binding_page,
    filters: ['crn_pattern', 'principal', 'role_name'],
    rows: state.bindings.rows,
    select: (query) => {
      const [principal, role_name] = [query.get('principal'), query.get('role_name')];
      const isInScope = scopeOf(query.get('crn_pattern') ?? '', settings);
      return (row) =>
        (principal || row.principal) === row.principal &&
        (role_name || row.role_name) === row.role_name &&
        isInScope(row.crn_pattern) &&
        !lagsBehind(request, row.created_at, settings.role_binding_list_lag);
    },
    resource: (row) => bindingOf(row, request),
  });
};

export const getBinding: Endpoint = (request) => {
  const row = request.state.bindings.get(request.id);
  if (row !== undefined) return ok(bindingOf(row, request));
  return bindingError(403, 40301, 'Either unauthorized to access role binding or role binding does not exist');
};

export const createBinding: Endpoint = (request) => {
  const { base, state, clock } = request;
  const fields = checkBinding(request);
  if ('status' in fields) return fields;
  const same = state
    .grantedTo(fields.principal)
    .find(({ role_name, crn_pattern }) => role_name === fields.role_name && isSame(crn_pattern, fields.crn_pattern));
  if (same !== undefined) return conflict('The role binding already exists', `${base}${bindings.path}/${same.id}`);
  const row = { ...fields, id: idOf('rb-', state.bindings.rows.length), created_at: timestampNow(clock) };
  state.put('binding', row);
  return created(bindingOf(row, request), `${base}${bindings.path}/${row.id}`);
};

/** Unlike those of other resources, this DELETE responds 200 with the deleted resource. */
export const deleteBinding: Endpoint = (request) => {
  const response = getBinding(request);
  if (response.status === 200) request.state.delete('binding', request.id);
  return response;
};

type BindingFields = Pick<BindingRow, 'principal' | 'role_name' | 'crn_pattern'>;

function checkBinding({ body, state }: ApiRequest): BindingFields | ApiResponse {
  const { principal, role_name, crn_pattern } = body;
  if (typeof principal !== 'string' || !/^(User|Group):.+$/.test(principal)) return badField('principal');
  if (typeof role_name !== 'string' || role_name === '') return badField('role_name');
  if (typeof crn_pattern !== 'string' || !/^crn:\/\/.+$/.test(crn_pattern)) return badField('crn_pattern');
  if (!roles.has(role_name)) {
    const error = { code: 'invalid-role', detail: `Invalid role name : ${role_name}`, source: {} };
    return { status: 400, error };
  }
  if (!isPrincipal(state, principal) || !isInOrganization(crn_pattern)) return forbidden();
  const scope = roles.get(role_name);
  const isAtScope =
    scope === 'organization' ? isSame(crn_pattern, organizationCrn) : crn_pattern.includes(`/${scope}=`);
  if (scope === undefined || isAtScope) return { principal, role_name, crn_pattern };
  const [, given] = /([\w-]+)=[^/]*$/.exec(crn_pattern) ?? [];
  return bindingError(400, 40002, `Role ${role_name} must be bound at scope ${scope}, but was bound at ${given}`);
}

function badField(field: string): ApiResponse {
  const detail = `${field} is missing or malformed`;
  return { status: 400, error: { title: 'Bad Request', detail, source: { pointer: `/${field}` } } };
}

/** Whether the principal exists. Service accounts, identity pools and groups are not stored and always do. */
function isPrincipal(state: State, principal: string): boolean {
  const id = principal.slice(principal.indexOf(':') + 1);
  if (principal.startsWith('Group:') || /^(sa|pool)-/.test(id)) return true;
  return state.users.get(id) !== undefined || state.pending().some(({ user }) => user === id);
}

function isInOrganization(crn: string): boolean {
  return crn === organizationCrn || crn.startsWith(`${organizationCrn}/`) || crn === `${organizationCrn}*`;
}

/** Whether CRNs match the query parameter `crn_pattern`, as the setting of that name defines it. */
function scopeOf(parameter: string, settings: Settings): (crn: string) => boolean {
  const pattern = decoded(parameter);
  const prefix = pattern.endsWith('*') ? pattern.slice(0, -1) : undefined;
  if (settings.crn_pattern === 'by_part') return (crn) => decoded(crn).includes(prefix ?? pattern);
  return (crn) => (prefix === undefined ? decoded(crn) === pattern : decoded(crn).startsWith(prefix));
}

function isSame(one: string, other: string): boolean {
  return decoded(one) === decoded(other);
}

/** Clients may send a colon as `%3A`. */
function decoded(crn: string): string {
  return crn.includes('%') ? crn.replaceAll(/%3A/gi, ':') : crn;
}
