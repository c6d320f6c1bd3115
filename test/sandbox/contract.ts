/** What the documentation promises about answers, as plain facts: which fields, of what type, which must be there. */

import type { Settings } from '../../src/sandbox/sandbox.ts';

/** Says what is wrong with a value, and where; nothing if it is as promised. */
type Check = (value: unknown, where: string) => string[];

function check(what: string, holds: (value: unknown) => boolean): Check {
  return (value, where) => (holds(value) ? [] : [`${where} should be ${what}, is ${JSON.stringify(value)}`]);
}

const isText = (value: unknown): value is string => typeof value === 'string';

const text = check('text', isText);
const bool = check('true or false', (value) => typeof value === 'boolean');
const count = check('a whole number from 0', (value) => Number.isInteger(value) && Number(value) >= 0);
const id = check('an id of 1 to 255 characters', (value) => isText(value) && /^.{1,255}$/.test(value));
const email = check('an e-mail', (value) => isText(value) && /^[^@\s]+@[^@\s]+$/.test(value));
const link = check('a link', (value) => isText(value) && /^https?:\/\/[^/]+\/.+$/.test(value) && URL.canParse(value));
const crn = check('a CRN', (value) => isText(value) && value.startsWith('crn://'));
const time = check(
  'an RFC 3339 time with microseconds',
  (value) =>
    isText(value) && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(value) && !Number.isNaN(Date.parse(value)),
);

function one(...values: readonly unknown[]): Check {
  return check(`one of ${values.join(', ')}`, (value) => values.includes(value));
}

function matching(pattern: RegExp): Check {
  return check(`like ${pattern}`, (value) => isText(value) && pattern.test(value));
}

function orNull(inner: Check): Check {
  return (value, where) => (value === null ? [] : inner(value, where));
}

function list(inner: Check): Check {
  return (value, where) => {
    if (!Array.isArray(value)) return [`${where} should be a list, is ${JSON.stringify(value)}`];
    const texts = value.map((item) => JSON.stringify(item));
    if (new Set(texts).size < texts.length) return [`${where} has something twice`];
    return value.flatMap((item, index) => inner(item, `${where}[${index}]`));
  };
}

type Fields = Readonly<Record<string, Check>>;

/** An object with these fields and no others. */
function object(required: Fields, optional: Fields = {}): Check {
  const known = new Map([...Object.entries(required), ...Object.entries(optional)]);
  return (value, where) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${where} should be an object`];
    const missing = Object.keys(required).filter((name) => !Object.hasOwn(value, name));
    return [
      ...missing.map((name) => `${where}.${name} is missing`),
      ...Object.entries(value).flatMap(
        ([name, inner]) => known.get(name)?.(inner, `${where}.${name}`) ?? [`${where}.${name} is not documented`],
      ),
    ];
  };
}

const authType = one('AUTH_TYPE_LOCAL', 'AUTH_TYPE_SSO');
const metadata = object({ self: link }, { resource_name: crn, created_at: time, updated_at: time, deleted_at: time });
const reference = object(
  { id, related: link, resource_name: crn },
  { api_version: one('iam/v2'), kind: one('User', 'ServiceAccount') },
);

const invitationFields: Fields = {
  auth_type: authType,
  status: matching(/^INVITE_STATUS_(SENT|STAGED|ACCEPTED|EXPIRED|DEACTIVATED)$/),
  accepted_at: (value, where) => (value === '0001-01-01T00:00:00+00:00' ? [] : orNull(time)(value, where)),
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
  principal: matching(/^(User|Group):.+$/),
  role_name: text,
  crn_pattern: matching(/^crn:\/\/.+$/),
});

const organization = object(
  { api_version: one('org/v2'), kind: one('Organization'), id, metadata },
  { display_name: matching(/^[^<>#%'*^`{|}~"]{1,31}$/), jit_enabled: bool },
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

/** A page of one of the above. A list that ends with `""` or `null` is Confluent's own, though not as documented. */
function pageOf(api_version: string, kind: string, row: Check): Check {
  const next: Check = (value, where) => (value === '' ? [] : orNull(nextLink)(value, where));
  const links = { first: orNull(link), last: orNull(link), prev: orNull(link), next, total_size: count };
  return object({
    api_version: one(api_version),
    kind: one(kind),
    metadata: object({}, links),
    data: orNull(list(row)),
  });
}

/** With a page token of at most 255 characters, and nothing else. */
const nextLink: Check = (value, where) => [
  ...link(value, where),
  ...matching(/\?page_token=[\w-]{1,255}$/)(value, where),
];

export const failure = object({
  errors: list(
    object(
      {},
      {
        id: matching(/^.{1,255}$/),
        status: matching(/^[45]\d\d$/),
        code: text,
        title: text,
        detail: text,
        source: object({}, { pointer: matching(/^\//), parameter: text }),
      },
    ),
  ),
});

/** The envelope that role bindings have for what is not there. */
const bindingFailure = object({ error_code: one(40301, 40002), message: text });

interface Resource {
  readonly one: Check;
  readonly list: Check;
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
  if (status >= 400) return resource === resources['/iam/v2/role-bindings'] ? refusal(json) : failure(json, line);
  if (resource === undefined || resource.good[method] !== status) return [`${line} answers ${status}`];
  return (whole !== undefined && method === 'GET' ? resource.list : resource.one)(json, line);
}

function refusal(json: unknown): string[] {
  const found = bindingFailure(json, 'refusal');
  return found.length === 0 ? [] : failure(json, 'refusal');
}
