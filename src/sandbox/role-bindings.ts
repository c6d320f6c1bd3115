import {
  type ApiRequest,
  type ApiResponse,
  badRequest,
  conflict,
  created,
  type Endpoint,
  forbidden,
  lagsBehind,
  ok,
  page,
  resourceHead,
} from './api.ts';
import type { Settings } from './settings.ts';
import { type BindingRow, idOf, organizationCrn, type State, timestampNow } from './state.ts';

const path = '/iam/v2/role-bindings';
const type = { api_version: 'iam/v2', kind: 'RoleBinding', path } as const;

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
  return { ...resourceHead(type, { id, base, name }, { created_at }), principal, role_name, crn_pattern };
}

export const listBindings: Endpoint = (request) => {
  // The link to the next page has no crn_pattern: its token may carry one.
  if (!request.query.get('crn_pattern') && !request.query.get('page_token')) {
    return badRequest('The parameter crn_pattern is required', 'crn_pattern');
  }
  const { settings, state } = request;
  return page(request, {
    ...type,
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
  if (same !== undefined) return conflict('The role binding already exists', `${base}${path}/${same.id}`);
  const row = { ...fields, id: idOf('rb-', state.bindings.rows.length), created_at: timestampNow(clock) };
  state.put('binding', row);
  return created(bindingOf(row, request), `${base}${path}/${row.id}`);
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
