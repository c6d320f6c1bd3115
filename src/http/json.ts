import { CliError } from '../errors.ts';
import { isErrorBody } from './envelope.ts';
import { failureIn } from './failure.ts';
import type { Response } from './send.ts';
import { depthLimit, NestedTooDeeply, sanitizeJson } from './shape.ts';
import { answerInWords, asciiJson } from './text.ts';

/** The JSON of a 2xx answer. Throws `bad_response` if it is none, and the error itself if one came under a 2xx status. */
export function jsonOf(response: Response): unknown {
  const text = asciiJson(response.body);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw notJson(response, text, error);
  }
  sanitize(value, response);
  if (isErrorBody(value)) throw failureIn('the API refused the request', response);
  return value;
}

function sanitize(value: unknown, response: Response): void {
  try {
    sanitizeJson(value);
  } catch (error) {
    if (!(error instanceof NestedTooDeeply)) throw error;
    throw unreadable(response, `JSON nested more than ${depthLimit} levels deep`);
  }
}

function notJson(response: Response, text: string, cause: unknown): CliError {
  if (response.body.length === 0) return unreadable(response, 'where JSON was expected', cause);
  const html = /^\s*<|html/i.test(`${text.slice(0, 100)}${response.headers.get('content-type') ?? ''}`);
  return unreadable(response, html ? 'not JSON: a proxy or login page?' : 'not JSON', cause);
}

function unreadable(response: Response, fault: string, cause?: unknown): CliError {
  const request_id = response.headers.get('x-request-id');
  return new CliError('bad_response', 'cannot read the answer', {
    reason: `${answerInWords(response)}, ${fault}`,
    http_status: response.status,
    ...(request_id === undefined ? {} : { request_id }),
    ...(cause === undefined ? {} : { cause }),
  });
}
