import { apiKeysClient } from '../api/api-keys.ts';
import { roleOn } from '../api/crn.ts';
import { type GrantedRole, rolesClient } from '../api/role-bindings.ts';
import type { CliError } from '../errors.ts';
import type { Api } from '../http/api.ts';
import { defaultEndpoint } from '../http/endpoint.ts';
import { type Identity, type RemoteIdentity, shortKeyId } from '../profiles/profile.ts';
import { expiryOfToken } from '../profiles/secret.ts';
import { describeTokenSource } from '../profiles/token-exchange.ts';
import { formatSecond } from '../text/times.ts';
import { permission } from './api-checks.ts';
import { attempt, type Check, type DoctorContext, type Finding, failed, pass, warn } from './doctor-context.ts';

const sources = {
  flag: 'from --profile',
  INVITE_PROFILE: 'from INVITE_PROFILE',
  current: 'the current profile',
} as const;

const variables = {
  key: 'CONFLUENT_CLOUD_API_KEY and CONFLUENT_CLOUD_API_SECRET',
  token: 'CONFLUENT_CLOUD_ACCESS_TOKEN',
  pool: 'CONFLUENT_CLOUD_IDENTITY_POOL_ID',
  sandbox: '',
} as const;

export const credentialsCheck: Check = {
  id: 'credentials',
  title: 'credentials',
  run: async (context) => {
    const identity = await context.identity();
    if ('failure' in identity) return failed(identity.failure);
    const { shadowed } = identity.value;
    const detail = describeIdentity(identity.value, context.ctx.host.clock.now());
    const unused = [...shadowed, ...(await shadowedCurrent(context, identity.value))];
    if (unused.length === 0) return pass(detail);
    return warn(`${detail}; not used: ${unused.join(', ')}`, 'unset what you do not need, or choose with --profile');
  },
};

function describeIdentity(identity: Identity, now: number): string {
  const { profile, source, kind } = identity;
  const who = profile === undefined ? '' : `profile "${profile}", `;
  const from = source === 'environment' ? `from ${variables[kind]}` : sources[source];
  return `${who}${from}, ${describeCredential(identity, now)}`;
}

function describeCredential(identity: Identity, now: number): string {
  switch (identity.kind) {
    case 'sandbox':
      return 'needs no key';
    case 'key':
      return `key ${shortKeyId(identity.api_key)}`;
    case 'token': {
      const expiry = expiryOfToken(identity.access_token);
      const when = expiry === undefined ? '' : `, ${expiry <= now ? 'expired' : 'expires'} at ${formatSecond(expiry)}`;
      return `an access token${when}`;
    }
    case 'pool':
      return `identity pool ${identity.identity_pool_id}, with a token from ${describeTokenSource(identity.token)}`;
    default:
      return identity satisfies never;
  }
}

/** The stored current profile, if the credentials override it other than by --profile. */
async function shadowedCurrent({ ctx }: DoctorContext, { source }: Identity): Promise<string[]> {
  if (source !== 'environment' && source !== 'INVITE_PROFILE') return [];
  try {
    const { current } = ctx.store().read();
    return current === undefined ? [] : [`current profile "${current}"`];
  } catch {
    // The check of the config file reports it.
    return [];
  }
}

export const endpointCheck: Check = {
  id: 'endpoint',
  title: 'endpoint',
  run: async (context) => {
    const identity = await context.remote();
    if (identity === undefined) return undefined;
    const { globals, host } = context.ctx;
    const url = identity.endpoint.href.replace(/\/$/, '');
    if (globals.endpoint !== undefined) return pass(`${url}, from --endpoint`);
    if (host.env.CONFLUENT_CLOUD_ENDPOINT !== undefined) return pass(`${url}, from CONFLUENT_CLOUD_ENDPOINT`);
    return pass(url === defaultEndpoint ? url : `${url}, from the profile`);
  },
};

/** The exchange of an identity pool's token; its failure says what is missing, or what the server answered. */
export const tokenCheck: Check = {
  id: 'token',
  title: 'token',
  run: async (context) => {
    const identity = await context.remote();
    const handshake = await context.handshake();
    if (identity?.kind !== 'pool' || handshake?.problem !== undefined) return undefined;
    const expiry = await context.tokenExpiry();
    if ('failure' in expiry) return failed(expiry.failure.with({ hints: otherHints(expiry.failure) }));
    const until = expiry.value === undefined ? '' : `, valid until ${formatSecond(expiry.value)}`;
    return pass(`exchanged for an access token of ${identity.identity_pool_id}${until}`);
  },
};

/** Without the advice to run what is running. */
function otherHints({ details: { hints = [] } }: CliError): readonly string[] {
  return hints.filter((hint) => !hint.includes('invite doctor'));
}

