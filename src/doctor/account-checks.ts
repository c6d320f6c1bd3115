import { placeIn } from '../confluent/crn.ts';
import { type GrantedRole, rolesClient } from '../confluent/role-bindings.ts';
import type { Api } from '../http/api.ts';
import { defaultEndpoint } from '../http/endpoint.ts';
import { formatTime } from '../profiles/auth-errors.ts';
import type { Identity } from '../profiles/profile.ts';
import { expiryOfToken, shortKeyId } from '../profiles/secret.ts';
import { permission } from './api-checks.ts';
import { attempt, type Check, type Finding, failed, pass, warn } from './check.ts';
import type { DoctorContext } from './doctor-context.ts';

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
    const when = expiry === undefined ? '' : `, ${expiry <= now ? 'expired' : 'expires'} at ${formatTime(expiry)}`;
    return `from CONFLUENT_CLOUD_ACCESS_TOKEN, an access token${when}`;
  }
  const who = profile === undefined ? '' : `profile "${profile}", `;
  return `${who}${sources[source]}${kind === 'sandbox' ? ', needs no key' : `, key ${shortKeyId(api_key)}`}`;
}

/** A stored current profile that the credentials come before, unless it was set aside on purpose. */
async function lostCurrent({ ctx }: DoctorContext, { source }: Identity): Promise<string[]> {
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

export const organizationCheck: Check = {
  id: 'organization',
  title: 'organization',
  run: async (patient) => {
    const api = await patient.api();
    if (api === undefined) return undefined;
    const found = await attempt(() => rolesClient(api).organizations());
    const remedy = 'without it, roles can only be granted with full CRNs';
    if ('failure' in found) return warn(`cannot be told: ${failed(found.failure).detail}`, remedy);
    return found.value.length === 0 ? warn('the API shows none', remedy) : pass(found.value.join(', '));
  },
};

export const ownerCheck: Check = {
  id: 'key_owner',
  title: 'key owner',
  run: async (patient) => {
    const [api, identity] = [await patient.api(), await patient.remote()];
    if (api === undefined || identity === undefined) return undefined;
    if (identity.kind === 'token') return pass('cannot be told: an access token has no id that could be asked about');
    const key = await describedKey(api, identity);
    // Only Cloud keys get this far.
    if (key?.owner === undefined) return pass('a Cloud key; the API does not say whose');
    const isService = key.owner.startsWith('sa-');
    if (!isService) return pass(`${key.resource ?? 'a Cloud key'} of ${key.owner}`);
    const detail = `${key.resource ?? 'a Cloud key'} of the service account ${key.owner}`;
    return warn(
      `${detail}: the API has refused to create invitations for some of those`,
      'if create fails, use the key of a person',
    );
  },
};

/** Roles that are known to allow it; which others do is not documented. */
const inviting = ['OrganizationAdmin', 'AccountAdmin', 'EnvironmentAdmin', 'CloudClusterAdmin'];

/** As far as it can be told without inviting anybody. */
export const createCheck: Check = {
  id: 'may_create',
  title: 'may create',
  run: async (patient) => {
    const api = await patient.api();
    if (api === undefined) return undefined;
    const identity = await patient.remote();
    return identity === undefined ? pass('yes, the sandbox lets everybody') : roleFinding(api, identity);
  },
};

async function roleFinding(api: Api, identity: Identity): Promise<Finding> {
  if (identity.kind === 'token')
    return warn(
      'cannot be told without trying: an access token does not say whose it is',
      'if create is refused, give its identity pool the role OrganizationAdmin or AccountAdmin',
    );
  const key = await describedKey(api, identity);
  if (key?.owner === undefined)
    return warn(
      'cannot be told without trying: the API does not say whose the key is',
      `if create is refused, ${permission}`,
    );
  const roles = await rolesOf(api, key.owner);
  const all = roles?.map(inWords).join(', ') ?? '';
  if (roles?.some(({ role_name }) => inviting.includes(role_name)))
    return pass(`yes, ${key.owner} has the role${roles.length === 1 ? '' : 's'} ${all}`);
  const why =
    roles === undefined
      ? 'the roles of its owner may not be seen'
      : `${key.owner} itself has no role that is known to allow it${all === '' ? '' : ` (only ${all})`}, but a group may`;
  return warn(`cannot be told without trying: ${why}`, `if create is refused, ${permission}`);
}

/** A role of the whole organization needs no place. */
function inWords({ role_name, crn_pattern }: GrantedRole): string {
  const place = placeIn(crn_pattern);
  return place === 'the organization' ? role_name : `${role_name} on ${place}`;
}

interface DescribedKey {
  readonly owner: string | undefined;
  readonly resource: string | undefined;
}

/** What `GET /iam/v2/api-keys/{id}` says of the key itself; not everybody may ask. */
async function describedKey(api: Api, { api_key }: Identity): Promise<DescribedKey | undefined> {
  const answer = await attempt(() => api.get(`/iam/v2/api-keys/${encodeURIComponent(api_key)}`));
  if ('failure' in answer) return undefined;
  const spec = fieldOf(answer.value, 'spec');
  const kind = fieldOf(fieldOf(spec, 'resource'), 'kind');
  return {
    owner: textOf(fieldOf(fieldOf(spec, 'owner'), 'id')),
    resource: typeof kind === 'string' ? `a key for ${kind}` : undefined,
  };
}

/** Undefined if they may not be seen. */
async function rolesOf(api: Api, owner: string): Promise<GrantedRole[] | undefined> {
  const found = await attempt(async () => {
    const client = rolesClient(api);
    const roles: GrantedRole[] = [];
    for (const organization of await client.organizations()) roles.push(...(await client.of(owner, organization)));
    return roles;
  });
  return 'value' in found ? found.value : undefined;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
