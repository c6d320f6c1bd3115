import { CliError } from '../errors.ts';
import type { Query } from '../http/send.ts';
import { didYouMean } from '../text/suggest.ts';
import { foldEmail } from './email.ts';
import { type Invitation, stateOf, statuses, textAt, timeAt } from './invitation.ts';

export interface InvitationFilter {
  readonly email?: string;
  /** Full constants; one of several is enough. */
  readonly status?: readonly string[];
  readonly user?: string;
  readonly creator?: string;
  readonly domain?: string;
  /** Milliseconds: pending, and expiring within. */
  readonly expiring?: number;
  /** Milliseconds since `metadata.created_at`. */
  readonly olderThan?: number;
  readonly newerThan?: number;
}

const prefix = 'INVITE_STATUS_';

/** The words that `--status` takes beside the full constants. */
export const statusWords: readonly string[] = statuses.map((status) => status.slice(prefix.length).toLowerCase());

/** The constant the API knows for `sent`; a full one that we do not know goes to the server as it is. */
export function parseStatus(word: string): string {
  if (word.startsWith(prefix)) return word;
  if (statusWords.includes(word)) return prefix + word.toUpperCase();
  throw new CliError('usage', `"${word}" is not a status`, {
    hints: [
      ...(word === 'pending' ? ['a pending invitation has the status sent'] : didYouMean(word, statusWords)),
      `known: ${statusWords.join(', ')}`,
    ],
  });
}

export function isEmptyFilter(filter: InvitationFilter): boolean {
  return Object.values(filter).every((value) => value === undefined || (Array.isArray(value) && value.length === 0));
}

/** What the server can do of it. Its filters take one value each, so several statuses are sorted out here. */
export function serverQuery({ email, status = [], user, creator }: InvitationFilter): Query {
  return { email, status: status.length === 1 ? status[0] : undefined, user, creator };
}

/** The whole filter, checked here as well: the API ignores what it does not know and then answers with everything. */
export function matcher(filter: InvitationFilter, now: number): (invitation: Invitation) => boolean {
  const tests: ((invitation: Invitation) => boolean)[] = [];
  const { email, status = [], user, creator, domain, expiring, olderThan, newerThan } = filter;
  if (email !== undefined) tests.push((one) => hasEmail(one, email));
  if (status.length > 0) tests.push((one) => status.includes(textAt(one, 'status') ?? ''));
  if (user !== undefined) tests.push((one) => textAt(one, 'user', 'id') === user);
  if (creator !== undefined) tests.push((one) => textAt(one, 'creator', 'id') === creator);
  if (domain !== undefined) tests.push((one) => hasDomain(one, domain));
  if (expiring !== undefined) tests.push((one) => expiresWithin(one, expiring, now));
  if (olderThan !== undefined) tests.push((one) => (age(one, now) ?? Number.NEGATIVE_INFINITY) > olderThan);
  if (newerThan !== undefined) tests.push((one) => (age(one, now) ?? Number.POSITIVE_INFINITY) < newerThan);
  return (invitation) => tests.every((test) => test(invitation));
}

export function hasEmail(invitation: Invitation, email: string): boolean {
  return foldEmail(textAt(invitation, 'email') ?? '') === foldEmail(email);
}

function hasDomain(invitation: Invitation, domain: string): boolean {
  const email = textAt(invitation, 'email') ?? '';
  return foldEmail(email.slice(email.lastIndexOf('@') + 1)) === foldEmail(domain.replace(/^@/, ''));
}

function expiresWithin(invitation: Invitation, length: number, now: number): boolean {
  const expires = timeAt(invitation, 'expires_at');
  return stateOf(invitation, now) === 'pending' && expires !== undefined && expires - now <= length;
}

/** Milliseconds since it was created. */
function age(invitation: Invitation, now: number): number | undefined {
  const created = timeAt(invitation, 'metadata', 'created_at');
  return created === undefined ? undefined : now - created;
}
