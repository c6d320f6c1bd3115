import type { ApiResponse } from './http.ts';

/** The answers of the documentation, or of the real API where somebody wrote one down, to what cannot be done. */

export function badRequest(detail: string, parameter?: string): ApiResponse {
  const error = { code: 'bad_request', title: 'Bad Request', detail };
  return { status: 400, error: parameter === undefined ? error : { ...error, source: { parameter } } };
}

/** @param kind Of the list, as `InvitationList`. */
export function invalidFilter(kind: string, parameter: string): ApiResponse {
  const detail = `The '${kind.replace(/List$/, '')}' resource can't be filtered by '${parameter}'`;
  return {
    status: 400,
    error: { code: 'invalid_filter', title: 'Invalid Filter', detail, source: { parameter } },
  };
}

export function unauthenticated(): ApiResponse {
  const challenge = 'Basic error="invalid_key", error_description="The API Key is invalid"';
  const detail = 'Valid authentication credentials must be provided';
  const error = { code: 'user_unauthenticated', title: 'Authentication Required', detail };
  return { status: 401, error, headers: { 'www-authenticate': challenge } };
}

/** The sentence with "is currently limited to" is what clients look for where the status is 400. */
export function overQuota(status: '402' | '400', quota: string, limit: number): ApiResponse {
  const title = 'Pending Invitations Per Org Quota Exceeded';
  if (status === '402') {
    return {
      status: 402,
      error: { code: 'quota_exceeded', title, detail: `The request would exceed the quota: ${quota}` },
    };
  }
  return { status: 400, error: { title: 'Bad Request', detail: `${quota} is currently limited to ${limit}` } };
}

export function forbidden(detail: string): ApiResponse {
  return { status: 403, error: { code: 'user_unauthorized', title: 'User Access Unauthorized', detail } };
}

/** Without a code and a detail, as documented. */
export const notFound: ApiResponse = { status: 404, error: { title: 'Not Found' } };

/** What is not there, as `missing_reads` and `deleted_reads` have it. */
export function missing(reads: 'not_found' | 'forbidden'): ApiResponse {
  return reads === 'not_found' ? notFound : forbidden('Forbidden Access');
}

/** Role bindings answer in an envelope of their own. */
export const noSuchBinding: ApiResponse = {
  status: 403,
  text: JSON.stringify({
    error_code: 40301,
    message: 'Either unauthorized to access role binding or role binding does not exist',
  }),
};

export function methodNotAllowed(allow: string): ApiResponse {
  return { status: 405, error: { title: 'Method Not Allowed' }, headers: { allow } };
}

/** @param location The resource that is in the way. */
export function conflict(detail: string, location: string): ApiResponse {
  const error = { code: 'resource_already_exists', title: 'Resource Already exists', detail };
  return { status: 409, error, headers: { location } };
}

export const unsupportedMediaType: ApiResponse = {
  status: 415,
  error: { title: 'Unsupported Media Type', detail: 'The Content-Type of a body must be application/json' },
};

export const tooLarge: ApiResponse = {
  status: 413,
  error: { title: 'Payload Too Large', detail: 'The body of a request may have 64 KiB' },
};

export const headersTooLarge: ApiResponse = {
  status: 431,
  error: { title: 'Request Header Fields Too Large', detail: 'The headers of a request may have 16 KiB' },
};

export const requestTimeout: ApiResponse = { status: 408, error: { title: 'Request Timeout' } };

export const unmetExpectation: ApiResponse = { status: 417, error: { title: 'Expectation Failed' } };

/** @param pointer The field of the body, as a JSON pointer. */
export function invalid(pointer: string, detail: string, status: '422' | '400' = '422'): ApiResponse {
  const error = { code: 'invalid_configuration', title: 'Validation Failed', detail, source: { pointer } };
  return { status: Number(status), error };
}

export function broken(status: 500 | 503, detail: string): ApiResponse {
  const title = status === 500 ? 'Internal Server Error' : 'Service Unavailable';
  return { status, error: { title, detail } };
}
