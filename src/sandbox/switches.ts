import { parseDuration } from '../durations.ts';
import { CliError } from '../errors.ts';
import { didYouMean } from '../suggest.ts';

/** What the documentation leaves open, or lets differ between organizations: each is a switch of the sandbox. */
interface Switch<T> {
  readonly initial: T;
  readonly meaning: string;
  /** What may be written after the `=`. */
  readonly values: string;
  /** Undefined if the text is none of the values. */
  parse(text: string): T | undefined;
}

function oneOf<const T extends string>(values: readonly [T, ...T[]], meaning: string): Switch<T> {
  const parse = (text: string) => values.find((value) => value === text);
  return { initial: values[0], meaning, values: values.join(', '), parse };
}

function amount(initial: number, meaning: string): Switch<number> {
  const parse = (text: string) => (/^\d{1,9}$/.test(text) ? Number(text) : undefined);
  return { initial, meaning, values: 'a whole number', parse };
}

/** In milliseconds once parsed. */
function duration(initial: string, meaning: string): Switch<number> {
  const parse = (text: string) => (/^\d{1,9}(ms|s|m|h|d|w)$/.test(text) ? parseDuration(text) : undefined);
  return { initial: parseDuration(initial), meaning, values: 'a duration such as 30s or 72h', parse };
}

/** Every switch; the first value is the default, chosen as the one that a client must not rely on being kinder. */
export const switchList = {
  quota: amount(150, 'how many invitations may be pending before POST is refused'),
  quota_status: oneOf(['402', '400'], 'the status of that refusal; some quotas are known to answer 400'),
  expires_after: duration('72h', 'how long an invitation stays open after it was mailed'),
  expiry_lag: duration('0s', 'how long the status stays SENT after expires_at has passed'),
  new_status: oneOf(['sent', 'staged'], 'the status in which an invitation begins'),
  accepted_at_unset: oneOf(['absent', 'null', 'zero'], 'how accepted_at reads before anybody accepted'),
  email_case: oneOf(['kept', 'lowered'], 'whether an e-mail is stored as it was typed'),
  email_filter: oneOf(['exact', 'ignore_case'], 'whether ?email= tells capitals from small letters'),
  filters: oneOf(['applied', 'ignored'], 'whether the filters of the invitation list do anything'),
  reissue: oneOf(['same_id', 'new_id'], 'whether inviting a pending e-mail again keeps the id'),
  deleted_reads: oneOf(['deactivated', 'not_found', 'forbidden'], 'how a deleted invitation reads'),
  delete_ended: oneOf(['no_content', 'not_found'], 'how DELETE answers for an expired or deactivated invitation'),
  missing_reads: oneOf(['not_found', 'forbidden'], 'how an id that does not exist reads'),
  list_order: oneOf(['oldest', 'newest'], 'which invitation a list begins with'),
  list_lag: duration('0s', 'how long a new invitation is missing from lists'),
  page_token_carries: oneOf(['position', 'filters'], 'whether a page_token keeps the filters and the page_size'),
  small_page: oneOf(['rejected', 'default'], 'what a page_size below one leads to'),
  large_page: oneOf(['capped', 'rejected'], 'what a page_size above the maximum leads to'),
  last_next: oneOf(['absent', 'null', 'empty'], 'how metadata.next reads on the last page'),
  trailing_page: oneOf(['no', 'yes'], 'whether a full last page is followed by an empty one'),
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
  rate_headers: oneOf(['all', 'not_role_bindings', 'none'], 'which answers carry X-RateLimit headers'),
} as const;

export type SwitchName = keyof typeof switchList;

export type Switches = {
  readonly [Name in SwitchName]: (typeof switchList)[Name] extends Switch<infer T> ? T : never;
};

const names = Object.keys(switchList) as readonly SwitchName[];

/** All switches at their defaults, but for those given. */
export function switchesWith(given: Partial<Switches> = {}): Switches {
  const initial = Object.fromEntries(names.map((name) => [name, switchList[name].initial]));
  return { ...initial, ...given } as Switches;
}

/** The one switch of `name=value`. Throws `usage`, naming what is known. */
export function parseSwitch(text: string): Partial<Switches> {
  const [typed = '', value = ''] = text.split(/=(.*)/s);
  const name = names.find((known) => known === typed);
  if (name === undefined) throw unknownSwitch(typed);
  const parsed = switchList[name].parse(value);
  if (parsed !== undefined) return { [name]: parsed };
  const hints = [`${name} takes ${switchList[name].values}: ${switchList[name].meaning}`];
  throw new CliError('usage', `"${value}" is not a value of the switch "${name}"`, { hints });
}

function unknownSwitch(typed: string): CliError {
  const hints = [...didYouMean(typed, names), `the switches are ${names.join(', ')}`];
  return new CliError('usage', `"${typed}" is not a switch of the sandbox`, { hints });
}
