import { Ajv, type AnySchema } from 'ajv';
import type { Settings } from '../../src/sandbox/sandbox.ts';

/** What the documentation promises about answers, as plain facts: which fields, of what type, which must be there. */

function like(pattern: string): AnySchema {
  return { type: 'string', pattern };
}

function one(...values: readonly string[]): AnySchema {
  return { enum: values };
}

function orNull(schema: AnySchema): AnySchema {
  return { anyOf: [schema, { type: 'null' }] };
}

function list(items: AnySchema): AnySchema {
  return { type: 'array', items, uniqueItems: true };
}

type Fields = Readonly<Record<string, AnySchema>>;

/** An object with these fields and no others. */
function object(required: Fields, optional: Fields = {}): AnySchema {
  const properties = { ...required, ...optional };
  return { type: 'object', properties, required: Object.keys(required), additionalProperties: false };
}

const text = { type: 'string' };
const bool = { type: 'boolean' };
const count = { type: 'integer', minimum: 0 };
const id = like('^.{1,255}$');
const email = like('^[^@\\s]+@[^@\\s]+$');
const link = like('^https?://[^/]+/.+$');
const crn = like('^crn://');
const time = like('^\\d{4}-[01]\\d-[0-3]\\dT[0-2]\\d:[0-5]\\d:[0-5]\\d\\.\\d{6}Z$');

const authType = one('AUTH_TYPE_LOCAL', 'AUTH_TYPE_SSO');
const metadata = object({ self: link }, { resource_name: crn, created_at: time, updated_at: time, deleted_at: time });
const reference = object(
  { id, related: link, resource_name: crn },
  { api_version: one('iam/v2'), kind: one('User', 'ServiceAccount') },
);

const invitationFields: Fields = {
  auth_type: authType,
  status: like('^INVITE_STATUS_(SENT|STAGED|ACCEPTED|EXPIRED|DEACTIVATED)$'),
  accepted_at: { anyOf: [one('0001-01-01T00:00:00+00:00'), time, { type: 'null' }] },
  expires_at: time,
  user: reference,
  creator: reference,
};

const invitationHead: Fields = { api_version: one('iam/v2'), kind: one('Invitation') };

const invitation = object({ ...invitationHead, id, email, metadata }, invitationFields);

/** A row of the list must have less. */
const listedInvitation = object({ id, email, metadata }, { ...invitationHead, ...invitationFields });

const user = object(
  { api_version: one('iam/v2'), kind: one('User'), id, email, metadata },
  { full_name: text, auth_type: authType },
);

const binding = object({
  api_version: one('iam/v2'),
  kind: one('RoleBinding'),
  id,
  metadata,
  principal: like('^(User|Group):.+$'),
  role_name: text,
  crn_pattern: like('^crn://.+$'),
});

const organization = object(
  { api_version: one('org/v2'), kind: one('Organization'), id, metadata },
  { display_name: like(`^[^<>#%'*^\`{|}~"]{1,31}$`), jit_enabled: bool },
);

const apiKey = object({
  api_version: one('iam/v2'),
  kind: one('ApiKey'),
  id,
  metadata,
  spec: object(
    { owner: reference },
    {
      display_name: text,
      description: text,
      created_by: id,
      resource: object(
        { id, related: link, resource_name: crn },
        { environment: id, api_version: text, kind: one('Cloud', 'Cluster', 'Global') },
      ),
    },
  ),
});

const quota = object(
  {
    api_version: one('service-quota/v1'),
    kind: one('AppliedQuota'),
    id,
    metadata,
    scope: one('ORGANIZATION'),
    display_name: text,
    default_limit: count,
    applied_limit: count,
  },
  {
    usage: count,
    organization: object({ id, related: link, resource_name: crn }),
  },
);

/** With a page token of at most 255 characters, and nothing else. */
const nextLink = like('^https?://[^/]+/[^?]+\\?page_token=[\\w-]{1,255}$');

/** A page of one of the above. A list that ends with `""` or `null` is Confluent's own, though not as documented. */
function pageOf(api_version: string, kind: string, row: AnySchema): AnySchema {
  const next = { anyOf: [nextLink, one(''), { type: 'null' }] };
  const links = { first: orNull(link), last: orNull(link), prev: orNull(link), next, total_size: count };
  return object({
    ...{ api_version: one(api_version), kind: one(kind) },
    ...{ metadata: object({}, links), data: orNull(list(row)) },
  });
}

