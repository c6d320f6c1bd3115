import { isJsonObject, type JsonObject, valueAt } from '../text/json-fields.ts';
import type { Response } from './send.ts';

/** The body as text: a byte order mark is dropped, bytes that are not UTF-8 become U+FFFD. */
export function bodyText(body: Uint8Array): string {
  return withoutMark(body).toString('utf8');
}

/** The bytes without a byte order mark. */
function withoutMark(body: Uint8Array): Buffer {
  const isMarked = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf;
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).subarray(isMarked ? 3 : 0);
}

const limit = 200;

/** At most 200 characters, on one line. The cut never splits a word: half a secret would match no pattern of the redactor. */
export function excerpt(text: string): string {
  const line = text
    .slice(0, 20 * limit)
    .replace(/\s+/g, ' ')
    .trim();
  if (line.length <= limit) return line;
  return `${line
    .slice(0, limit)
    .replace(/[\w+/=%.~-]*$/, '')
    .trimEnd()}…`;
}

/** Status and content type of a response: `HTTP 200, text/html`. */
export function describeResponse({ status, headers, body }: Response): string {
  const type = headers.get('content-type')?.split(';')[0]?.trim() ?? '';
  const shown = type === '' ? 'no content type' : excerpt(type);
  return body.length === 0 ? `HTTP ${status}, no content` : `HTTP ${status}, ${shown}`;
}

/** What the body of an error says, whichever of the API's formats it has. */
export interface ErrorBody {
  /** Messages for a person, most useful first; may be empty. */
  readonly messages: readonly string[];
  /** Error codes: `quota_exceeded`, `INVALID_SCHEMA_FIELD`. */
  readonly codes: readonly string[];
  /** JSON pointers into the request's body. */
  readonly pointers: readonly string[];
  /** What the server suggests. */
  readonly hints: readonly string[];
  /** The status that the body itself names. */
  readonly status?: number;
  readonly id?: string;
}

/** Reads every format of error body that the API and the gateways in front of it are known to send. */
export function parseErrorBody(json: unknown): ErrorBody {
  const top = fieldsOf(json);
  const listed = Array.isArray(top.errors) ? top.errors : [top.errors];
  const inner = [...listed, top.error].map(asError).filter((error) => error !== undefined);
  // The outermost object counts as an error only where it contains none.
  const found = inner.length > 0 ? inner : [asError(top)].filter((error) => error !== undefined);
  const status = found.map(({ status }) => status).find((value) => value !== undefined) ?? statusOf(top);
  const id = text(top.requestId) ?? found.map((error) => error.id).find((value) => value !== undefined);
  return {
    messages: found.flatMap((error) => error.text ?? []),
    codes: found.flatMap((error) => error.code ?? []),
    pointers: found.flatMap((error) => error.pointer ?? []),
    hints: found.flatMap((error) => error.hint ?? []),
    ...(status === undefined ? {} : { status }),
    ...(id === undefined ? {} : { id }),
  };
}

/** Whether this is an error, whatever the HTTP status is. */
export function isErrorBody(json: unknown): boolean {
  const errors = valueAt(json, 'errors');
  if (Array.isArray(errors)) return errors.length > 0;
  return text(errors) !== undefined || text(valueAt(json, 'error', 'message')) !== undefined;
}

interface OneError {
  readonly text: string | undefined;
  readonly code: string | undefined;
  readonly pointer: string | undefined;
  readonly hint: string | undefined;
  readonly status: number | undefined;
  readonly id: string | undefined;
}

/** One error, given as an object or as plain text; undefined if it has no message. */
function asError(value: unknown): OneError | undefined {
  const error = typeof value === 'string' ? { message: value } : fieldsOf(value);
  const pointer = text(valueAt(error, 'source', 'pointer'));
  const field = pointer ?? text(valueAt(error, 'source', 'parameter'));
  const code = text(error.code) ?? text(error.error_code);
  const message =
    text(error.detail) ?? text(error.message) ?? text(error.title) ?? text(error.error_description) ?? code;
  if (message === undefined) return undefined;
  return {
    text: field === undefined ? message : `${message} (${field})`,
    code,
    pointer,
    hint: text(error.resolution) ?? text(error.suggestion),
    status: statusOf(error),
    id: text(error.id),
  };
}

function statusOf(error: JsonObject): number | undefined {
  const status = Number(error.status ?? error.status_code);
  return Number.isInteger(status) && status >= 400 && status <= 599 ? status : undefined;
}

function fieldsOf(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}

/** A string or number as one line; undefined for anything else, and for a blank. */
function text(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  return excerpt(String(value)) || undefined;
}
