/** What may stand in a place of the command line. */
interface ValueType {
  readonly description: string;
  /** A regular expression that valid values match; the program may still refuse a value that does. */
  readonly pattern?: string;
  /** A value that is accepted. */
  readonly example: string;
}

const email = '[^@\\s]+@[^@\\s]+\\.[^@\\s]+';

/** Every type of value, by the name that `help --json` gives it. */
export const valueTypes = {
  email: {
    description: 'an e-mail address; as a filter, * stands for any text',
    pattern: '^[^\\s]+$',
    example: 'ann@example.com',
  },
  invitation: {
    description: 'the id or the e-mail address of an invitation; where several are taken, - reads them from stdin',
    pattern: `^(-|${email}|[^@\\s]+)$`,
    example: 'ann@example.com',
  },
  person: { description: 'an e-mail address or the id of a user', pattern: '^\\S+$', example: 'ann@example.com' },
  id: { description: 'the id of a user or a service account', pattern: '^\\S+$', example: 'u-abc123' },
  file: { description: 'the path of a file; - is stdin where the description says so', example: 'people.csv' },
  duration: {
    description: 'a number with a unit: ms, s, m, h, d or w',
    pattern: '^\\d+(ms|s|m|h|d|w)$',
    example: '30s',
  },
  time: {
    description: 'a time as RFC 3339 writes it',
    pattern: '^\\d{4}-\\d\\d-\\d\\dT.+$',
    example: '2026-01-31T12:00:00Z',
  },
  integer: { description: 'a whole number', pattern: '^\\d+$', example: '1' },
  number: { description: 'a number', pattern: '^\\d+(\\.\\d+)?$', example: '0.5' },
  role: {
    description: 'the name of a role; an @ and a scope may follow, as "invite help roles" explains',
    pattern: '^[A-Za-z]+(@\\S+)?$',
    example: 'EnvironmentAdmin@env-abc',
  },
  fields: {
    description: 'names of fields, separated by commas: those that the command lists as "fields"',
    pattern: '^[^,\\s]+(,[^,\\s]+)*$',
    example: 'id',
  },
  field: {
    description: 'the name of a field: one of those that the command lists as "fields"',
    pattern: '^[^,\\s]+$',
    example: 'id',
  },
  profile: { description: 'the name of a profile', pattern: '^\\S+$', example: 'sandbox' },
  url: {
    description: 'an https URL; http on this machine only',
    pattern: '^https?://',
    example: 'https://api.confluent.cloud',
  },
  domain: { description: 'the domain of an e-mail address', pattern: '^@?\\S+$', example: 'example.com' },
  domains: {
    description: 'domains of e-mail addresses, separated by commas; *.example.com stands for those below it',
    pattern: '^[^,\\s]+\\.[^,\\s]+(,[^,\\s]+)*$',
    example: 'example.com,example.org',
  },
  columns: {
    description: 'names of fields, each with the heading of its column; quotes around a heading that has a comma',
    pattern: '^[^=\\s]+=.*$',
    example: 'email=Address,role=Access',
  },
  setting: { description: 'a name and a value', pattern: '^[^=\\s]+=.+$', example: 'quota=1000' },
  json: {
    description: 'a JSON array of strings: a program and its arguments',
    pattern: '^\\[',
    example: '["pass","show","confluent"]',
  },
  string: { description: 'any text', example: 'text' },
} as const satisfies Record<string, ValueType>;

export type ValueTypeName = keyof typeof valueTypes;

/** By the placeholder in the usage of an option or an argument: `<n>`, `<duration>`. */
const byPlaceholder: Readonly<Record<string, ValueTypeName>> = {
  ...{ email: 'email', 'id|email': 'invitation', 'email|user-id': 'person', 'email|id': 'person', id: 'id' },
  ...{ 'email|principal': 'person', time: 'time' },
  ...{ n: 'integer', share: 'number', duration: 'duration', url: 'url', domain: 'domain' },
  ...{ 'role[@scope]': 'role', role: 'role', 'a,b': 'fields', field: 'field', name: 'profile' },
  ...{ 'name=value': 'setting', 'field=heading,...': 'columns', 'domain,...': 'domains', command: 'json' },
};

/** The type of what is typed in place of `<placeholder>`. */
export function typeOfPlaceholder(placeholder: string): ValueTypeName {
  if (Object.hasOwn(byPlaceholder, placeholder)) return byPlaceholder[placeholder] ?? 'string';
  return /\bfile\b/.test(placeholder) ? 'file' : 'string';
}
