import { type Answer, created, ok } from './answer.ts';
import { idOf, organization, timestampNow } from './identifiers.ts';
import type { Record } from './ledger.ts';
import { page } from './page.ts';
import { badRequest, conflict, forbidden, noSuchBinding } from './refusals.ts';
import { bindingOf, organizationCrn } from './resources.ts';
import type { BindingRow } from './rows.ts';
import type { Ask, Change, Look } from './rule.ts';
import type { State } from './state.ts';

const path = '/iam/v2/role-bindings';

/** The roles that the sandbox grants; those with a scope are only good inside one. */
const roles = new Map<string, readonly string[]>([
  ...['OrganizationAdmin', 'AccountAdmin', 'BillingAdmin', 'NetworkAdmin', 'Operator', 'MetricsViewer'].map(anywhere),
  ...['ResourceOwner', 'ResourceKeyAdmin', 'DeveloperRead', 'DeveloperWrite', 'DeveloperManage'].map(anywhere),
  ...['KsqlAdmin', 'DataDiscovery', 'DataSteward', 'FlinkAdmin', 'FlinkDeveloper'].map(anywhere),
  ...['Assigner', 'ClusterLinkConnection'].map(anywhere),
  ['EnvironmentAdmin', ['environment']],
  ['CloudClusterAdmin', ['environment', 'cloud-cluster']],
]);

function anywhere(role: string): [string, readonly string[]] {
  return [role, []];
}

export const listBindings: Look = (ask) => {
  // A token may carry the pattern, and what follows `next` has no other.
  if (!ask.query.get('crn_pattern') && !ask.query.get('page_token'))
    return badRequest('The parameter crn_pattern is required', 'crn_pattern');
  return page(ask, {
    api_version: 'iam/v2',
    kind: 'RoleBindingList',
    path,
    maximum: 100,
    scan: ({ place }) => ask.state.bindings.after(place ?? -1),
    matches: isMatch,
    resource: (row) => bindingOf(row, ask.base),
  });
};

export const getBinding: Look = (ask) => {
  const row = ask.state.bindings.get(ask.id);
  return row === undefined ? noSuchBinding : ok(JSON.stringify(bindingOf(row, ask.base)));
};

export const createBinding: Change = (ask, record) => {
  const wanted = checkBinding(ask);
  if ('status' in wanted) return wanted;
  const same = ask.state
    .grantedTo(wanted.principal)
    .find(({ role_name, crn_pattern }) => role_name === wanted.role_name && crn_pattern === wanted.crn_pattern);
  if (same !== undefined) return conflict('The role binding already exists', `${ask.base}${path}/${same.id}`);
  const row = { ...wanted, id: idOf('rb-', ask.state.bindings.issued), created_at: timestampNow(ask.clock) };
  record({ put: 'binding', row });
  return created(JSON.stringify(bindingOf(row, ask.base)), `${ask.base}${path}/${row.id}`);
};

/** Unlike the other resources it answers 200 with what it removed. */
export const deleteBinding: Change = (ask, record) => {
  const row = ask.state.bindings.get(ask.id);
  if (row === undefined) return noSuchBinding;
  record({ delete: 'binding', id: row.id });
  return ok(JSON.stringify(bindingOf(row, ask.base)));
};

/** What goes when a principal goes. */
export function revokeAll(state: State, principal: string, record: Record): void {
  for (const { id } of state.grantedTo(principal)) record({ delete: 'binding', id });
}

type Wanted = Pick<BindingRow, 'principal' | 'role_name' | 'crn_pattern'>;

function checkBinding({ body, state }: Ask): Wanted | Answer {
  const { principal, role_name, crn_pattern } = body;
  if (typeof principal !== 'string' || !/^(User|Group):.+$/.test(principal)) return badField('principal');
  if (typeof role_name !== 'string' || role_name === '') return badField('role_name');
  if (typeof crn_pattern !== 'string' || !/^crn:\/\/.+$/.test(crn_pattern)) return badField('crn_pattern');
  const scope = roles.get(role_name);
  if (scope === undefined) return invalidRole(role_name);
  if (!isPrincipal(state, principal) || !isInOrganization(crn_pattern)) return forbidden('Forbidden Access');
  const lacking = scope.find((part) => !crn_pattern.includes(`/${part}=`));
  if (lacking !== undefined) return badRequest(`The role ${role_name} needs a scope with ${lacking}`);
  return { principal, role_name, crn_pattern };
}

function badField(field: string): Answer {
  return {
    status: 400,
    error: { title: 'Bad Request', detail: `${field} is missing or malformed`, source: { pointer: `/${field}` } },
  };
}

function invalidRole(role: string): Answer {
  return { status: 400, error: { code: 'invalid-role', detail: `Invalid role name : ${role}`, source: {} } };
}

/** People are checked, members and pending ones alike; service accounts, pools and groups are not known here. */
function isPrincipal(state: State, principal: string): boolean {
  const id = principal.slice(principal.indexOf(':') + 1);
  if (principal.startsWith('Group:') || /^(sa|pool)-/.test(id)) return true;
  return state.users.get(id) !== undefined || state.isPendingUser(id);
}

function isInOrganization(crn: string): boolean {
  return (
    crn === organizationCrn ||
    crn.startsWith(`${organizationCrn}/`) ||
    crn === `crn://confluent.cloud/organization=${organization.id}*`
  );
}

/** The pattern is searched for in part, the other two must be equal. */
function isMatch(row: BindingRow, query: URLSearchParams): boolean {
  const { principal, role_name, crn_pattern } = row;
  if (!crn_pattern.includes(query.get('crn_pattern') ?? '')) return false;
  return (query.get('principal') || principal) === principal && (query.get('role_name') || role_name) === role_name;
}
