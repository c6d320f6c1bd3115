import { expiredSince } from '../profiles/auth-errors.ts';
import type { HttpRequest } from './http.ts';

export interface Credentials {
  readonly api_key: string;
  readonly api_secret: string;
  /** The only access token that is taken. Unsaid: any that has not expired. */
  readonly access_token?: string;
}

/** The key of every sandbox. It opens nothing else, and looks like it. */
export const sandboxKey: Credentials = {
  api_key: 'INVITESANDBOX001',
  api_secret: 'cflt/sandbox-this-is-not-a-secret-0000000000000000000000000000',
};

/** Whether a call carries these: the key in a Basic header, or a token in a Bearer header. */
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
