import { CliError } from '../errors.ts';
import { parseDuration } from '../text/durations.ts';
import { didYouMean } from '../text/suggest.ts';

/** What the documentation leaves open, or lets differ between organizations: each is a switch of the sandbox. */
interface Setting<T> {
  readonly initial: T;
  readonly meaning: string;
  /** What may be written after the `=`. */
  readonly values: string;
  /** The default, as it is written. */
  readonly unsaid: string;
  /** Undefined if the text is none of the values. */
  parse(text: string): T | undefined;
}

function oneOf<const T extends string>(values: readonly [T, ...T[]], meaning: string): Setting<T> {
  const parse = (text: string) => values.find((value) => value === text);
  return { initial: values[0], meaning, values: values.join(', '), unsaid: values[0], parse };
}

function amount(initial: number, meaning: string): Setting<number> {
  const parse = (text: string) => (/^\d{1,9}$/.test(text) ? Number(text) : undefined);
  return { initial, meaning, values: 'a whole number', unsaid: String(initial), parse };
}

/** In milliseconds once parsed. */
function duration(initial: string, meaning: string): Setting<number> {
  const parse = (text: string) => (/^\d{1,9}(ms|s|m|h|d|w)$/.test(text) ? parseDuration(text) : undefined);
  return { initial: parseDuration(initial), meaning, values: 'a duration such as 30s or 72h', unsaid: initial, parse };
}

/** Infinity for `forever`. */
function durationOrForever(meaning: string): Setting<number> {
  const limited = duration('0s', meaning);
  const parse = (text: string) => (text === 'forever' ? Number.POSITIVE_INFINITY : limited.parse(text));
  const values = 'a duration such as 30d, or forever';
  return { initial: Number.POSITIVE_INFINITY, meaning, values, unsaid: 'forever', parse };
}

/** Every switch; the first value is the default, the likeliest by what is documented. A client must bear all of them. */
export const settingDefinitions = {
  quota: amount(150, 'how many invitations may be pending before POST is refused'),
  quota_status: oneOf(['402', '400'], 'the status of that refusal; some quotas are known to answer 400'),
  expires_after: duration('72h', 'how long an invitation stays open after it was mailed'),
  expiry_lag: duration('0s', 'how long the status stays SENT after expires_at has passed'),
  new_status: oneOf(['sent', 'staged'], 'the status in which an invitation begins'),
  accepted_at_unset: oneOf(['absent', 'null', 'zero'], 'how accepted_at reads before anybody accepted'),
  email_case: oneOf(['kept', 'lowered'], 'whether an e-mail is stored as it was typed'),
  email_filter: oneOf(['exact', 'ignore_case'], 'whether ?email= tells capitals from small letters'),
  invalid_email_status: oneOf(['422', '400'], 'the status of the refusal of a malformed e-mail'),
  filters: oneOf(
    ['applied', 'ignored', 'rejected'],
    'whether the filters of the invitation list are supported; rejected is 400 invalid_filter',
  ),
  filters_joined: oneOf(['and', 'or'], 'whether a row must match all of several filters, or one of them'),
  unknown_filter: oneOf(['ignored', 'rejected'], 'what an unknown query parameter of a list leads to'),
  reissue: oneOf(
    ['same_id', 'new_id', 'conflict'],
    'whether inviting a pending e-mail again keeps the id; conflict is 409',
  ),
  reinvite: oneOf(['new_id', 'same_id'], 'whether inviting an expired e-mail again keeps the id'),
  reinvite_created_at: oneOf(['new', 'kept'], 'which created_at such an invitation has'),
  left_member: oneOf(['created', 'conflict'], 'how POST answers for a person who accepted and has left'),
  deleted_reads: oneOf(['deactivated', 'not_found', 'forbidden'], 'how a deleted invitation reads'),
  delete_ended: oneOf(['no_content', 'not_found'], 'how DELETE answers for an expired or deactivated invitation'),
  missing_reads: oneOf(['not_found', 'forbidden'], 'how an id that does not exist reads'),
  list_order: oneOf(['oldest', 'newest'], 'which invitation a list begins with'),
  list_lag: duration('0s', 'how long a new invitation is missing from lists'),
  user_list_lag: duration('0s', 'how long a new member is missing from the list of users'),
  retention: durationOrForever('how long an invitation that has ended stays in lists'),
  page_token_carries: oneOf(['filters', 'position'], 'whether a page_token keeps the filters and the page_size'),
  small_page: oneOf(['rejected', 'default'], 'what a page_size below one leads to'),
  large_page: oneOf(['capped', 'rejected'], 'what a page_size above the maximum leads to'),
  last_next: oneOf(['absent', 'null', 'empty'], 'how metadata.next reads on the last page'),
  trailing_page: oneOf(['no', 'yes'], 'whether a full last page is followed by an empty one'),
  empty_data: oneOf(['array', 'null'], 'how the data of a page without rows reads'),
  total_size: oneOf(['absent', 'counted', 'zero'], 'what metadata.total_size says'),
  sso: oneOf(['no', 'yes'], 'whether the organization has single sign-on, which sets the default auth_type'),
  sso_accepts: oneOf(['later', 'at_once'], 'whether an SSO invitation is accepted the moment it is made'),
  local_into_sso: oneOf(
    ['allowed', 'forbidden'],
    'whether the key may invite AUTH_TYPE_LOCAL into an SSO organization',
  ),
  service_account_key: oneOf(
    ['no', 'works', 'rejected'],
    'whether the key is a service account’s, and whether it may invite',
  ),
  invalid_key_status: oneOf(['401', '403'], 'the status of the refusal of a wrong API key'),
  api_keys: oneOf(
    ['readable', 'own_only', 'forbidden'],
    'which API keys the key may read; own_only is just itself, and no list',
  ),
  crn_pattern: oneOf(
    ['by_part', 'by_scope'],
    'whether ?crn_pattern= means any part of a CRN, or this very scope and with /* all within it',
  ),
  crn_colon: oneOf(['plain', 'encoded'], 'how a colon inside a CRN reads: as it was sent, or as %3A'),
  role_binding_page: amount(1000, 'the maximum page_size of role bindings; 100 and 1000 are both documented'),
  rate_headers: oneOf(['all', 'not_role_bindings', 'none'], 'which answers carry X-RateLimit headers'),
} as const;

