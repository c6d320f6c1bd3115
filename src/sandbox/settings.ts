import { CliError } from '../errors.ts';
import { didYouMean } from '../text/suggest.ts';
import { parseDuration } from '../text/times.ts';

/** A behaviour that the documentation leaves open, or that differs between organizations. */
interface Setting<T> {
  readonly meaning: string;
  /** The allowed values, for help and errors. */
  readonly values: string;
  readonly initialText: string;
  /** Undefined if the text is not an allowed value. */
  parse(text: string): T | undefined;
}

function setting<T>(
  initialText: string,
  values: string,
  meaning: string,
  parse: (text: string) => T | undefined,
): Setting<T> {
  return { meaning, values, initialText, parse };
}

function oneOf<const T extends string>(values: readonly [T, ...T[]], meaning: string): Setting<T> {
  return setting(values[0], values.join(', '), meaning, (text) => values.find((value) => value === text));
}

function amount(initial: string, meaning: string): Setting<number> {
  return setting(initial, 'a whole number', meaning, (text) => (/^\d{1,9}$/.test(text) ? Number(text) : undefined));
}

/** A comma-separated list of some of the values; `none` is the empty one. */
function someOf<const T extends string>(values: readonly T[], meaning: string): Setting<readonly T[]> {
  return setting('none', `none, or some of ${values.join(', ')}, with commas`, meaning, (text) => {
    const given = text === 'none' ? [] : text.split(',');
    const known = given.flatMap((one) => values.find((value) => value === one) ?? []);
    return known.length === given.length ? known : undefined;
  });
}

/** Milliseconds. */
function duration(initial: string, meaning: string): Setting<number> {
  return setting(initial, 'a duration such as 30s or 72h', meaning, parseSpan);
}

function parseSpan(text: string): number | undefined {
  return /^\d{1,9}(ms|s|m|h|d|w)$/.test(text) ? parseDuration(text) : undefined;
}

function parseOffset(text: string): number | undefined {
  const span = parseSpan(text.replace(/^[+-]/, ''));
  return span !== undefined && text.startsWith('-') ? -span : span;
}

/** What a caller may do, for the setting `forbidden`. */
const operations = [
  ...(['invitations.list', 'invitations.get', 'invitations.create', 'invitations.delete'] as const),
  ...(['users.list', 'users.get', 'users.update', 'users.delete'] as const),
  ...(['role_bindings.list', 'role_bindings.get', 'role_bindings.create', 'role_bindings.delete'] as const),
  ...(['api_keys.list', 'api_keys.get', 'organizations.list', 'organizations.get'] as const),
  ...(['applied_quotas.list', 'applied_quotas.get'] as const),
] as const;

