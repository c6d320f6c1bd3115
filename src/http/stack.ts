import type { Clock } from '../clock.ts';
import { once } from '../once.ts';
import { auth, type Credentials } from './auth.ts';
import { attemptDeadline } from './deadline.ts';
import { identify } from './identify.ts';
import { onlyGet } from './read-only.ts';
import type { Redactor } from './redact.ts';
import { redirect } from './redirect.ts';
import { retry } from './retry.ts';
import { type Layer, type Send, stack } from './send.ts';
import { trace } from './trace.ts';
import type { Unanswered } from './unanswered.ts';

export interface StackOptions {
  readonly endpoint: URL;
  /** The server's name in words for a person. */
  readonly server: string;
  readonly version: string;
  readonly clock: Clock;
  /** Asked for once, when the first request is sent. */
  readonly credentials: () => Promise<Credentials>;
  readonly redactor: Redactor;
  /** A line for the person: what is being waited for. */
  readonly say: (line: string) => void;
  /** A line of the log; no log without it. */
  readonly debug?: ((line: string) => void) | undefined;
  readonly retries?: number | undefined;
  /** Shows that an answer is waited for. */
  readonly unanswered?: Unanswered | undefined;
  /** No request but GET is sent. */
  readonly readOnly?: boolean;
}

/** Milliseconds until the last byte of one attempt. */
const attemptLimit = 30_000;

/** Everything that happens to a request on its way, outermost first: the one place where the layers are put in order. */
export function httpStack(bottom: Send, options: StackOptions): Send {
  const { endpoint, clock, redactor, debug } = options;
  const log: readonly Layer[] =
    debug === undefined ? [] : [trace({ clock, endpoint, redact: redactor.redact, print: debug })];
  return stack(bottom, [
    identify(options.version),
    auth(once(options.credentials), redactor.learn),
    retry(options),
    attemptDeadline(clock, attemptLimit),
    redirect(endpoint),
    ...(options.readOnly === true ? [onlyGet] : []),
    ...log,
  ]);
}
