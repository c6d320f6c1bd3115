import type { Clock } from '../host.ts';
import type { ApiResponse } from './http.ts';
import type { Caller } from './initial-state.ts';
import type { PageTokens } from './page-tokens.ts';
import type { AppendEntry } from './rows.ts';
import type { Settings } from './settings.ts';
import type { State } from './state.ts';

/** An authenticated request to one endpoint, and everything the endpoint needs to answer it. */
export interface ApiRequest {
  /** The decoded id from the path; empty for a collection. */
  readonly id: string;
  readonly query: URLSearchParams;
  /** The JSON object of a POST or PATCH; empty otherwise. */
  readonly body: Readonly<{ [name: string]: unknown }>;
  /** The origin of the links in the response. */
  readonly base: string;
  readonly state: State;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly tokens: PageTokens;
  readonly caller: Caller;
}

export type ReadHandler = (request: ApiRequest) => ApiResponse;

/** Changes the state only by appending entries. */
export type WriteHandler = (request: ApiRequest, append: AppendEntry) => ApiResponse;
