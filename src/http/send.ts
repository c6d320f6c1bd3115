export type Method = 'GET' | 'POST' | 'DELETE';

/** A parameter that has several values is sent several times. */
export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What a request is for; the message of its failure says so. */
export interface Purpose {
  /** To be read after "cannot": `invite "ann@example.com"`. */
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
  /** Sent as a form, instead of a body. */
  readonly form?: Readonly<Record<string, string>>;
  /** Whether sending it twice has the same effect as once. Default: true for GET and DELETE, false for POST. */
  readonly idempotent?: boolean;
  /** Uses a new connection. */
  readonly fresh?: boolean;
  readonly signal?: AbortSignal;
  /** Ends the waits before it is sent, and before it is sent again, but no attempt. */
  readonly turn?: AbortSignal | undefined;
  /** Without it an error names the path. */
  readonly purpose?: Purpose | undefined;
}

export function isIdempotent({ method, idempotent = method !== 'POST' }: Request): boolean {
  return idempotent;
}

/** Whether it changes something, and may be sent twice. Whether a mail has left is never judged by its answer alone. */
export function changesOnce(request: Request): boolean {
  return request.method !== 'GET' && isIdempotent(request);
}

export interface Response {
  readonly status: number;
  /** Lower-case names; a header sent several times is joined with `, `. */
  readonly headers: ReadonlyMap<string, string>;
  /** Complete, and decompressed. */
  readonly body: Uint8Array;
}

/** Sends one request; resolves to a response of any status. Rejects with a `CliError` if there was none. */
export type Send = (request: Request) => Promise<Response>;

/** A concern wrapped around a sender: retry, auth, trace. */
export type Layer = (next: Send) => Send;

/** Wraps the layers around a sender, the first one outermost. */
export function stack(transport: Send, layers: readonly Layer[]): Send {
  return layers.reduceRight((next, layer) => layer(next), transport);
}

/** The query as it appears in the URL, with its `?`; `+`, `&` and the like are encoded. */
export function queryString(query: Query = {}): string {
  const pairs = Object.entries(query).flatMap(([name, value = []]) =>
    [value].flat().map((each): [string, string] => [name, each]),
  );
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs)}`;
}
