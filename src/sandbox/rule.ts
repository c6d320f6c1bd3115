import type { Clock } from '../clock.ts';
import type { Answer } from './answer.ts';
import type { PageTokens } from './cursor.ts';
import type { Caller } from './founding.ts';
import type { Record } from './ledger.ts';
import type { State } from './state.ts';
import type { Switches } from './switches.ts';

/** What a rule of the API is asked, and what it may look at. */
export interface Ask {
  /** From the path, decoded; empty for a whole collection. */
  readonly id: string;
  readonly query: URLSearchParams;
  /** The JSON object of a POST or PATCH; empty otherwise. */
  readonly body: Readonly<{ [name: string]: unknown }>;
  /** The origin that links in the answer begin with. */
  readonly base: string;
  readonly state: State;
  readonly switches: Switches;
  readonly clock: Clock;
  readonly tokens: PageTokens;
  readonly caller: Caller;
}

export type Look = (ask: Ask) => Answer;

/** Changes nothing but through `record`. */
export type Change = (ask: Ask, record: Record) => Answer;