export type SettingName = keyof typeof settingDefinitions;

export type Settings = {
  readonly [Name in SettingName]: (typeof settingDefinitions)[Name] extends Setting<infer T> ? T : never;
};

const names = Object.keys(settingDefinitions) as readonly SettingName[];

/** All switches at their defaults, but for those given. */
export function settingsWith(given: Partial<Settings> = {}): Settings {
  const initial = Object.fromEntries(names.map((name) => [name, settingDefinitions[name].initial]));
  return { ...initial, ...given } as Settings;
}

/** The one switch of `name=value`. Throws `usage`, naming what is known. */
export function parseSetting(text: string): Partial<Settings> {
  const [typed = '', value = ''] = text.split(/=(.*)/s);
  const name = names.find((known) => known === typed);
  if (name === undefined) throw unknownSetting(typed);
  const parsed = settingDefinitions[name].parse(value);
  if (parsed !== undefined) return { [name]: parsed };
  const hints = [`${name} takes ${settingDefinitions[name].values}: ${settingDefinitions[name].meaning}`];
  throw new CliError('usage', `"${value}" is not a value of the switch "${name}"`, { hints });
}

function unknownSetting(typed: string): CliError {
  const hints = [...didYouMean(typed, names), `the switches are ${names.join(', ')}`];
  return new CliError('usage', `"${typed}" is not a switch of the sandbox`, { hints });
}

/** All of them for a help text, two lines each. */
export function describeSwitches(): string {
  const lines = names.flatMap((name) => {
    const { values, unsaid, meaning } = settingDefinitions[name];
    return [`  ${name}: ${values} (default: ${unsaid})`, meaning.replace(/.{1,72}(?: |$)/g, '      $&\n').trimEnd()];
  });
  return ['Switches (--switch name=value):', ...lines].join('\n');
}
