import { expiredSince } from '../profiles/auth-errors.ts';
import type { HttpRequest } from './http.ts';

export interface Credentials {
  readonly api_key: string;
  readonly api_secret: string;
  /** The only accepted access token. Default: any that has not expired. */
  readonly access_token?: string;
}

/** The API key of every sandbox. It is not a secret and is of no use elsewhere. */
export const sandboxKey: Credentials = {
  api_key: 'INVITESANDBOX001',
  api_secret: 'cflt/sandbox-this-is-not-a-secret-0000000000000000000000000000',
};

/** Whether a request has these credentials: the key in a Basic header, or a token in a Bearer header. */
export function isFrom(
  { headers }: HttpRequest,
  { api_key, api_secret, access_token }: Credentials,
  now: number,
): boolean {
  const [, scheme = '', value = ''] = /^(basic|bearer) +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  if (scheme.toLowerCase() !== 'bearer') {
    return value !== '' && Buffer.from(value, 'base64').toString('utf8') === `${api_key}:${api_secret}`;
  }
  return access_token === undefined ? expiredSince(value, now) === undefined : value === access_token;
}
