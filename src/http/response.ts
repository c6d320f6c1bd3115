import type { InputType } from 'node:zlib';
import { CliError } from '../errors.ts';
import { bodyText, describeResponse, failureOf, isErrorBody, isHtml } from './failure.ts';
import type { Response } from './send.ts';

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

/** The JSON of a 2xx response. Throws `bad_response` if it is not JSON, and the API's error if the body is one. */
export function parseJson(response: Response): unknown {
  if (memoryFor(response.body) > memoryLimit) {
    throw unreadable(response, `JSON that would take more than ${memoryLimit / mebibyte} MiB of memory`);
  }
  const text = bodyText(response.body);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw notJson(response, text, error);
  }
  sanitize(value, response);
  if (isErrorBody(value)) throw failureOf(undefined, response);
  return value;
}

const mebibyte = 1024 * 1024;

/** Bytes that a parsed response may take. */
const memoryLimit = 300 * mebibyte;

const [quote, backslash] = [0x22, 0x5c];

/** What `{`, `[`, `,` and `:` outside of strings cost once they are parsed, in bytes. */
const costs = new Map([
  [0x7b, 72],
  [0x5b, 48],
  [0x2c, 24],
  [0x3a, 256],
]);

/** An estimate, on the large side, of the bytes that V8 takes for some JSON. 10 MiB of `{}` were more than 4 GB. */
function memoryFor(json: Uint8Array): number {
  let bytes = json.length * 2;
  // Nothing as short as this takes that much.
  if (json.length < mebibyte) return bytes;
  let isText = false;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at] ?? 0;
    if (byte === quote) isText = !isText;
    else if (isText && byte === backslash) at += 1;
    else if (!isText) bytes += costs.get(byte) ?? 0;
  }
  return bytes;
}

/** How deep objects and arrays may be nested: what is nested more deeply would overflow the stack when it is written. */
const depthLimit = 64;

/**
 * Removes the keys that would reach an object's prototype from parsed JSON, in place and at every level: a copy would
 * double the memory that a long list takes.
 */
function sanitize(value: unknown, response: Response, levels = depthLimit): void {
  if (typeof value !== 'object' || value === null) return;
  if (levels === 0) throw unreadable(response, `JSON nested more than ${depthLimit} levels deep`);
  const fields = value as Record<string, unknown>;
  for (const key in fields) {
    if (key === '__proto__' || key === 'constructor' || key === 'prototype') delete fields[key];
    else sanitize(fields[key], response, levels - 1);
  }
}

function notJson(response: Response, text: string, cause: unknown): CliError {
  if (response.body.length === 0) return unreadable(response, 'where JSON was expected', cause);
  return unreadable(response, isHtml(response, text) ? 'not JSON: a proxy or login page?' : 'not JSON', cause);
}

function unreadable(response: Response, problem: string, cause?: unknown): CliError {
  return new CliError('bad_response', 'cannot read the response', {
    reason: `${describeResponse(response)}, ${problem}`,
    http_status: response.status,
    request_id: response.headers.get('x-request-id'),
    cause,
  });
}
