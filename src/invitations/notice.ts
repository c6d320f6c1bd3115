import { type Invitation, stateOf, textAt, timeAt } from './invitation.ts';

/** What a person who looks at a list should not overlook. */
export interface ExpiryCounts {
  expired: number;
  /** Pending, and expiring within two days. */
  expiring: number;
}

const soon = 48 * 3_600_000;

/** Lets the rows by and counts those that want something done. */
export async function* countExpiries(batches: AsyncIterable<readonly Invitation[]>, notice: ExpiryCounts, now: number) {
  for await (const batch of batches) {
    for (const invitation of batch) {
      const state = stateOf(invitation, now);
      // Only what the filter of the hint will find: the server may not have noticed yet.
      if (textAt(invitation, 'status') === 'INVITE_STATUS_EXPIRED') notice.expired += 1;
      const expires = timeAt(invitation, 'expires_at') ?? Number.POSITIVE_INFINITY;
      if (state === 'pending' && expires - now <= soon) notice.expiring += 1;
    }
    yield batch;
  }
}

/** The notice in words, each line with the command that helps. */
export function expiryHints({ expired, expiring }: ExpiryCounts): string[] {
  const lines: string[] = [];
  if (expiring > 0) lines.push(`hint: ${expiring} will expire within 48 hours: invite resend --expiring 48h`);
  if (expired > 0)
    lines.push(`hint: ${expired} ${expired === 1 ? 'has' : 'have'} expired: invite resend --status expired`);
  return lines;
}
