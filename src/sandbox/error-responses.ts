import type { ApiResponse } from './http.ts';

/** The error responses of the API, from its documentation or from recorded responses. */

export function badRequest(detail: string, parameter?: string): ApiResponse {
  const error = { code: 'bad_request', title: 'Bad Request', detail };
  return { status: 400, error: parameter === undefined ? error : { ...error, source: { parameter } } };
}

/** @param kind The kind of the list, such as `InvitationList`. */
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

/** With status 400, clients recognize the error by the words "is currently limited to". */
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

/** As documented, without a code and a detail. */
export const notFound: ApiResponse = { status: 404, error: { title: 'Not Found' } };

/** The response for a missing resource, as the settings `missing_reads` and `deleted_reads` define it. */
export function missing(reads: 'not_found' | 'forbidden'): ApiResponse {
  return reads === 'not_found' ? notFound : forbidden('Forbidden Access');
}

/** The errors of role bindings have a format of their own. */
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

/** @param location The link to the existing resource. */
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
  error: { title: 'Payload Too Large', detail: 'The body of a request may have at most 64 KiB' },
};

export const headersTooLarge: ApiResponse = {
  status: 431,
  error: { title: 'Request Header Fields Too Large', detail: 'The headers of a request may have at most 16 KiB' },
};

export const requestTimeout: ApiResponse = { status: 408, error: { title: 'Request Timeout' } };

export const expectationFailed: ApiResponse = { status: 417, error: { title: 'Expectation Failed' } };

/** @param pointer The field of the body, as a JSON pointer. */
export function invalid(pointer: string, detail: string, status: '422' | '400' = '422'): ApiResponse {
  const error = { code: 'invalid_configuration', title: 'Validation Failed', detail, source: { pointer } };
  return { status: Number(status), error };
}

export function serverError(status: 500 | 503, detail: string): ApiResponse {
  const title = status === 500 ? 'Internal Server Error' : 'Service Unavailable';
  return { status, error: { title, detail } };
}
