import type { Request, Response } from '../http/send.ts';

/** A request as it comes off the wire: nothing in it has been understood or trusted yet. */
export interface Call {
  readonly method: string;
  /** Without the query, ids percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Undefined if it is larger than any that the API takes. */
  readonly body: string | Uint8Array | undefined;
  /** The origin that the caller reached us under, for the links in the answer. */
  readonly base?: string;
}

export type Exchange = (call: Call) => Promise<Response>;

/** Something that happens to calls on their way: latency, a rate limit, a failure. */
export type Fault = (next: Exchange) => Exchange;

export function callOf({ method, path, query = {}, headers = {}, body }: Request): Call {
  const pairs = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const text = body === undefined ? '' : JSON.stringify(body);
  return { method, path, query: new URLSearchParams(pairs), headers, body: text };
}
