import { expiryOfToken, shortKeyId } from '../profiles/credential.ts';
import { defaultEndpoint } from '../profiles/endpoint.ts';
import type { Identity } from '../profiles/profile.ts';
import { timeText } from '../profiles/refusal.ts';
import { type Check, failed, pass, warn } from './check.ts';
import type { Patient } from './patient.ts';

const sources = {
  flag: 'from --profile',
  environment: 'from CONFLUENT_CLOUD_API_KEY and CONFLUENT_CLOUD_API_SECRET',
  INVITE_PROFILE: 'from INVITE_PROFILE',
  current: 'the current profile',
} as const;

export const credentialsCheck: Check = {
  id: 'credentials',
  title: 'credentials',
  run: async (patient) => {
    const identity = await patient.identity();
    if ('failure' in identity) return failed(identity.failure);
    const { shadowed } = identity.value;
    const detail = described(identity.value, patient.ctx.host.clock.now());
    const lost = [...shadowed, ...(await lostCurrent(patient, identity.value))];
    if (lost.length === 0) return pass(detail);
    return warn(`${detail}; not used: ${lost.join(', ')}`, 'unset what is not meant, or name one with --profile');
  },
};

function described({ kind, profile, source, api_key, secret }: Identity, now: number): string {
  if (kind === 'token') {
    const expiry = 'value' in secret ? expiryOfToken(secret.value) : undefined;
    const when = expiry === undefined ? '' : `, ${expiry <= now ? 'expired' : 'expires'} at ${timeText(expiry)}`;
    return `from CONFLUENT_CLOUD_ACCESS_TOKEN, an access token${when}`;
  }
  const who = profile === undefined ? '' : `profile "${profile}", `;
  return `${who}${sources[source]}${kind === 'sandbox' ? ', needs no key' : `, key ${shortKeyId(api_key)}`}`;
}

/** A stored current profile that the credentials come before, unless it was set aside on purpose. */
async function lostCurrent({ ctx }: Patient, { source }: Identity): Promise<string[]> {
  if (source !== 'environment' && source !== 'INVITE_PROFILE') return [];
  try {
    const { current } = ctx.store().read();
    return current === undefined ? [] : [`current profile "${current}"`];
  } catch {
    // The check of the file says what is wrong with it.
    return [];
  }
}

export const endpointCheck: Check = {
  id: 'endpoint',
  title: 'endpoint',
  run: async (patient) => {
    const identity = await patient.remote();
    if (identity === undefined) return undefined;
    const { globals, host } = patient.ctx;
    const url = identity.endpoint.href.replace(/\/$/, '');
    if (globals.endpoint !== undefined) return pass(`${url}, from --endpoint`);
    if (host.env.CONFLUENT_CLOUD_ENDPOINT !== undefined) return pass(`${url}, from CONFLUENT_CLOUD_ENDPOINT`);
    return pass(url === defaultEndpoint ? url : `${url}, from the profile`);
  },
};
