import { CliError } from '../errors.ts';
import { bodyText, describeResponse, failureOf, isErrorBody, isHtml } from './failure.ts';
import type { Response } from './send.ts';

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
