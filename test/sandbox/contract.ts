import type { Settings } from '../../src/sandbox/sandbox.ts';

/** The fields of each object by the documentation; those with `?` may be absent, and others may not be there. */
const shapes: Readonly<Record<string, string>> = {
  Invitation: 'api_version kind id email metadata auth_type? status? accepted_at? expires_at? user? creator?',
  User: 'api_version kind id email metadata full_name? auth_type?',
  RoleBinding: 'api_version kind id metadata principal role_name crn_pattern',
  Organization: 'api_version kind id metadata display_name? jit_enabled?',
  ApiKey: 'api_version kind id metadata spec',
  AppliedQuota: 'api_version kind id metadata scope display_name default_limit applied_limit usage? organization?',
  page: 'api_version kind metadata data',
  links: 'first? last? prev? next? total_size?',
  metadata: 'self resource_name? created_at? updated_at? deleted_at?',
  spec: 'owner display_name? description? created_by? resource?',
  reference: 'id related resource_name api_version? kind? environment?',
  failure: 'errors',
  error: 'id? status? code? title? detail? source?',
  source: 'pointer? parameter?',
  // The errors that role bindings have for themselves.
  bindingFailure: 'error_code message',
};

/** The objects within objects. */
const inner: Readonly<Record<string, string>> = {
  metadata: 'metadata',
  spec: 'spec',
  errors: 'error',
  source: 'source',
  user: 'reference',
  creator: 'reference',
  owner: 'reference',
  resource: 'reference',
  organization: 'reference',
};

const link = /^https?:\/\/[^/]+\/.+$/;
const time = /^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d\.\d{6}Z$/;

/** What each field holds, as text, wherever it is. */
const values: Readonly<Record<string, RegExp>> = {
  id: /^.{1,255}$/,
  email: /^[^@\s]+@[^@\s]+$/,
  resource_name: /^crn:/,
  self: link,
  related: link,
  first: link,
  created_at: time,
  updated_at: time,
  deleted_at: time,
  expires_at: time,
  accepted_at: new RegExp(`${time.source}|^0001-01-01T00:00:00\\+00:00$|^null$`),
  auth_type: /^AUTH_TYPE_(?:LOCAL|SSO)$/,
  status: /^(?:INVITE_STATUS_(?:SENT|STAGED|ACCEPTED|EXPIRED|DEACTIVATED)|[45]\d\d)$/,
  principal: /^(?:User|Group):.+$/,
  crn_pattern: /^crn:\/\/.+$/,
  // The token alone. Confluent's own test server ends a list with `""` or `null`.
  next: /^https?:\/\/[^/]+\/[^?]+\?page_token=[\w-]{1,255}$|^$|^null$/,
  total_size: /^\d+$/,
  default_limit: /^\d+$/,
  applied_limit: /^\d+$/,
  pointer: /^\//,
  error_code: /^(?:40301|40002)$/,
};

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Where a value is not of a shape, such as `Invitation.id is ""`. */
function violations(value: unknown, shape: string): string[] {
  if (!isObject(value)) return [`${shape} is ${JSON.stringify(value)}`];
  const fields = (shapes[shape] ?? '').split(' ');
  const missing = fields.filter((name) => !name.endsWith('?') && !(name in value));
  return [
    ...missing.map((name) => `${shape} has no ${name}`),
    ...Object.entries(value).flatMap(([name, field]) => {
      if (!fields.some((one) => one.replace('?', '') === name)) return [`${shape} has ${name}`];
      const within = inner[name];
      if (within !== undefined) return [field].flat().flatMap((one) => violations(one, within));
      const isGood = values[name]?.test(String(field)) ?? true;
      return isGood ? [] : [`${shape}.${name} is ${JSON.stringify(field)}`];
    }),
  ];
}

interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly json: unknown;
}

/** The kind of each collection, and the statuses of success. */
const resources: Readonly<Record<string, readonly [kind: string, good: Readonly<Record<string, number>>]>> = {
  '/iam/v2/invitations': ['Invitation', { GET: 200, POST: 201, DELETE: 204 }],
  '/iam/v2/users': ['User', { GET: 200, PATCH: 200, DELETE: 204 }],
  '/iam/v2/role-bindings': ['RoleBinding', { GET: 200, POST: 201, DELETE: 200 }],
  '/iam/v2/api-keys': ['ApiKey', { GET: 200 }],
  '/org/v2/organizations': ['Organization', { GET: 200 }],
  '/service-quota/v1/applied-quotas': ['AppliedQuota', { GET: 200 }],
};

/** What is wrong with an answer, by what the documentation says of the operation; nothing if it is as promised. */
export function complaintsOn(line: string, answer: Answer, settings: Pick<Settings, 'rate_headers'>): string[] {
  const [method = '', path = ''] = line.replace(/\?.*/, '').split(' ');
  if (/^\/(?:sts|oidc)\//.test(path)) return [];
  return [...complaintsOnBody(method, path, answer), ...complaintsOnHeaders(answer, settings)];
}

function complaintsOnBody(method: string, path: string, { status, json }: Answer): string[] {
  const isOwn = isObject(json) && 'error_code' in json && path.includes('role-bindings');
  if (status === 204 || status === 429) return json === undefined ? [] : [`${status} has a body`];
  if (status >= 400) return violations(json, isOwn ? 'bindingFailure' : 'failure');
  const [kind = '', good] = resources[path] ?? resources[path.slice(0, path.lastIndexOf('/'))] ?? [];
  if (good?.[method] !== status) return [`${method} answers ${status}`];
  if (method !== 'GET' || resources[path] === undefined) return violations(json, kind);
  if (!isObject(json)) return ['a page is not an object'];
  const { metadata, data, ...rest } = json;
  const rows = Array.isArray(data) ? data : [];
  return [
    ...violations({ ...rest, metadata: { self: 'https://page/x' }, data }, 'page'),
    ...violations(metadata, 'links'),
    ...rows.flatMap((row) => violations(row, kind)),
  ];
}

function complaintsOnHeaders({ status, headers, json }: Answer, { rate_headers }: Pick<Settings, 'rate_headers'>) {
  const isLimited = status < 300 && rate_headers === 'all';
  const expected: readonly (readonly [name: string, pattern: RegExp, isDue: boolean])[] = [
    ['x-request-id', /^.{1,255}$/, true],
    ['content-type', /^application\/json$/, json !== undefined],
    ['x-ratelimit-limit', /^\d+$/, isLimited],
    ['location', /^https:\/\/api\.confluent\.cloud\/iam\/v2\/[a-z-]+\/[a-z]+-\w+$/, status === 201 || status === 409],
    ['www-authenticate', /^Basic error="invalid_key"/, status === 401],
    ['allow', /^GET\b/, status === 405],
  ];
  return expected.flatMap(([name, pattern, isDue]) => {
    const value = headers.get(name);
    const isGood = isDue ? pattern.test(value ?? '') : value === undefined || name.startsWith('x-ratelimit');
    return isGood ? [] : [`${name} is ${value}`];
  });
}
