import type { Response } from '../http/send.ts';

/** One entry of the documented `errors` list; its `id` and `status` are added when the answer leaves. */
export interface ApiError {
  readonly code?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly source?: { readonly pointer?: string; readonly parameter?: string };
}

/** What a rule of the API has to say, before it becomes bytes and headers. */
export interface Answer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly error?: ApiError;
  /** The JSON of the body; absent and without `error` means an empty body. */
  readonly text?: string;
}

export function ok(text: string): Answer {
  return { status: 200, text };
}

export function created(text: string, location: string): Answer {
  return { status: 201, text, headers: { location } };
}

export const noContent: Answer = { status: 204 };

export function responseOf({ status, headers = {}, error, text }: Answer, requestId: string): Response {
  const json = error === undefined ? text : failureText(error, status, requestId);
  const type = json === undefined ? {} : { 'content-type': 'application/json' };
  const all = new Map(Object.entries({ ...type, 'x-request-id': requestId, ...headers }));
  return { status, headers: all, body: Buffer.from(json ?? '') };
}

function failureText(error: ApiError, status: number, id: string): string {
  return JSON.stringify({ errors: [{ id, status: String(status), ...error }] });
}