export const organizationCheck: Check = {
  id: 'organization',
  title: 'organization',
  run: async (context) => {
    const api = await context.api();
    if (api === undefined) return undefined;
    const found = await attempt(() => rolesClient(api).organizations());
    const remedy = 'until then, roles need full CRNs as their scope';
    if ('failure' in found) return warn(`unknown: ${failed(found.failure).detail}`, remedy);
    return found.value.length === 0 ? warn('the API lists none', remedy) : pass(found.value.join(', '));
  },
};

export const ownerCheck: Check = {
  id: 'key_owner',
  title: 'key owner',
  run: async (context) => {
    const [api, identity] = [await context.api(), await context.remote()];
    if (api === undefined || identity === undefined) return undefined;
    if (identity.kind === 'token') return pass('unknown: the API does not name the owner of an access token');
    if (identity.kind === 'pool') return pass(`identity pool ${identity.identity_pool_id}`);
    const key = await describeKey(api, identity.api_key);
    // Other keys than Cloud keys have failed in earlier checks.
    if (key?.owner === undefined) return pass('a Cloud key; the API does not name its owner');
    const isService = key.owner.startsWith('sa-');
    if (!isService) return pass(`${key.what} of ${key.owner}`);
    const detail = `${key.what} of the service account ${key.owner}`;
    return warn(
      `${detail}: some service accounts cannot create invitations`,
      'if create fails, use a key that a user owns',
    );
  },
};

/** Roles that are known to allow invitations; whether others do is not documented. */
const invitingRoles = ['OrganizationAdmin', 'AccountAdmin', 'EnvironmentAdmin', 'CloudClusterAdmin'];

/** Checked by the roles, since only an invitation would show it for certain. */
export const createCheck: Check = {
  id: 'may_create',
  title: 'may create',
  run: async (context) => {
    const api = await context.api();
    if (api === undefined) return undefined;
    const identity = await context.remote();
    return identity === undefined ? pass('yes, the sandbox allows everything') : roleFinding(api, identity);
  },
};

async function roleFinding(api: Api, identity: RemoteIdentity): Promise<Finding> {
  if (identity.kind === 'token')
    return warn(
      'unknown until tried: the API does not name the owner of an access token',
      `if create is refused, ${poolPermission}`,
    );
  if (identity.kind === 'pool') return poolRoleFinding(api, identity.identity_pool_id);
  const key = await describeKey(api, identity.api_key);
  if (key?.owner === undefined)
    return warn(
      'unknown until tried: the API does not name the owner of the key',
      `if create is refused, ${permission}`,
    );
  const roles = await rolesOf(api, key.owner);
  const all = roles?.map(roleOn).join(', ') ?? '';
  if (roles?.some(({ role_name }) => invitingRoles.includes(role_name)))
    return pass(`yes, ${key.owner} has the role${roles.length === 1 ? '' : 's'} ${all}`);
  const why =
    roles === undefined
      ? 'the roles of its owner are not visible'
      : `${key.owner} has no role of its own that is known to allow it${all === '' ? '' : ` (only ${all})`}, but a group of theirs may`;
  return warn(`unknown until tried: ${why}`, `if create is refused, ${permission}`);
}

const poolPermission = 'grant its identity pool the role OrganizationAdmin or AccountAdmin';

/** Whether a pool may invite is not documented, whatever its roles. */
async function poolRoleFinding(api: Api, pool: string): Promise<Finding> {
  const roles = await rolesOf(api, pool);
  const all =
    roles === undefined ? 'its roles are not visible' : `its roles: ${roles.map(roleOn).join(', ') || 'none'}`;
  const remedy = `if create is refused, ${poolPermission}; if it stays refused, use the key of a user`;
  return warn(`unknown until tried: whether an identity pool may invite is not documented; ${all}`, remedy);
}

interface DescribedKey {
  readonly owner: string | undefined;
  readonly what: string;
}

/** Undefined if the key may not be read. */
async function describeKey(api: Api, api_key: string): Promise<DescribedKey | undefined> {
  const key = await attempt(() => apiKeysClient(api).get(api_key));
  if ('failure' in key || key.value === undefined) return undefined;
  const { owner, resource } = key.value;
  return { owner: owner?.id, what: resource === undefined ? 'a Cloud key' : `a key for ${resource}` };
}

/** Undefined if the roles may not be read. */
async function rolesOf(api: Api, owner: string): Promise<GrantedRole[] | undefined> {
  const found = await attempt(async () => {
    const client = rolesClient(api);
    const roles: GrantedRole[] = [];
    for (const organization of await client.organizations()) roles.push(...(await client.of(owner, organization)));
    return roles;
  });
  return 'value' in found ? found.value : undefined;
}
