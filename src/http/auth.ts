import type { Layer } from './send.ts';

export interface Credentials {
  readonly key: string;
  readonly secret: string;
}

/**
 * Signs every request. The credentials are asked for when the first one is sent, and `learn` hears what must never be shown.
 * A request has no origin of its own, only a path below the endpoint: the header cannot go anywhere else.
 */
export function auth(credentials: () => Promise<Credentials>, learn: (secret: string) => void): Layer {
  return (next) => async (request) => {
    const { key, secret } = await credentials();
    learn(secret);
    learn(`${key}:${secret}`);
    const authorization = `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`;
    return next({ ...request, headers: { ...request.headers, authorization } });
  };
}