export const failure = object({
  errors: list(
    object(
      {},
      {
        id: id,
        status: like('^[45]\\d\\d$'),
        code: text,
        title: text,
        detail: text,
        source: object({}, { pointer: like('^/'), parameter: text }),
      },
    ),
  ),
});

/** The envelope that role bindings have for what is not there. */
const bindingFailure = {
  anyOf: [object({ error_code: { enum: [40301, 40002] }, message: text }), failure],
};

interface Resource {
  readonly one: AnySchema;
  readonly list: AnySchema;
  /** The statuses of the documentation for a whole collection and for one resource, by method. */
  readonly good: Readonly<Record<string, number>>;
}

const resources: Readonly<Record<string, Resource>> = {
  '/iam/v2/invitations': {
    one: invitation,
    list: pageOf('iam/v2', 'InvitationList', listedInvitation),
    good: { GET: 200, POST: 201, DELETE: 204 },
  },
  '/iam/v2/users': {
    one: user,
    list: pageOf('iam/v2', 'UserList', user),
    good: { GET: 200, PATCH: 200, DELETE: 204 },
  },
  '/iam/v2/role-bindings': {
    one: binding,
    list: pageOf('iam/v2', 'RoleBindingList', binding),
    good: { GET: 200, POST: 201, DELETE: 200 },
  },
  '/iam/v2/api-keys': { one: apiKey, list: pageOf('iam/v2', 'ApiKeyList', apiKey), good: { GET: 200 } },
  '/org/v2/organizations': {
    one: organization,
    list: pageOf('org/v2', 'OrganizationList', organization),
    good: { GET: 200 },
  },
  '/service-quota/v1/applied-quotas': {
    one: quota,
    list: pageOf('service-quota/v1', 'AppliedQuotaList', quota),
    good: { GET: 200 },
  },
};

interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly json: unknown;
}

/** What is wrong with an answer, by what the documentation says of the operation; nothing if it is as promised. */
export function complaintsOn(line: string, answer: Answer, settings: Pick<Settings, 'rate_headers'>): string[] {
  return [...complaintsOnBody(line, answer), ...complaintsOnHeaders(line, answer, settings)];
}

function complaintsOnHeaders(
  line: string,
  { status, headers, json }: Answer,
  settings: Pick<Settings, 'rate_headers'>,
) {
  const isLimited = status < 300 && settings.rate_headers === 'all';
  const expected: [name: string, pattern: RegExp, due: boolean][] = [
    ['x-request-id', /^.{1,255}$/, true],
    ['content-type', /^application\/json$/, json !== undefined],
    ...['limit', 'remaining', 'reset'].map((name): [string, RegExp, boolean] => [
      `x-ratelimit-${name}`,
      /^\d+$/,
      isLimited,
    ]),
    ['location', /^https:\/\/api\.confluent\.cloud\/iam\/v2\/[a-z-]+\/[a-z]+-\w+$/, status === 201 || status === 409],
    ['www-authenticate', /^Basic error="invalid_key"/, status === 401],
    ['allow', /^GET\b/, status === 405],
  ];
  return expected.flatMap(([name, pattern, isDue]) => {
    const value = headers.get(name);
    if (!isDue)
      return value === undefined || name.startsWith('x-ratelimit') ? [] : [`${line}: ${name} does not belong there`];
    return value !== undefined && pattern.test(value) ? [] : [`${line}: ${name} is ${value}`];
  });
}

function complaintsOnBody(line: string, { status, json }: Answer): string[] {
  const [method = '', target = ''] = line.split(' ');
  const [path = ''] = target.split('?');
  const whole = resources[path];
  const resource = whole ?? resources[path.slice(0, path.lastIndexOf('/'))];
  if (status === 204 || status === 429) return json === undefined ? [] : [`${line}: ${status} has a body`];
  if (status >= 400 && resource === resources['/iam/v2/role-bindings']) return violations(json, bindingFailure);
  if (status >= 400) return violations(json, failure);
  if (resource === undefined || resource.good[method] !== status) return [`${line} answers ${status}`];
  return violations(json, whole !== undefined && method === 'GET' ? resource.list : resource.one);
}

const ajv = new Ajv({ allErrors: true });

/** Where a value is not as promised, such as `/data/0/id must be string`. */
export function violations(value: unknown, schema: AnySchema): string[] {
  ajv.validate(schema, value);
  return (ajv.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
