import type { CliError } from '../errors.ts';
import type { Identity } from './profile.ts';
import { expiryOfToken } from './secret.ts';

/** Why the API refuses a key: its answer does not tell these apart. */
const keyCauses = 'mistyped, deleted, minutes old, or not a Cloud key: one for Kafka is refused in the same way';

const renewHints = [
  'an access token expires after at most 15 minutes: get a new one and set CONFLUENT_CLOUD_ACCESS_TOKEN',
  'or use an API key instead: unset CONFLUENT_CLOUD_ACCESS_TOKEN, then invite auth login',
];

/** Adds the possible causes to the refusal of a key. Other failures are returned as they are. */
export function explainKeyRefusal(failure: CliError): CliError {
  if (failure.code !== 'auth_invalid') return failure;
  const hints = [...(failure.details.hints ?? []), 'create one with: confluent api-key create --resource cloud'];
  return failure.with({ reason: withReason(failure, keyCauses), hints });
}

/** Adds to the refusal of an access token whether it has expired, and what to do. Other failures are returned as they are. */
export function explainTokenRefusal(failure: CliError, { secret, kind }: Identity, now: number): CliError {
  if (failure.code !== 'auth_invalid' || kind !== 'token') return failure;
  const expired = 'value' in secret ? expiredSince(secret.value, now) : undefined;
  const reason = expired === undefined ? undefined : `the access token expired at ${expired}`;
  return failure.with({ hints: renewHints, ...(reason === undefined ? {} : { reason: withReason(failure, reason) }) });
}

/** Adds to a refusal what to do about the credentials that are in use: logging in would not replace those of the environment. */
export function explainRefusal(failure: CliError, identity: Identity, now: number): CliError {
  if (failure.code !== 'auth_invalid' || identity.kind !== 'key') return explainTokenRefusal(failure, identity, now);
  const { source, profile } = identity;
  const login = `invite auth login${profile === undefined ? '' : ` ${profile}`}`;
  const own =
    source === 'environment'
      ? ['check CONFLUENT_CLOUD_API_KEY and CONFLUENT_CLOUD_API_SECRET', `or unset them and store a key: ${login}`]
      : [login];
  const others = (failure.details.hints ?? []).filter((one) => one !== 'invite auth login');
  return failure.with({ hints: [...own, ...others] });
}

/** The time at which a token expired, RFC 3339; undefined if it has not, or if it gives no time. */
export function expiredSince(token: string, now: number): string | undefined {
  const expiry = expiryOfToken(token);
  return expiry !== undefined && expiry <= now ? formatTime(expiry) : undefined;
}

export function formatTime(time: number): string {
  return new Date(time).toISOString().replace('.000Z', 'Z');
}

function withReason({ details: { reason } }: CliError, cause: string): string {
  return reason === undefined ? cause : `${reason}: ${cause}`;
}
