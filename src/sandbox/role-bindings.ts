import type { ApiRequest, ReadHandler, WriteHandler } from './endpoint.ts';
import { badRequest, conflict, forbidden, noSuchBinding } from './error-responses.ts';
import { type ApiResponse, created, ok } from './http.ts';
import { idOf, timestampNow } from './identifiers.ts';
import { organizationCrn } from './initial-state.ts';
import type { Cursor } from './page-tokens.ts';
import { page } from './pages.ts';
import { bindingOf } from './resources.ts';
import type { AppendEntry, BindingRow } from './rows.ts';
import type { Settings } from './settings.ts';
import type { Slot, State } from './state.ts';

const path = '/iam/v2/role-bindings';

/** The known roles, each with the parts that its scope must have; `organization` allows the organization only. */
const roles = new Map<string, readonly string[] | 'organization'>([
  ...['OrganizationAdmin', 'AccountAdmin', 'BillingAdmin', 'MetricsViewer'].map(organizationOnly),
  ...['NetworkAdmin', 'Operator'].map(anyScope),
  ...['ResourceOwner', 'ResourceKeyAdmin', 'DeveloperRead', 'DeveloperWrite', 'DeveloperManage'].map(anyScope),
  ...['KsqlAdmin', 'DataDiscovery', 'DataSteward', 'FlinkAdmin', 'FlinkDeveloper'].map(anyScope),
  ...['Assigner', 'ClusterLinkConnection'].map(anyScope),
  ['EnvironmentAdmin', ['environment']],
  ['CloudClusterAdmin', ['environment', 'cloud-cluster']],
]);

function anyScope(role: string): [string, readonly string[]] {
  return [role, []];
}

function organizationOnly(role: string): [string, 'organization'] {
  return [role, 'organization'];
}

export const listBindings: ReadHandler = (request) => {
  // The link to the next page has no crn_pattern: its token may carry one.
  if (!request.query.get('crn_pattern') && !request.query.get('page_token'))
    return badRequest('The parameter crn_pattern is required', 'crn_pattern');
  return page(request, {
    api_version: 'iam/v2',
    kind: 'RoleBindingList',
    path,
    maximum: request.settings.role_binding_page,
    filters: ['crn_pattern', 'principal', 'role_name'],
    scan: (cursor) => scan(request, cursor),
    matches: (row, query) =>
      isMatch(row, query) && isIn(row.crn_pattern, query.get('crn_pattern') ?? '', request.settings),
    resource: (row) => bindingOf(row, request.base, request.settings),
  });
};

export const getBinding: ReadHandler = (request) => {
  const row = request.state.bindings.get(request.id);
  return row === undefined ? noSuchBinding : ok(JSON.stringify(bindingOf(row, request.base, request.settings)));
};

export const createBinding: WriteHandler = (request, append) => {
  const fields = checkBinding(request);
  if ('status' in fields) return fields;
  const same = request.state
    .grantedTo(fields.principal)
    .find(({ role_name, crn_pattern }) => role_name === fields.role_name && isSame(crn_pattern, fields.crn_pattern));
  if (same !== undefined) return conflict('The role binding already exists', `${request.base}${path}/${same.id}`);
  const row = { ...fields, id: idOf('rb-', request.state.bindings.issued), created_at: timestampNow(request.clock) };
  append({ put: 'binding', row });
  return created(JSON.stringify(bindingOf(row, request.base, request.settings)), `${request.base}${path}/${row.id}`);
};

/** Unlike those of other resources, this DELETE responds 200 with the deleted resource. */
export const deleteBinding: WriteHandler = (request, append) => {
  const row = request.state.bindings.get(request.id);
  if (row === undefined) return noSuchBinding;
  append({ delete: 'binding', id: row.id });
  return ok(JSON.stringify(bindingOf(row, request.base, request.settings)));
};

/** Deletes the role bindings of a principal. */
export function revokeAll(state: State, principal: string, append: AppendEntry): void {
  for (const { id } of state.grantedTo(principal)) append({ delete: 'binding', id });
}

type BindingFields = Pick<BindingRow, 'principal' | 'role_name' | 'crn_pattern'>;

function checkBinding({ body, state }: ApiRequest): BindingFields | ApiResponse {
  const { principal, role_name, crn_pattern } = body;
  if (typeof principal !== 'string' || !/^(User|Group):.+$/.test(principal)) return badField('principal');
  if (typeof role_name !== 'string' || role_name === '') return badField('role_name');
  if (typeof crn_pattern !== 'string' || !/^crn:\/\/.+$/.test(crn_pattern)) return badField('crn_pattern');
  const parts = roles.get(role_name);
  if (parts === undefined) return invalidRole(role_name);
  if (!isPrincipal(state, principal) || !isInOrganization(crn_pattern)) return forbidden('Forbidden Access');
  if (parts === 'organization' && !isSame(crn_pattern, organizationCrn)) {
    return badRequest(`The role ${role_name} must be bound at scope organization`);
  }
  const missing = parts === 'organization' ? undefined : parts.find((part) => !crn_pattern.includes(`/${part}=`));
  if (missing !== undefined) return badRequest(`The role ${role_name} needs a scope with ${missing}`);
  return { principal, role_name, crn_pattern };
}

function badField(field: string): ApiResponse {
  return {
    status: 400,
    error: { title: 'Bad Request', detail: `${field} is missing or malformed`, source: { pointer: `/${field}` } },
  };
}

function invalidRole(role: string): ApiResponse {
  return { status: 400, error: { code: 'invalid-role', detail: `Invalid role name : ${role}`, source: {} } };
}

/** Whether the principal exists. Service accounts, identity pools and groups are not stored and always do. */
function isPrincipal(state: State, principal: string): boolean {
  const id = principal.slice(principal.indexOf(':') + 1);
  if (principal.startsWith('Group:') || /^(sa|pool)-/.test(id)) return true;
  return state.users.get(id) !== undefined || state.isPendingUser(id);
}

function isInOrganization(crn: string): boolean {
  return crn === organizationCrn || crn.startsWith(`${organizationCrn}/`) || crn === `${organizationCrn}*`;
}

/** The oldest first; the index is used where a principal is given. */
function scan({ state }: ApiRequest, { after = -1, query }: Cursor): Iterable<Slot<BindingRow>> {
  const principal = query.get('principal');
  if (!principal) return state.bindings.after(after);
  return state
    .grantedTo(principal)
    .flatMap(({ id }) => state.bindings.slot(id) ?? [])
    .filter(({ position }) => position > after)
    .sort((one, other) => one.position - other.position);
}

/** Whether a CRN matches the query parameter `crn_pattern`, as the setting of that name defines it. */
function isIn(crn: string, parameter: string, settings: Settings): boolean {
  const [own, pattern] = [decoded(crn), decoded(parameter)];
  const prefix = pattern.endsWith('*') ? pattern.slice(0, -1) : undefined;
  if (settings.crn_pattern === 'by_part') return own.includes(prefix ?? pattern);
  return prefix === undefined ? own === pattern : own.startsWith(prefix);
}

function isSame(one: string, other: string): boolean {
  return decoded(one) === decoded(other);
}

/** Clients may send a colon as `%3A`. */
function decoded(crn: string): string {
  return crn.includes('%') ? crn.replaceAll(/%3A/gi, ':') : crn;
}

function isMatch(row: BindingRow, query: URLSearchParams): boolean {
  const { principal, role_name } = row;
  return (query.get('principal') || principal) === principal && (query.get('role_name') || role_name) === role_name;
}
