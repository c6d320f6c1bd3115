import { CliError } from '../errors.ts';
import type { Layer, Send } from './send.ts';

/** A Cloud API key and its secret, or an access token. */
export type Credentials = { readonly key: string; readonly secret: string } | { readonly token: string };

/**
 * Signs every request. The credentials are read once, when the first one is sent; `addSecret` gets the secrets to redact.
 * A request has only a path below the endpoint and no origin of its own: the header cannot go to another server.
 */
export function auth(credentials: () => Promise<Credentials>, addSecret: (secret: string) => void): Layer {
  let header: Promise<string> | undefined;
  return (next) => async (request) => {
    header ??= credentials().then((known) => authorizationHeader(known, addSecret));
    return next({ ...request, headers: { ...request.headers, authorization: await header } });
  };
}

function authorizationHeader(credentials: Credentials, addSecret: (secret: string) => void): string {
  if ('token' in credentials) {
    addSecret(credentials.token);
    addSecret(`Bearer ${credentials.token}`);
    return `Bearer ${credentials.token}`;
  }
  const { key, secret } = credentials;
  addSecret(secret);
  addSecret(`${key}:${secret}`);
  return `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`;
}

/** Sets `user-agent`, `accept` and `content-type`. */
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

/** @param action The refused action, to be read after "cannot". */
export function readOnlyError(action: string): CliError {
  return new CliError('read_only', `cannot ${action}`, {
    reason: 'INVITE_READ_ONLY is set, so nothing may be changed',
    hints: ['--dry-run shows what would be done', 'unset INVITE_READ_ONLY to allow changes'],
  });
}

/** The last safeguard: whatever a command does, only GET requests reach the API. */
export function onlyGet(next: Send): Send {
  return async (request) => {
    if (request.method === 'GET') return next(request);
    throw readOnlyError(`send ${request.method} ${request.path}`);
  };
}
