/** What the documentation promises about answers, as plain facts: which fields, of what type, which must be there. */

/** Says what is wrong with a value, and where; nothing if it is as promised. */
export type Check = (value: unknown, where: string) => string[];

function check(what: string, holds: (value: unknown) => boolean): Check {
  return (value, where) => (holds(value) ? [] : [`${where} should be ${what}, is ${JSON.stringify(value)}`]);
}

const isText = (value: unknown): value is string => typeof value === 'string';

export const text = check('text', isText);
export const bool = check('true or false', (value) => typeof value === 'boolean');
export const count = check('a whole number from 0', (value) => Number.isInteger(value) && Number(value) >= 0);
export const id = check('an id of 1 to 255 characters', (value) => isText(value) && /^.{1,255}$/.test(value));
export const email = check('an e-mail', (value) => isText(value) && /^[^@\s]+@[^@\s]+$/.test(value));
export const link = check(
  'a link',
  (value) => isText(value) && /^https?:\/\/[^/]+\/.+$/.test(value) && URL.canParse(value),
);
export const crn = check('a CRN', (value) => isText(value) && value.startsWith('crn://'));
export const time = check(
  'an RFC 3339 time with microseconds',
  (value) =>
    isText(value) && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(value) && !Number.isNaN(Date.parse(value)),
);

export function one(...values: readonly unknown[]): Check {
  return check(`one of ${values.join(', ')}`, (value) => values.includes(value));
}

export function matching(pattern: RegExp): Check {
  return check(`like ${pattern}`, (value) => isText(value) && pattern.test(value));
}

export function orNull(inner: Check): Check {
  return (value, where) => (value === null ? [] : inner(value, where));
}

export function list(inner: Check): Check {
  return (value, where) => {
    if (!Array.isArray(value)) return [`${where} should be a list, is ${JSON.stringify(value)}`];
    return value.flatMap((item, index) => inner(item, `${where}[${index}]`));
  };
}

type Fields = Readonly<Record<string, Check>>;

/** An object with these fields and no others. */
export function object(required: Fields, optional: Fields = {}): Check {
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

export const invitation = object(
  { api_version: one('iam/v2'), kind: one('Invitation'), id, email, metadata },
  {
    auth_type: authType,
    status: matching(/^INVITE_STATUS_(SENT|STAGED|ACCEPTED|EXPIRED|DEACTIVATED)$/),
    accepted_at: orNull(time),
    expires_at: time,
    user: reference,
    creator: reference,
  },
);

export const user = object(
  { api_version: one('iam/v2'), kind: one('User'), id, email, metadata },
  { full_name: text, auth_type: authType },
);

export const binding = object({
  api_version: one('iam/v2'),
  kind: one('RoleBinding'),
  id,
  metadata,
  principal: matching(/^(User|Group):.+$/),
  role_name: text,
  crn_pattern: matching(/^crn:\/\/.+$/),
});

export const organization = object(
  { api_version: one('org/v2'), kind: one('Organization'), id, metadata },
  { display_name: matching(/^[^<>#%'*^`{|}~"]{1,31}$/), jit_enabled: bool },
);

export const quota = object(
  { api_version: one('service-quota/v1'), kind: one('AppliedQuota'), id, metadata },
  {
    scope: one('ORGANIZATION'),
    display_name: text,
    applied_limit: count,
    usage: count,
    organization: object({ id, related: link, resource_name: crn }),
  },
);

/** A page of one of the above. */
export function pageOf(api_version: string, kind: string, row: Check): Check {
  const links = { first: orNull(link), last: orNull(link), prev: orNull(link), next: orNull(link), total_size: count };
  return object({ api_version: one(api_version), kind: one(kind), metadata: object({}, links), data: list(row) });
}

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
export const bindingFailure = object({ error_code: one(40301), message: text });
