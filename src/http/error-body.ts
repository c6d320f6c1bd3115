import { excerpt } from './response-text.ts';

/** What can be learnt from the body of an error, whichever of the API's shapes it has. */
export interface ErrorBody {
  /** For a person, most useful first; may be empty. */
  readonly texts: readonly string[];
  /** The machine's words for it: `quota_exceeded`, `INVALID_SCHEMA_FIELD`. */
  readonly codes: readonly string[];
  /** JSON pointers into the request's body. */
  readonly pointers: readonly string[];
  /** What the server proposes. */
  readonly hints: readonly string[];
  /** The status that the body itself names. */
  readonly status?: number;
  readonly id?: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** Reads every shape of error body that the API and the gateways before it have been seen to send. */
export function parseErrorBody(json: unknown): ErrorBody {
  const top = fields(json);
  const listed = Array.isArray(top.errors) ? top.errors : [top.errors];
  const inner = [...listed, top.error].map(asError).filter((error) => error !== undefined);
  // The outermost object says something of its own only where there is nothing inside it.
  const told = inner.length > 0 ? inner : [asError(top)].filter((error) => error !== undefined);
  const status = told.map(({ status }) => status).find((value) => value !== undefined) ?? statusOf(top);
  const id = text(top.requestId) ?? told.map((error) => error.id).find((value) => value !== undefined);
  return {
    texts: told.flatMap((error) => error.text ?? []),
    codes: told.flatMap((error) => error.code ?? []),
    pointers: told.flatMap((error) => error.pointer ?? []),
    hints: told.flatMap((error) => error.hint ?? []),
    ...(status === undefined ? {} : { status }),
    ...(id === undefined ? {} : { id }),
  };
}

/** Whether this is an error, whatever the status line says. */
export function isErrorBody(json: unknown): boolean {
  if (typeof json !== 'object' || json === null) return false;
  const { errors, error } = json as Fields;
  if (Array.isArray(errors)) return errors.length > 0;
  return text(errors) !== undefined || text(fields(error).message) !== undefined;
}

interface OneError {
  readonly text: string | undefined;
  readonly code: string | undefined;
  readonly pointer: string | undefined;
  readonly hint: string | undefined;
  readonly status: number | undefined;
  readonly id: string | undefined;
}

/** An error said as an object or as a bare text; undefined if nothing is said. */
function asError(value: unknown): OneError | undefined {
  const error = typeof value === 'string' ? { message: value } : fields(value);
  const source = fields(error.source);
  const pointer = text(source.pointer);
  const place = pointer ?? text(source.parameter);
  const code = text(error.code) ?? text(error.error_code);
  const words = text(error.detail) ?? text(error.message) ?? text(error.title) ?? text(error.error_description) ?? code;
  if (words === undefined) return undefined;
  return {
    text: place === undefined ? words : `${words} (${place})`,
    code,
    pointer,
    hint: text(error.resolution) ?? text(error.suggestion),
    status: statusOf(error),
    id: text(error.id),
  };
}

function statusOf(error: Fields): number | undefined {
  const status = Number(error.status ?? error.status_code);
  return Number.isInteger(status) && status >= 400 && status <= 599 ? status : undefined;
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

/** One line of it, if it is a text or a number and not blank. */
function text(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  return excerpt(String(value)) || undefined;
}
