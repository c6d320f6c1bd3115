import type { Api } from '../http/api.ts';
import type { Identity } from '../profiles/profile.ts';
import { type GrantedRole, rolesClient } from '../roles/client.ts';
import { placeIn } from '../roles/crn.ts';
import { permission } from './answers.ts';
import { attempt, type Check, type Finding, failed, pass, warn } from './check.ts';

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
