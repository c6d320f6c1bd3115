import type { CliError } from '../errors.ts';
import { formatSecond } from '../text/times.ts';
import { expiryOfToken, type Identity } from './profile.ts';

/** Why the API refuses a key: its answer does not tell these apart. */
const keyCauses = 'mistyped, deleted, minutes old, or not a Cloud key: one for Kafka is refused in the same way';

const renewHints = [
  'an access token expires after at most 15 minutes: get a new one and set CONFLUENT_CLOUD_ACCESS_TOKEN',
  'or use an API key instead: unset CONFLUENT_CLOUD_ACCESS_TOKEN, then invite auth login',
];

/** Adds the possible causes to the refusal of a key. Other failures, as of what prints the secret, are returned as they are. */
export function explainKeyRefusal(failure: CliError): CliError {
  if (failure.code !== 'auth_invalid' || failure.details.http_status === undefined) return failure;
  const hints = [...(failure.details.hints ?? []), 'create one with: confluent api-key create --resource cloud'];
  return failure.with({ reason: withReason(failure, keyCauses), hints });
}

/** Adds to a refusal what to do about the credentials that are in use: logging in would not replace those of the environment. */
export function explainRefusal(failure: CliError, identity: Identity, now: number): CliError {
  const { code, details } = failure;
  if (code === 'forbidden' && identity.kind === 'pool') {
    const grant = `grant the identity pool "${identity.identity_pool_id}" the role OrganizationAdmin or AccountAdmin`;
    return failure.with({ hints: [...(details.hints ?? []), grant, 'if it stays refused, use the key of a user'] });
  }
  if (code !== 'auth_invalid') return failure;
  switch (identity.kind) {
    case 'sandbox':
      return failure;
    case 'token': {
      const expiry = expiryOfToken(identity.access_token) ?? Number.POSITIVE_INFINITY;
      if (expiry > now) return failure.with({ hints: renewHints });
      const reason = withReason(failure, `the access token expired at ${formatSecond(expiry)}`);
      return failure.with({ hints: renewHints, reason });
    }
    case 'key':
      return withHints(failure, keyHints(identity));
    case 'pool':
      return withHints(failure, [
        `check the roles of the identity pool "${identity.identity_pool_id}" in Confluent Cloud`,
        'invite doctor',
      ]);
    default:
      return identity satisfies never;
  }
}

function keyHints({ source, profile }: Identity): readonly string[] {
  const login = `invite auth login${profile === undefined ? '' : ` ${profile}`}`;
  return source === 'environment'
    ? ['check CONFLUENT_CLOUD_API_KEY and CONFLUENT_CLOUD_API_SECRET', `or unset them and store a key: ${login}`]
    : [login];
}

/** What an answer of the API suggests without knowing the credentials. */
const generalHint = 'invite auth login';

/** Puts hints in the place of the general one. A failure without it, as of an exchange, says itself what to do. */
function withHints(failure: CliError, own: readonly string[]): CliError {
  const { hints = [] } = failure.details;
  if (!hints.includes(generalHint)) return failure;
  return failure.with({ hints: [...own, ...hints.filter((one) => one !== generalHint)] });
}

function withReason({ details: { reason } }: CliError, cause: string): string {
  return reason === undefined ? cause : `${reason}: ${cause}`;
}
