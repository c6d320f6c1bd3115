import type { Desired, Ignored } from './desired.ts';
import type { Observed, Person } from './observed.ts';

/** The API keys that users own, by user id, or that they could not be read. */
export type ApiKeys = ReadonlyMap<string, readonly string[] | 'unreadable'>;

export interface Question {
  readonly desired: Desired;
  readonly observed: Observed;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** What the file is called in sentences. */
  readonly file: string;
  /** Of those who may be removed; a user whose keys were not looked at counts as owning some. */
  readonly apiKeys: ApiKeys;
  /** `--with-api-keys`: people who own API keys may be removed, too. */
  readonly withApiKeys: boolean;
}

/** One person of the file, of the organization, or of both. */
export interface Case extends Question {
  readonly ignored: Ignored;
  /** As the file has it, or else the API. */
  readonly email: string;
  /** Undefined for somebody who was never there. */
  readonly person: Person | undefined;
  /** Where in the file it is said. */
  readonly why: string;
}
