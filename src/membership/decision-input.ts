import type { Desired, Ignored } from './desired.ts';
import type { Observed, Person } from './observed.ts';

/** The API keys that users own, by user id; `unreadable` if they could not be read. */
export type ApiKeys = ReadonlyMap<string, readonly string[] | 'unreadable'>;

export interface DecisionInput {
  readonly desired: Desired;
  readonly observed: Observed;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The name of the file, for messages. */
  readonly file: string;
  /** Of the users who may be removed; a user whose keys were not read counts as owning some. */
  readonly apiKeys: ApiKeys;
  /** `--with-api-keys`: people who own API keys may be removed. */
  readonly withApiKeys: boolean;
  /** `--allow-unknown-roles`: names that nobody knows are granted as they are. */
  readonly allowUnknownRoles: boolean;
}

/** One person of the file, of the organization, or of both. */
export interface PersonInput extends DecisionInput {
  readonly ignored: Ignored;
  /** As in the file, otherwise as in the API. */
  readonly email: string;
  /** Undefined if the organization has never had this person. */
  readonly person: Person | undefined;
  /** The place in the file that decides about this person. */
  readonly why: string;
}
