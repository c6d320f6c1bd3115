import { formatDuration, parseDuration } from '../text/durations.ts';
import { filterArgs, type InvitationFilter, isEmptyFilter } from './filter.ts';
import { type Invitation, stateOf, timeAt } from './invitation.ts';

/** The invitations of a list that a person should not overlook. */
interface ExpiryCounts {
  expired: number;
  /** Pending, and expiring within two days. */
  expiring: number;
}

const soon = parseDuration('48h');

/** Passes the rows on and counts those that have expired or will soon. */
export async function* countExpiries(batches: AsyncIterable<readonly Invitation[]>, counts: ExpiryCounts, now: number) {
  for await (const batch of batches) {
    for (const invitation of batch) {
      const state = stateOf(invitation, now);
      if (state === 'expired') counts.expired += 1;
      const expires = timeAt(invitation, 'expires_at') ?? Number.POSITIVE_INFINITY;
      if (state === 'pending' && expires - now <= soon) counts.expiring += 1;
    }
    yield batch;
  }
}

/** What a list was asked for, and how much of it was shown. */
export interface ListedRows {
  readonly filter: InvitationFilter;
  readonly shown: number;
  /** `--limit`, where it may have left something out. */
  readonly limit?: number | undefined;
  /** The rows came as the API lists them. */
  readonly inListOrder: boolean;
}

/** A line for each count, with a command that mails those who were shown and nobody else, where there is one. */
export function expiryHints({ expired, expiring }: ExpiryCounts, rows: ListedRows): string[] {
  const lines: string[] = [];
  const soonOnes = rows.limit === undefined ? expiringOnly(rows.filter) : firstOnly(rows, expiring);
  const expiredOnes = rows.limit === undefined ? expiredOnly(rows.filter) : firstOnly(rows, expired);
  const line = (text: string, args: string | undefined) =>
    `hint: ${text}${args === undefined ? '' : `: invite resend ${args}`}`;
  if (expiring > 0) lines.push(line(`${expiring} will expire within 48 hours`, soonOnes));
  if (expired > 0) lines.push(line(`${expired} ${expired === 1 ? 'has' : 'have'} expired`, expiredOnes));
  return lines;
}

function expiringOnly({ expiring = soon, ...others }: InvitationFilter): string {
  return [...filterArgs(others), '--expiring', expiring < soon ? formatDuration(expiring) : '48h'].join(' ');
}

/** A status such as `sent` lets only some of the expired ones through. */
function expiredOnly(filter: InvitationFilter): string | undefined {
  const { status = ['expired'] } = filter;
  return status.includes('expired') ? filterArgs({ ...filter, status: ['expired'] }).join(' ') : undefined;
}

/** The same rows once more, if all of them are meant. `--limit` without a filter chooses nobody. */
function firstOnly({ filter, shown, limit, inListOrder }: ListedRows, count: number): string | undefined {
  if (!inListOrder || count < shown || isEmptyFilter(filter)) return undefined;
  return [...filterArgs(filter), '--limit', String(limit)].join(' ');
}