/** Every setting. The first value is the default, the most likely one by the documentation; a client must cope with all. */
export const settingDefinitions = {
  quota: amount('150', 'the maximum number of pending invitations'),
  quota_status: oneOf(['402', '400'], 'the status of the error beyond the quota'),
  expires_after: duration('72h', 'how long an invitation is valid after it was mailed'),
  expiry_lag: duration('0s', 'how long the status stays SENT after expires_at has passed'),
  new_status: oneOf(['sent', 'staged'], 'the status in which an invitation begins'),
  accepted_at_unset: oneOf(['absent', 'null', 'zero'], 'the value of accepted_at before acceptance'),
  email_case: oneOf(['kept', 'lowered'], 'whether the case of an e-mail is kept'),
  email_filter: oneOf(['exact', 'ignore_case'], 'whether ?email= is case-sensitive'),
  invalid_email_status: oneOf(['422', '400'], 'the status of the error for a malformed e-mail'),
  filters: oneOf(['applied', 'ignored', 'rejected'], 'how the list of invitations handles its filters'),
  filters_joined: oneOf(['and', 'or'], 'whether an invitation must match all of several filters, or one of them'),
  unknown_filter: oneOf(['ignored', 'rejected'], 'how a list handles an unknown query parameter'),
  reissue: oneOf(
    ['same_id', 'new_id', 'new_user', 'second_id', 'conflict'],
    'what inviting a pending e-mail again leads to: the same invitation; one with another id; with another user too; ' +
      'a second pending one; or 409',
  ),
  reinvite: oneOf(
    ['new_id', 'same_id', 'same_user'],
    'what inviting an expired e-mail again leads to: another invitation and user; the same; or another one of that user',
  ),
  reinvite_created_at: oneOf(['new', 'kept'], 'the created_at of such an invitation'),
  left_member: oneOf(['created', 'conflict'], 'the response of POST for a person who accepted and has left'),
  deleted_reads: oneOf(['deactivated', 'not_found', 'forbidden'], 'the response of GET for a deleted invitation'),
  delete_ended: oneOf(['no_content', 'not_found'], 'the response of DELETE for an expired or deactivated invitation'),
  missing_reads: oneOf(['not_found', 'forbidden'], 'the response of GET for an unknown id'),
  list_order: oneOf(['oldest', 'newest'], 'the order of lists'),
  list_lag: duration('0s', 'how long a new invitation is missing from lists'),
  list_rows: oneOf(['full', 'minimal'], 'which fields listed invitations have: all, or only id, email and metadata'),
  user_list_lag: duration('0s', 'how long a new member is missing from the list of users'),
  role_binding_list_lag: duration('0s', 'how long a new role binding is missing from lists'),
  retention: setting(
    'forever',
    'a duration such as 30d, or forever',
    'how long lists have ended invitations',
    (text) => (text === 'forever' ? Number.POSITIVE_INFINITY : parseSpan(text)),
  ),
  page_token_carries: oneOf(['filters', 'position'], 'whether a page_token keeps the filters and the page_size'),
  paging: oneOf(['by_position', 'by_offset'], 'whether a page begins after a row, or after a number of rows'),
  small_page: oneOf(['rejected', 'default'], 'how a page_size below one is handled'),
  large_page: oneOf(['capped', 'rejected'], 'how a page_size above the maximum is handled'),
  rejected_status: oneOf(['400', '422'], 'the status of the error for a page_size or a filter that is rejected'),
  last_next: oneOf(['absent', 'null', 'empty'], 'the value of metadata.next on the last page'),
  trailing_page: oneOf(['no', 'yes'], 'whether a full last page is followed by an empty one'),
  empty_data: oneOf(['array', 'null'], 'the value of data on a page without rows'),
  total_size: oneOf(['absent', 'counted', 'zero'], 'the value of metadata.total_size'),
  sso: oneOf(['no', 'yes'], 'whether the organization has single sign-on, which sets the default auth_type'),
  sso_accepts: oneOf(['later', 'at_once'], 'whether an SSO invitation is accepted when it is created'),
  local_into_sso: oneOf(['allowed', 'forbidden'], 'whether AUTH_TYPE_LOCAL may be invited into an SSO organization'),
  service_account_key: oneOf(['no', 'works', 'rejected'], 'whether a service account owns the key, and may invite'),
  invalid_key_status: oneOf(['401', '403'], 'the status of the error for a wrong API key'),
  pool_invites: oneOf(['yes', 'no'], 'whether an identity pool may create invitations'),
  sts: oneOf(['exchanges', 'refuses'], 'whether the identity pool admits a token to its exchange'),
  sts_lifetime: duration('15m', 'how long an access token is valid after its exchange'),
  sts_trusts: oneOf(['all', 'own'], 'which issuers of tokens are known: all, or only the one of the sandbox itself'),
  oidc_lifetime: duration('5m', 'how long a token of that issuer is valid'),
  forbidden: someOf(operations, 'operations that the key may not do: nothing happens'),
  forbidden_status: oneOf(['403', '404'], 'the status of the error for such an operation'),
  forbidden_body: oneOf(
    ['documented', 'recorded'],
    'the body of a 403: as documented, or as recorded, without a title',
  ),
  api_keys: oneOf(['readable', 'own_only', 'forbidden'], 'which API keys may be read; own_only is without the list'),
  crn_pattern: oneOf(
    ['by_part', 'by_scope'],
    'whether ?crn_pattern= matches any part of a CRN, or exactly a scope, and with /* all within it',
  ),
  resource_names: oneOf(['all', 'not_role_bindings'], 'which resources have metadata.resource_name'),
  crn_colon: oneOf(['plain', 'encoded'], 'how a colon inside a CRN is returned: as it was sent, or as %3A'),
  invitation_page: amount('100', 'the maximum page_size of the list of invitations'),
  role_binding_page: amount('1000', 'the maximum page_size of role bindings; 100 and 1000 are both documented'),
  clock_offset: setting('0s', 'a duration such as 90s or -2h', 'how far the clock of the API is ahead', parseOffset),
  rate_headers: oneOf(['all', 'not_role_bindings', 'none'], 'which responses have X-RateLimit headers'),
} as const;

type SettingName = keyof typeof settingDefinitions;

export type Settings = {
  readonly [Name in SettingName]: (typeof settingDefinitions)[Name] extends Setting<infer T> ? T : never;
};

const names = Object.keys(settingDefinitions) as readonly SettingName[];

export function settingsWith(given: Partial<Settings> = {}): Settings {
  const initial = names.map((name) => [name, settingDefinitions[name].parse(settingDefinitions[name].initialText)]);
  return { ...Object.fromEntries(initial), ...given };
}

/** Parses `name=value`. Throws `usage` with the allowed names or values. */
export function parseSetting(text: string): Partial<Settings> {
  const [key = '', value = ''] = text.split(/=(.*)/s);
  const name = names.find((known) => known === key);
  if (name === undefined)
    throw new CliError('usage', `"${key}" is not a setting of the sandbox`, {
      hints: [...didYouMean(key, names), `the settings are ${names.join(', ')}`],
    });
  const parsed = settingDefinitions[name].parse(value);
  if (parsed !== undefined) return { [name]: parsed };
  const hints = [`${name} takes ${settingDefinitions[name].values}: ${settingDefinitions[name].meaning}`];
  throw new CliError('usage', `"${value}" is not a value of the setting "${name}"`, { hints });
}

/** A list of all settings for the help, two lines each. */
export function describeSettings(): string {
  const lines = names.flatMap((name) => {
    const { values, initialText, meaning } = settingDefinitions[name];
    return [folded(`${name}: ${values} (default: ${initialText})`, '  '), folded(meaning, '      ')];
  });
  return ['Settings (--switch name=value):', ...lines].join('\n');
}

/** Each setting with each of its values; with an open end where any number, duration or list will do. */
export function settingWords(): string[] {
  return names.flatMap((name) => {
    const { values, parse } = settingDefinitions[name];
    const words = values.split(', ');
    return words.every((word) => parse(word) !== undefined) ? words.map((word) => `${name}=${word}`) : [`${name}=`];
  });
}

/** Lines that fit a page. */
function folded(text: string, indent: string): string {
  return text.replace(/.{1,72}(?: |$)/g, (line) => `${indent}${line.trimEnd()}\n`).trimEnd();
}
