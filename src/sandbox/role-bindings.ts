import { valueAt } from '../text/json-fields.ts';
import { badRequest, forbidden, Refusal, refusal } from './api.ts';
import { type Call, lagsBehind, type Resource } from './resource.ts';
import type { Settings } from './settings.ts';
import { type BindingRow, idOf, isPending, organizationCrn, type State, timestampNow } from './state.ts';

export const roleBindings: Resource<BindingRow> = {
  api_version: 'iam/v2',
  kind: 'RoleBinding',
  path: '/iam/v2/role-bindings',
  rows: ({ state }) => state.bindings,
  crn: (id, { resource_names }) => (resource_names === 'all' ? `/rolebinding=${id}` : undefined),
  fields: ({ principal, role_name, crn_pattern }, { settings }) => ({
    principal,
    role_name,
    crn_pattern: settings.crn_colon === 'encoded' ? crn_pattern.replace(/(?<!^crn):/g, '%3A') : crn_pattern,
  }),
  checkList({ query }) {
    // The link to the next page has no crn_pattern: its token may carry one.
    if (query.get('crn_pattern') || query.get('page_token')) return;
    throw badRequest('The parameter crn_pattern is required', 'crn_pattern');
  },
  filters: ['crn_pattern', 'principal', 'role_name'],
  matches: (row, filter, wanted, settings) =>
    filter === 'crn_pattern' ? isInScope(row.crn_pattern, wanted, settings) : valueAt(row, filter) === wanted,
  isListed: ({ created_at }, call) => !lagsBehind(call, created_at, call.settings.role_binding_list_lag),
  maximum: ({ role_binding_page }) => role_binding_page,
  find({ id, state }) {
    const message = 'Either unauthorized to access role binding or role binding does not exist';
    return state.bindings.get(id) ?? refuse(403, 40301, message);
  },
  create(call) {
    const { base, state, clock } = call;
    const fields = checkedFields(call);
    const [same] = state.bindings.where(
      ({ principal, role_name, crn_pattern }) =>
        principal === fields.principal && role_name === fields.role_name && isSame(crn_pattern, fields.crn_pattern),
    );
    if (same !== undefined) {
      const location = `${base}${roleBindings.path}/${same.id}`;
      throw refusal(409, 'The role binding already exists', {}, { location });
    }
    const row = { ...fields, id: idOf('rb-', state.bindings.count), created_at: timestampNow(clock) };
    state.bindings.put(row);
    return row;
  },
  delete: ({ id }, { state }) => state.bindings.delete(id),
  returnsDeleted: true,
};

const anywhere =
  'NetworkAdmin Operator ResourceOwner ResourceKeyAdmin DeveloperRead DeveloperWrite DeveloperManage KsqlAdmin ' +
  'DataDiscovery DataSteward FlinkAdmin FlinkDeveloper Assigner ClusterLinkConnection';

/** The known roles, each with the scope that it must be bound at, if any. */
const roles = new Map<string, 'organization' | 'environment' | 'cloud-cluster' | undefined>([
  ...anywhere.split(' ').map((role) => [role, undefined] as const),
  ['OrganizationAdmin', 'organization'],
  ['AccountAdmin', 'organization'],
  ['BillingAdmin', 'organization'],
  ['MetricsViewer', 'organization'],
  ['EnvironmentAdmin', 'environment'],
  ['CloudClusterAdmin', 'cloud-cluster'],
]);

/** Errors of role bindings in their recorded format, which is their own. */
function refuse(status: 400 | 403, error_code: number, message: string): never {
  throw new Refusal({ status, json: { error_code, message } });
}

function checkedFields({ body, state }: Call): Pick<BindingRow, 'principal' | 'role_name' | 'crn_pattern'> {
  const field = (name: string, format: RegExp) => {
    const value = body[name];
    if (typeof value === 'string' && format.test(value)) return value;
    throw refusal(400, `${name} is missing or malformed`, { source: { pointer: `/${name}` } });
  };
  const principal = field('principal', /^(User|Group):.+$/);
  const role_name = field('role_name', /./);
  const crn_pattern = field('crn_pattern', /^crn:\/\/.+$/);
  if (!roles.has(role_name)) {
    const error = { code: 'invalid-role', detail: `Invalid role name : ${role_name}`, source: {} };
    throw new Refusal({ status: 400, error });
  }
  if (!isPrincipal(principal, state) || !isInOrganization(crn_pattern)) throw forbidden();
  const scope = roles.get(role_name);
  const isAtScope =
    scope === 'organization' ? isSame(crn_pattern, organizationCrn) : crn_pattern.includes(`/${scope}=`);
  if (scope === undefined || isAtScope) return { principal, role_name, crn_pattern };
  const [, given] = /([\w-]+)=[^/]*$/.exec(crn_pattern) ?? [];
  return refuse(400, 40002, `Role ${role_name} must be bound at scope ${scope}, but was bound at ${given}`);
}

/** Whether the principal exists. Service accounts, identity pools and groups are not stored and always do. */
function isPrincipal(principal: string, { users, invitations }: State): boolean {
  const id = principal.slice(principal.indexOf(':') + 1);
  if (principal.startsWith('Group:') || /^(sa|pool)-/.test(id)) return true;
  return users.get(id) !== undefined || invitations.where((row) => isPending(row) && row.user === id).length > 0;
}

function isInOrganization(crn: string): boolean {
  return crn === organizationCrn || crn.startsWith(`${organizationCrn}/`) || crn === `${organizationCrn}*`;
}

/** Whether a CRN matches the query parameter `crn_pattern`, as the setting of that name defines it. */
function isInScope(crn: string, parameter: string, settings: Settings): boolean {
  const scope = decoded(crn);
  const pattern = decoded(parameter);
  const prefix = pattern.endsWith('*') ? pattern.slice(0, -1) : undefined;
  if (settings.crn_pattern === 'by_part') return scope.includes(prefix ?? pattern);
  return prefix === undefined ? scope === pattern : scope.startsWith(prefix);
}

function isSame(one: string, other: string): boolean {
  return decoded(one) === decoded(other);
}

/** Clients may send a colon as `%3A`. */
function decoded(crn: string): string {
  return crn.includes('%') ? crn.replaceAll(/%3A/gi, ':') : crn;
}
