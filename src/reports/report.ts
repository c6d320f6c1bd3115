import type { State } from '../invitations/invitation.ts';

/** How many invitations are in each state; every state is there, also with none. */
export type StateCounts = Readonly<Record<State, number>>;

export interface Group extends StateCounts {
  readonly total: number;
}

/** What an access review asks about the invitations of an organization. Lengths of time are in seconds. */
export interface Report {
  /** RFC 3339: the moment that states and ages refer to. */
  readonly generated_at: string;
  readonly total: number;
  readonly by_state: StateCounts;
  /** Those that can still be accepted, by the time since they were created. */
  readonly pending_by_age: readonly { readonly age: string; readonly count: number }[];
  /** The next seven days, the soonest first. */
  readonly expiring: readonly Expiring[];
  readonly time_to_acceptance: Durations;
  /** The domains of the e-mails, the most frequent first. */
  readonly by_domain: readonly (Group & { readonly domain: string })[];
  /** The ids of who sent them, the busiest first. */
  readonly by_inviter: readonly (Group & { readonly creator: string })[];
}

export interface Expiring {
  readonly id: string;
  readonly email: string;
  readonly expires_at: string;
}

/** Null where there is nothing to measure. */
export interface Durations {
  readonly count: number;
  readonly median_seconds: number | null;
  readonly p90_seconds: number | null;
}
