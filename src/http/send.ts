export type Method = 'GET' | 'POST' | 'DELETE';

/** A parameter that has several values is sent several times. */
export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What a request is for, in the words of the error that says it failed. */
export interface Purpose {
  /** What comes after "cannot": `invite "ann@example.com"`. */
  readonly act: string;
  /** The argument, id or e-mail it is about. */
  readonly target?: string;
}

export interface Request {
  readonly method: Method;
  /** Below the endpoint, beginning with `/`; ids in it are percent-encoded already. */
  readonly path: string;
  /** Undefined values are left out. */
  readonly query?: Query;
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Whether doing it twice is the same as doing it once. Unsaid: true for GET and DELETE, false for POST. */
  readonly idempotent?: boolean;
  /** Asks for a connection that nothing was sent on before. */
  readonly fresh?: boolean;
  readonly signal?: AbortSignal;
  /** Unsaid: an error names the path. */
  readonly purpose?: Purpose;
}

export interface Response {
  readonly status: number;
  /** Lower-case names; a header sent several times is joined with `, `. */
  readonly headers: ReadonlyMap<string, string>;
  /** Whole, and decoded if it came compressed. */
  readonly body: Uint8Array;
}

/** One request, one answer of whatever status. Rejects with a `CliError` if there was no answer. */
export type Send = (request: Request) => Promise<Response>;

/** One concern around everything below it: retry, auth, trace. */
export type Layer = (next: Send) => Send;

/** The layers around a sender, the first one outermost. */
export function stack(bottom: Send, layers: readonly Layer[]): Send {
  return layers.reduceRight((next, layer) => layer(next), bottom);
}

/** The query as it goes into the URL, with its `?`; `+`, `&` and the like are encoded. */
export function queryString(query: Query = {}): string {
  const pairs = Object.entries(query).flatMap(([name, value = []]) =>
    [value].flat().map((one): [string, string] => [name, one]),
  );
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs)}`;
}
