import { CliError } from '../errors.ts';
import type { Layer, Send } from './send.ts';

/** A Cloud API key and its secret, or an access token. */
export type Credentials = { readonly key: string; readonly secret: string } | { readonly token: string };

/**
 * Signs every request. The credentials are read once, when the first one is sent; `learn` is told the secrets to redact.
 * A request has no origin of its own, only a path below the endpoint: the header cannot go anywhere else.
 */
export function auth(credentials: () => Promise<Credentials>, learn: (secret: string) => void): Layer {
  let header: Promise<string> | undefined;
  return (next) => async (request) => {
    header ??= credentials().then((known) => authorizationHeader(known, learn));
    return next({ ...request, headers: { ...request.headers, authorization: await header } });
  };
}

function authorizationHeader(credentials: Credentials, learn: (secret: string) => void): string {
  if ('token' in credentials) {
    learn(credentials.token);
    learn(`Bearer ${credentials.token}`);
    return `Bearer ${credentials.token}`;
  }
  const { key, secret } = credentials;
  learn(secret);
  learn(`${key}:${secret}`);
  return `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`;
}

/** Says who asks and what is understood. */
export function userAgent(version: string): Layer {
  return (next) => (request) => {
    const type = request.body === undefined ? {} : { 'content-type': 'application/json' };
    const headers = { accept: 'application/json', 'user-agent': `invite/${version}`, ...type, ...request.headers };
    return next({ ...request, headers });
  };
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Whether `INVITE_READ_ONLY` is on: any value but 0 and false, so that a misspelt "yes" still protects. */
export function isReadOnly({ INVITE_READ_ONLY: value = '' }: Variables): boolean {
  return !['', '0', 'false'].includes(value.trim().toLowerCase());
}

/** @param what What is not done, after "cannot". */
export function readOnlyError(what: string): CliError {
  return new CliError('read_only', `cannot ${what}`, {
    reason: 'INVITE_READ_ONLY is set, so nothing may be changed',
    hints: ['--dry-run shows what would be done', 'unset INVITE_READ_ONLY to allow changes'],
  });
}

/** The last line of defence: whatever a command does, no request but GET reaches the API. */
export function onlyGet(next: Send): Send {
  return async (request) => {
    if (request.method === 'GET') return next(request);
    throw readOnlyError(`send ${request.method} ${request.path}`);
  };
}
