import { badRequest, conflict, forbidden, noSuchBinding } from './error-responses.ts';
import { type ApiRequest, type ApiResponse, type ChangeHandler, created, ok, type ReadHandler } from './http.ts';
import { idOf, organization, timestampNow } from './identifiers.ts';
import { type Cursor, page } from './pages.ts';
import { bindingOf, organizationCrn } from './resources.ts';
import type { BindingRow } from './rows.ts';
import type { Slot, State } from './state.ts';
import type { AppendEntry } from './store.ts';

const path = '/iam/v2/role-bindings';

/** The roles that the sandbox grants, each with the parts that its scope must have; `whole` takes no part at all. */
const roles = new Map<string, readonly string[] | 'whole'>([
  ...['OrganizationAdmin', 'AccountAdmin', 'BillingAdmin', 'MetricsViewer'].map(whole),
  ...['NetworkAdmin', 'Operator'].map(anywhere),
  ...['ResourceOwner', 'ResourceKeyAdmin', 'DeveloperRead', 'DeveloperWrite', 'DeveloperManage'].map(anywhere),
  ...['KsqlAdmin', 'DataDiscovery', 'DataSteward', 'FlinkAdmin', 'FlinkDeveloper'].map(anywhere),
  ...['Assigner', 'ClusterLinkConnection'].map(anywhere),
  ['EnvironmentAdmin', ['environment']],
  ['CloudClusterAdmin', ['environment', 'cloud-cluster']],
]);

function anywhere(role: string): [string, readonly string[]] {
  return [role, []];
}

function whole(role: string): [string, 'whole'] {
  return [role, 'whole'];
}

export const listBindings: ReadHandler = (ask) => {
  // A token may carry the pattern, and what follows `next` has no other.
  if (!ask.query.get('crn_pattern') && !ask.query.get('page_token'))
    return badRequest('The parameter crn_pattern is required', 'crn_pattern');
  return page(ask, {
    api_version: 'iam/v2',
    kind: 'RoleBindingList',
    path,
    maximum: ask.switches.role_binding_page,
    filters: ['crn_pattern', 'principal', 'role_name'],
    scan: (cursor) => scan(ask, cursor),
    matches: (row, query) => isMatch(row, query) && isIn(row.crn_pattern, query.get('crn_pattern') ?? '', ask.switches),
    resource: (row) => bindingOf(row, ask.base, ask.switches),
  });
};

export const getBinding: ReadHandler = (ask) => {
  const row = ask.state.bindings.get(ask.id);
  return row === undefined ? noSuchBinding : ok(JSON.stringify(bindingOf(row, ask.base, ask.switches)));
};

export const createBinding: ChangeHandler = (ask, record) => {
  const wanted = checkBinding(ask);
  if ('status' in wanted) return wanted;
  const same = ask.state
    .grantedTo(wanted.principal)
    .find(({ role_name, crn_pattern }) => role_name === wanted.role_name && isSame(crn_pattern, wanted.crn_pattern));
  if (same !== undefined) return conflict('The role binding already exists', `${ask.base}${path}/${same.id}`);
  const row = { ...wanted, id: idOf('rb-', ask.state.bindings.issued), created_at: timestampNow(ask.clock) };
  record({ put: 'binding', row });
  return created(JSON.stringify(bindingOf(row, ask.base, ask.switches)), `${ask.base}${path}/${row.id}`);
};

/** Unlike the other resources it answers 200 with what it removed. */
export const deleteBinding: ChangeHandler = (ask, record) => {
  const row = ask.state.bindings.get(ask.id);
  if (row === undefined) return noSuchBinding;
  record({ delete: 'binding', id: row.id });
  return ok(JSON.stringify(bindingOf(row, ask.base, ask.switches)));
};

/** What goes when a principal goes. */
export function revokeAll(state: State, principal: string, record: AppendEntry): void {
  for (const { id } of state.grantedTo(principal)) record({ delete: 'binding', id });
}

type Wanted = Pick<BindingRow, 'principal' | 'role_name' | 'crn_pattern'>;

function checkBinding({ body, state }: ApiRequest): Wanted | ApiResponse {
  const { principal, role_name, crn_pattern } = body;
  if (typeof principal !== 'string' || !/^(User|Group):.+$/.test(principal)) return badField('principal');
  if (typeof role_name !== 'string' || role_name === '') return badField('role_name');
  if (typeof crn_pattern !== 'string' || !/^crn:\/\/.+$/.test(crn_pattern)) return badField('crn_pattern');
  const scope = roles.get(role_name);
  if (scope === undefined) return invalidRole(role_name);
  if (!isPrincipal(state, principal) || !isInOrganization(crn_pattern)) return forbidden('Forbidden Access');
  if (scope === 'whole' && !isSame(crn_pattern, organizationCrn)) {
    return badRequest(`The role ${role_name} must be bound at scope organization`);
  }
  const lacking = scope === 'whole' ? undefined : scope.find((part) => !crn_pattern.includes(`/${part}=`));
  if (lacking !== undefined) return badRequest(`The role ${role_name} needs a scope with ${lacking}`);
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

/** From the oldest on; of one principal without a look at the others. */
function scan({ state }: ApiRequest, { place = -1, query }: Cursor): Iterable<Slot<BindingRow>> {
  const principal = query.get('principal');
  if (!principal) return state.bindings.after(place);
  return state
    .grantedTo(principal)
    .flatMap(({ id }) => state.bindings.slot(id) ?? [])
    .filter(({ position }) => position > place)
    .sort((one, other) => one.position - other.position);
}

/** Whether a pattern that is asked for reaches a CRN, by what `crn_pattern` makes of it. */
function isIn(crn: string, asked: string, switches: ApiRequest['switches']): boolean {
  const [own, pattern] = [decoded(crn), decoded(asked)];
  const stem = pattern.endsWith('*') ? pattern.slice(0, -1) : undefined;
  if (switches.crn_pattern === 'by_part') return own.includes(stem ?? pattern);
  return stem === undefined ? own === pattern : own.startsWith(stem);
}

function isSame(one: string, other: string): boolean {
  return decoded(one) === decoded(other);
}

/** Colons may be written as `%3A`. */
function decoded(crn: string): string {
  return crn.includes('%') ? crn.replaceAll(/%3A/gi, ':') : crn;
}

function isMatch(row: BindingRow, query: URLSearchParams): boolean {
  const { principal, role_name } = row;
  return (query.get('principal') || principal) === principal && (query.get('role_name') || role_name) === role_name;
}
