import { CliError } from '../errors.ts';
import { untilAborted } from '../host/timeout.ts';
import type { Clock } from '../host.ts';
import { failureOf, UnknownOutcome } from './failure.ts';
import { isIdempotent, type Layer, type Request } from './send.ts';

/** A Cloud API key and its secret, or an access token. */
type Credentials = { readonly key: string; readonly secret: string } | { readonly token: string };

export interface Signer {
  /** The Authorization header; asked for before each attempt. */
  header(): Promise<string>;
  /** Whether the next header may be accepted although this one was refused. */
  canReplace(refused: string): boolean;
  /** Milliseconds since 1970 at which the token expires; of an API key there is none. */
  expiresAt?(): Promise<number>;
}

/**
 * Signs every attempt. After a 401 it signs once more if there may be a better header; what must not simply be repeated
 * ends as `UnknownOutcome` then, so that its effect is looked up first. A request has only a path below the endpoint and
 * no origin of its own: the header cannot go to another server.
 */
export function auth(signer: Signer): Layer {
  return (next) => async (request) => {
    const authorization = await headerFor(request, signer);
    const response = await next(withHeader(request, authorization));
    if (response.status !== 401 || !signer.canReplace(authorization)) return response;
    if (!isIdempotent(request)) throw new UnknownOutcome(failureOf(request, response));
    return next(withHeader(request, await headerFor(request, signer)));
  };
}

/** The time of one request must not end what others wait for as well. */
async function headerFor({ signal }: Request, signer: Signer): Promise<string> {
  const header = signer.header();
  try {
    return await (signal === undefined ? header : untilAborted(header, signal));
  } catch (error) {
    const isLate = error instanceof CliError && error.code === 'timeout' && error.details.reason === undefined;
    // Otherwise it would read as if the API had not answered.
    throw isLate ? error.with({ reason: 'still waiting for the credentials' }) : error;
  }
}

function withHeader(request: Request, authorization: string): Request {
  return { ...request, headers: { ...request.headers, authorization } };
}

/** Reads the credentials once, when the first request is sent; `addSecret` gets the secrets to redact. */
export function fixedSigner(credentials: () => Promise<Credentials>, addSecret: (secret: string) => void): Signer {
  let header: Promise<string> | undefined;
  return {
    header: () => {
      header ??= credentials().then((known) => authorizationHeader(known, addSecret));
      return header;
    },
    canReplace: () => false,
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

export interface AccessToken {
  readonly access_token: string;
  /** Milliseconds. */
  readonly lifetime: number;
}

interface HeldToken {
  readonly header: string;
  /** By the monotonic clock, as its end. */
  readonly renewAt: number;
  readonly endsAt: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Milliseconds after a refusal within which another one is final: a newer token would not help either. */
const refusalPause = 60_000;

/** Signs with an access token that is exchanged again before it expires. Requests that need a new one share the exchange. */
export class RenewingSigner implements Signer {
  readonly #exchange: () => Promise<AccessToken>;
  readonly #clock: Clock;
  #held: HeldToken | undefined;
  #pending: Promise<HeldToken> | undefined;
  #refusedAt = Number.NEGATIVE_INFINITY;
  /** Of the exchange. Requests that come later would only be refused as well. */
  #refusal: CliError | undefined;

  constructor(exchange: () => Promise<AccessToken>, clock: Clock) {
    this.#exchange = exchange;
    this.#clock = clock;
  }

  async header(): Promise<string> {
    return (await this.#token()).header;
  }

  async expiresAt(): Promise<number> {
    return (await this.#token()).expiresAt;
  }

  canReplace(refused: string): boolean {
    // Another request has replaced it already, or is about to.
    if (this.#held?.header !== refused) return true;
    const now = this.#clock.monotonic();
    if (now - this.#refusedAt < refusalPause) return false;
    this.#refusedAt = now;
    this.#held = undefined;
    return true;
  }

  async #token(): Promise<HeldToken> {
    if (this.#refusal !== undefined) throw this.#refusal;
    if (this.#held !== undefined && this.#clock.monotonic() < this.#held.renewAt) return this.#held;
    this.#pending ??= this.#renew().finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  /** Resolves to the token that is there if another one cannot be had for now, and this one has not expired yet. */
  async #renew(): Promise<HeldToken> {
    const held = this.#held;
    try {
      this.#held = await this.#exchanged();
      return this.#held;
    } catch (error) {
      const mayPass = error instanceof CliError && error.details.retryable === true;
      if (mayPass && held !== undefined && this.#clock.monotonic() < held.endsAt) return held;
      if (error instanceof CliError && error.code === 'auth_invalid') this.#refusal = error;
      throw error;
    }
  }

  /** Counts from before the exchange: the token may be as old as that. */
  async #exchanged(): Promise<HeldToken> {
    const [start, started] = [this.#clock.monotonic(), this.#clock.now()];
    const { access_token, lifetime } = await this.#exchange();
    const endsAt = start + lifetime;
    const renewAt = endsAt - renewalMargin(lifetime);
    return { header: `Bearer ${access_token}`, renewAt, endsAt, expiresAt: started + lifetime };
  }
}

/** Milliseconds before its end from which a token is not used any more: a request has to arrive in time. */
function renewalMargin(lifetime: number): number {
  return Math.min(60_000, lifetime / 5);
}
