import { CliError } from '../errors.ts';
import type { Query } from '../http/send.ts';
import { textAt } from '../text/json-fields.ts';
import { invalidArgument, optionWords } from '../text/suggest.ts';
import { formatDuration, parseDuration } from '../text/times.ts';
import { foldEmail, isInDomains, parseDomains } from './email.ts';
import { type Invitation, type State, stateOf, states, timeAt } from './invitation.ts';

/** A filter: its option, its query parameter, and the check here. */
interface FilterDefinition<T> {
  readonly flags: string;
  readonly description: string;
  /** Decided by fields that the specification does not require of a row of a list. */
  readonly needsWholeRow?: true;
  /** Values that completion and help list. */
  readonly values?: readonly string[];
  /** Throws `usage`. `before` is the value of an earlier occurrence of the option. */
  parse(text: string, before: T | undefined): T;
  /** The values of the query parameter, one of which every match has; none if the API cannot filter by it. */
  server?(value: T): readonly string[];
  matches(invitation: Invitation, value: T, now: number): boolean;
}

function define<T>(definition: FilterDefinition<T>): FilterDefinition<T> {
  return definition;
}

function filterById(who: 'user' | 'creator', description: string) {
  return define({
    flags: `--${who} <email|id>`,
    needsWholeRow: true,
    description,
    parse: nonEmpty,
    server: (id) => [id],
    matches: (invitation, id) => textAt(invitation, who, 'id') === id,
  });
}

const prefix = 'INVITE_STATUS_';

/** The words that `--status` accepts besides the constants of the API: the states, and `sent`. */
export const statusWords: readonly string[] = ['pending', 'expired', 'accepted', 'staged', 'deactivated', 'sent'];

/** The statuses of the API that a word of `--status` stands for; a constant stands for itself. */
function statusesFor(word: string): string[] {
  if (word === 'pending') return statusesFor('sent');
  // SENT first: an invitation that expires between the two requests is then read twice, not missed.
  if (word === 'expired') return ['INVITE_STATUS_SENT', 'INVITE_STATUS_EXPIRED'];
  return [statusWords.includes(word) ? `${prefix}${word.toUpperCase()}` : word];
}

const statusFilter = define<readonly string[]>({
  flags: '-s, --status <status>',
  needsWholeRow: true,
  description: `${statusWords.join(', ')} or an INVITE_STATUS_… constant (repeatable, or with commas)`,
  values: statusWords,
  parse: parseStatuses,
  server: (words) => [...new Set(words.flatMap(statusesFor))],
  matches: (invitation, words, now) => words.some((word) => hasStatus(invitation, word, now)),
});

/** Every filter. The key is the attribute of the option and, for the first four, the query parameter of the API. */
export const filters = {
  email: define({
    flags: '--email <email>',
    description: "with this address; * stands for any text, as in '*@example.com'",
    parse: nonEmpty,
    server: (email) => (email.includes('*') ? [] : [email]),
    matches: (invitation, email) =>
      email.includes('*') ? matchesGlob(foldedEmail(invitation), foldEmail(email)) : hasEmail(invitation, email),
  }),
  status: statusFilter,
  user: filterById('user', 'of this user (the invitee)'),
  creator: filterById('creator', 'created by this user or service account'),
  domain: define<readonly string[]>({
    flags: '--domain <domain,...>',
    description: 'with an address in one of these domains (repeatable)',
    parse: parseDomains,
    matches: (invitation, domains) => isInDomains(textAt(invitation, 'email') ?? '', domains),
  }),
  expiring: define({
    flags: '--expiring <duration>',
    needsWholeRow: true,
    description: 'pending, and expiring within this time',
    parse: (text) => parseDuration(text, '--expiring'),
    matches: (invitation, length, now) => {
      const expires = timeAt(invitation, 'expires_at');
      return stateOf(invitation, now) === 'pending' && expires !== undefined && expires - now <= length;
    },
  }),
  olderThan: define({
    flags: '--older-than <duration>',
    description: 'created longer ago than this',
    parse: (text) => parseDuration(text, '--older-than'),
    matches: (invitation, length, now) => (age(invitation, now) ?? Number.NEGATIVE_INFINITY) > length,
  }),
  newerThan: define({
    flags: '--newer-than <duration>',
    description: 'created more recently than this',
    parse: (text) => parseDuration(text, '--newer-than'),
    matches: (invitation, length, now) => (age(invitation, now) ?? Number.POSITIVE_INFINITY) < length,
  }),
};

type Filters = typeof filters;
type FilterName = keyof Filters;

export type InvitationFilter = {
  readonly [Name in FilterName]?: Filters[Name] extends FilterDefinition<infer T> ? T | undefined : never;
};

interface ActiveFilter {
  readonly name: string;
  readonly definition: FilterDefinition<unknown>;
  readonly value: unknown;
}

