import type { Layer } from './send.ts';

/** A Cloud API key and its secret, or an access token. */
export type Credentials = { readonly key: string; readonly secret: string } | { readonly token: string };

/**
 * Signs every request. The credentials are asked for when the first one is sent, and `learn` hears what must never be shown.
 * A request has no origin of its own, only a path below the endpoint: the header cannot go anywhere else.
 */
export function auth(credentials: () => Promise<Credentials>, learn: (secret: string) => void): Layer {
  return (next) => async (request) => {
    const authorization = headerOf(await credentials(), learn);
    return next({ ...request, headers: { ...request.headers, authorization } });
  };
}

function headerOf(credentials: Credentials, learn: (secret: string) => void): string {
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
