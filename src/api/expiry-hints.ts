import { formatDuration, parseDuration } from '../text/durations.ts';
import { filterArgs, type InvitationFilter, isEmptyFilter } from './filter.ts';
import { type Invitation, stateOf, timeAt } from './invitation.ts';

/** The numbers of invitations that have expired or will expire soon. */
interface ExpiryCounts {
  expired: number;
  /** Pending, and expiring within two days. */
  expiring: number;
}

const soon = parseDuration('48h');

/** Passes the rows on, and counts those that have expired or will expire soon. */
export async function* countExpiries(
  batches: AsyncIterable<readonly Invitation[]>,
  counts: ExpiryCounts,
  now: () => number,
) {
  for await (const batch of batches) {
    for (const invitation of batch) {
      const state = stateOf(invitation, now());
      if (state === 'expired') counts.expired += 1;
      const expires = timeAt(invitation, 'expires_at') ?? Number.POSITIVE_INFINITY;
      if (state === 'pending' && expires - now() <= soon) counts.expiring += 1;
    }
    yield batch;
  }
}

/** The filter of a list, and the rows shown. */
export interface ListedRows {
  readonly filter: InvitationFilter;
  readonly shown: number;
  /** `--limit`, if it may have left rows out. */
  readonly limit?: number | undefined;
  /** The rows are in the order of the API. */
  readonly inListOrder: boolean;
}

/** A line for each count, with a command that resends exactly the invitations shown, if there is one. */
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

/** Undefined with a status such as `sent`, which only some expired invitations have. */
function expiredOnly(filter: InvitationFilter): string | undefined {
  const { status = ['expired'] } = filter;
  return status.includes('expired') ? filterArgs({ ...filter, status: ['expired'] }).join(' ') : undefined;
}

/** The arguments for the same rows, if the hint is about all of them. `--limit` without a filter selects none. */
function firstOnly({ filter, shown, limit, inListOrder }: ListedRows, count: number): string | undefined {
  if (!inListOrder || count < shown || isEmptyFilter(filter)) return undefined;
  return [...filterArgs(filter), '--limit', String(limit)].join(' ');
}