function activeFilters(filter: InvitationFilter): ActiveFilter[] {
  return Object.entries(filters).flatMap(([name, definition]) => {
    const value = filter[name as FilterName];
    return value === undefined ? [] : [{ name, definition: definition as FilterDefinition<unknown>, value }];
  });
}

function filterWith(active: readonly ActiveFilter[]): InvitationFilter {
  return Object.fromEntries(active.map(({ name, value }) => [name, value]));
}

export function filterOf(options: InvitationFilter): InvitationFilter {
  return filterWith(activeFilters(options));
}

/** What can be decided by the fields that the specification requires of a row of a list. */
export function bareFilter(filter: InvitationFilter): InvitationFilter {
  return filterWith(activeFilters(filter).filter(({ definition }) => !definition.needsWholeRow));
}

export function needsWholeRows(filter: InvitationFilter): boolean {
  return activeFilters(filter).some(({ definition }) => definition.needsWholeRow);
}

export function isEmptyFilter(filter: InvitationFilter): boolean {
  return activeFilters(filter).length === 0;
}

/** Whether it is for one address, which can be looked up. */
export function hasExactEmail(filter: InvitationFilter): filter is InvitationFilter & { readonly email: string } {
  return filter.email !== undefined && !filter.email.includes('*');
}

/** The query parameters of a single request; each takes one value. */
export function serverQuery(filter: InvitationFilter): Query {
  const values = activeFilters(filter).map(
    ({ name, definition, value }) => [name, definition.server?.(value) ?? []] as const,
  );
  return Object.fromEntries(values.flatMap(([name, all]) => (all.length === 1 ? [[name, all[0]]] : [])));
}

export function serverStatuses({ status }: InvitationFilter): readonly string[] | undefined {
  return status === undefined ? undefined : statusFilter.server?.(status);
}

/** Checks the whole filter here too, since the API ignores unknown parameters and returns everything. */
export function matcher(filter: InvitationFilter, now: number): (invitation: Invitation) => boolean {
  const active = activeFilters(filter);
  return (invitation) => active.every(({ definition, value }) => definition.matches(invitation, value, now));
}

/** The options of this filter as shell words, to be repeated in a hint. */
export function filterArgs(filter: InvitationFilter): string[] {
  return activeFilters(filter).flatMap(({ definition, value }) => {
    const flag = /--[\w-]+/.exec(definition.flags)?.[0] ?? '';
    const text = Array.isArray(value) ? value.join(',') : typeof value === 'number' ? formatDuration(value) : value;
    return optionWords(flag, String(text));
  });
}

/** Parses comma-separated words of `--status`, or of another option, and adds them to those of earlier options. Throws `usage`. */
export function parseStatuses(text: string, before: readonly string[] = [], option = '--status'): readonly string[] {
  return [...before, ...text.split(',').map((word) => parseStatus(word.trim(), option))];
}

/** Accepts a known word, or any constant, which is sent to the server unchanged. */
function parseStatus(word: string, option: string): string {
  if (word.startsWith(prefix) || statusWords.includes(word)) return word;
  throw invalidArgument(word, option, statusWords);
}

function hasStatus(invitation: Invitation, word: string, now: number): boolean {
  if (states.some((state) => state === word)) return stateOf(invitation, now) === word;
  return statusesFor(word).includes(textAt(invitation, 'status') ?? '');
}

/** The state that a word of `--status` means; `sent` means pending. */
export function stateAsked(word: string): State {
  const [status] = statusesFor(word);
  return states.find((state) => state === word) ?? stateOf({ status }, 0);
}

/** Rejects an empty value, as from an unset variable in a script, which would match too much. */
export function nonEmpty(text: string): string {
  const trimmed = text.trim();
  if (trimmed !== '') return trimmed;
  throw new CliError('usage', 'a filter is empty', { hints: ['give it a value or leave it out'] });
}

export function hasEmail(invitation: Invitation, email: string): boolean {
  return foldedEmail(invitation) === foldEmail(email);
}

function foldedEmail(invitation: Invitation): string {
  return foldEmail(textAt(invitation, 'email') ?? '');
}

/** Whether a text matches a glob, in which `*` is any text. Linear time: a server may send a text of any length. */
function matchesGlob(text: string, glob: string): boolean {
  const [start = '', ...parts] = glob.split('*');
  const end = parts.pop() ?? '';
  if (!text.startsWith(start)) return false;
  let position = start.length;
  for (const part of parts) {
    const found = text.indexOf(part, position);
    if (found < 0) return false;
    position = found + part.length;
  }
  return text.length - end.length >= position && text.endsWith(end);
}

/** Milliseconds since it was created. */
function age(invitation: Invitation, now: number): number | undefined {
  const created = timeAt(invitation, 'metadata', 'created_at');
  return created === undefined ? undefined : now - created;
}
