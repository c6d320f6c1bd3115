import type { InputType } from 'node:zlib';

/** The controller that undici passes to abort a request. */
interface Controller {
  abort(reason: Error): void;
}

type RawHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** A response whose body is not decoded yet. */
export interface RawResponse {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** Collects the response to one request from the callbacks of undici; its promise settles once. */
export class ResponseReader {
  readonly response: Promise<RawResponse>;
  /** True from the moment that bytes of the request may have been sent. */
  sent = false;
  readonly #onSent: () => void;
  #resolve: (raw: RawResponse) => void = () => {};
  #reject: (error: unknown) => void = () => {};
  #controller: Controller | undefined;
  #stopped: Error | undefined;
  #head: Pick<RawResponse, 'status' | 'headers'> | undefined;
  #chunks: Buffer[] = [];
  #size = 0;

  /** @param onSent Called a moment after bytes may have been sent. */
  constructor(onSent: () => void = () => {}) {
    this.#onSent = onSent;
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** The part of the response that has arrived, to explain why it cannot be used. */
  get partial(): RawResponse | undefined {
    return this.#head && { ...this.#head, body: this.#body };
  }

  get #body(): Buffer {
    const [only] = this.#chunks;
    return only !== undefined && this.#chunks.length === 1 ? only : Buffer.concat(this.#chunks, this.#size);
  }

  /** Ends the request at once: undici itself notices an abort only once it is connected. */
  stop(reason: unknown): void {
    this.#stopped = reason instanceof Error ? reason : new Error('aborted', { cause: reason });
    this.#reject(reason);
    this.#controller?.abort(this.#stopped);
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    if (this.#stopped === undefined) {
      this.sent = true;
      setImmediate(this.#onSent);
    } else controller.abort(this.#stopped);
  }

  onResponseStart(_controller: Controller, status: number, headers: RawHeaders): void {
    this.#head = { status, headers: headerMap(headers) };
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size > bodyLimit) controller.abort(new DecodeError(tooBigReason));
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (this.#head !== undefined) this.#resolve({ ...this.#head, body: this.#body });
  }

  onResponseError(_controller: Controller, error: Error): void {
    // A 204 is complete with its headers; a server that sends a body after it only breaks the connection.
    if (this.#head?.status === 204) this.onResponseEnd();
    else this.#reject(error);
  }
}

function headerMap(headers: RawHeaders): ReadonlyMap<string, string> {
  const pairs = Object.entries(headers).filter((pair): pair is [string, string | string[]] => pair[1] !== undefined);
  return new Map(pairs.map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]));
}

/** Bytes that a response may have, counted after decoding. */
const bodyLimit = 10 * 1024 * 1024;

/** Imported once: a list may have a thousand bodies. */
let zlib: typeof import('node:zlib') | undefined;

/** Loaded when first needed, which takes 2 ms. */
export async function loadDecoders(): Promise<typeof import('node:zlib')> {
  zlib ??= await import('node:zlib');
  return zlib;
}

/** Why a body cannot be decoded. */
export class DecodeError extends Error {}

/** Decodes the body by its `content-encoding` or, as gateways forget that, by gzip's first bytes. */
export async function decodeBody(body: Buffer, label: string): Promise<Buffer> {
  const coding = codingOf(body, label.trim().toLowerCase());
  if (coding === undefined || body.length === 0) return body;
  const loaded = zlib ?? (await loadDecoders());
  const decoders = { gzip: loaded.gunzipSync, deflate: inflate(loaded), br: loaded.brotliDecompressSync } as const;
  try {
    return decoders[coding](body, { maxOutputLength: bodyLimit });
  } catch (error) {
    const tooBig = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw new DecodeError(tooBig ? tooBigReason : `it is not valid ${coding}`, { cause: error });
  }
}

const tooBigReason = `it is larger than ${bodyLimit / 1024 / 1024} MiB`;

type Coding = 'gzip' | 'deflate' | 'br';

function codingOf(body: Buffer, label: string): Coding | undefined {
  if (label === 'x-gzip' || label === 'gzip') return 'gzip';
  if (label === 'deflate' || label === 'br') return label;
  if (label !== '' && label !== 'identity')
    throw new DecodeError(`its content encoding "${label.slice(0, 40)}" is unknown`);
  return body[0] === 0x1f && body[1] === 0x8b ? 'gzip' : undefined;
}

/** `deflate` means the zlib format, but some servers leave out its header. */
function inflate({ inflateSync, inflateRawSync }: typeof import('node:zlib')) {
  return (body: InputType, options: { maxOutputLength: number }) => {
    const hasHeader = Buffer.isBuffer(body) && ((body[0] ?? 0) & 0x0f) === 8 && body.readUInt16BE(0) % 31 === 0;
    return hasHeader ? inflateSync(body, options) : inflateRawSync(body, options);
  };
}
