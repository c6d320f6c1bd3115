import { invitationsClient } from '../api/client.ts';
import { roleOn } from '../api/crn.ts';
import { pendingInvitationQuota } from '../api/organizations.ts';
import { type GrantedRole, rolesClient } from '../api/role-bindings.ts';
import type { CliError } from '../errors.ts';
import type { Api } from '../http/api.ts';
import { failureOf } from '../http/failure.ts';
import { parseJson } from '../http/response.ts';
import type { Response } from '../http/send.ts';
import { explainKeyRefusal, explainRefusal } from '../profiles/auth-errors.ts';
import { durationInWords, formatSecond } from '../text/times.ts';
import {
  attempt,
  type CheckOutcome,
  type DoctorContext,
  type Finding,
  fail,
  failed,
  listRequest,
  pass,
  warn,
} from './doctor-context.ts';

/** The exchange of an identity pool's token; its failure says what is missing, or what the server answered. */
export async function checkToken(context: DoctorContext): Promise<CheckOutcome> {
  const identity = await context.remote();
  const handshake = await context.handshake();
  if (identity?.kind !== 'pool' || handshake?.problem !== undefined) return undefined;
  const expiry = await context.tokenExpiry();
  if ('failure' in expiry) return failed(expiry.failure.with({ hints: otherHints(expiry.failure) }));
  const until = expiry.value === undefined ? '' : `, valid until ${formatSecond(expiry.value)}`;
  return pass(`exchanged for an access token of ${identity.identity_pool_id}${until}`);
}

/** Without the advice to run what is running. */
function otherHints({ details: { hints = [] } }: CliError): readonly string[] {
  return hints.filter((hint) => !hint.includes('invite doctor'));
}

/** Milliseconds after which a response is slow. */
const slow = 3000;

export async function checkResponse(context: DoctorContext): Promise<CheckOutcome> {
  const probe = await context.probe();
  if ('failure' in probe) return unanswered(context, probe.failure);
  const { response, refusal, milliseconds } = probe.value;
  if (response.status >= 300 && refusal === undefined) return failed(failureOf(listRequest, response));
  const json = await attempt(() => (response.status < 300 ? parseJson(response) : undefined));
  if ('failure' in json) return failed(json.failure, 'log in to the network, or check the endpoint and the proxy');
  const detail = `HTTP ${response.status} in ${Math.round(milliseconds)} ms`;
  return milliseconds > slow
    ? warn(`${detail}, which is slow`, 'check the network, the VPN and the proxy')
    : pass(detail);
}

/** No finding if an earlier check has reported the cause. */
async function unanswered(context: DoctorContext, failure: CliError): Promise<CheckOutcome> {
  const [identity, proxy] = [await attempt(context.identity), await attempt(context.proxy)];
  if ('failure' in identity || 'failure' in proxy || (await hasNoToken(context))) return undefined;
  if ((await context.handshake())?.problem !== undefined) return undefined;
  // A secret that cannot be read and a rate limit have checks of their own.
  if (failure.code === 'auth_invalid' || failure.code === 'rate_limited') return undefined;
  return failed(
    failure,
    failure.details.hints === undefined ? 'try again later; --debug logs the requests' : undefined,
  );
}

/** Whether the exchange of a pool's token failed, which has a check of its own. */
async function hasNoToken(context: DoctorContext): Promise<boolean> {
  const identity = await context.remote();
  return identity?.kind === 'pool' && 'failure' in (await context.tokenExpiry());
}

/** The clock skew in milliseconds from which it is a warning, and from which it is a failure. */
const skewLimits = { warn: 30_000, fail: 300_000 };

export async function checkClock(context: DoctorContext): Promise<CheckOutcome> {
  const answer = await context.answer();
  if (answer === undefined) return undefined;
  const { response, time } = answer;
  const server = Date.parse(response.headers.get('date') ?? '');
  if (Number.isNaN(server)) return undefined;
  const skew = time - server;
  // The Date header has a resolution of one second.
  if (Math.abs(skew) < 2000) return pass('in sync with the server');
  const detail = `${durationInWords(Math.abs(skew))} ${skew > 0 ? 'ahead of' : 'behind'} the server`;
  if (Math.abs(skew) < skewLimits.warn) return pass(detail);
  const why = `${detail}: expiry times are shown wrong, and valid certificates may be refused`;
  const remedy = 'set the clock of this machine: timedatectl set-ntp true, or in the system settings';
  return Math.abs(skew) < skewLimits.fail ? warn(why, remedy) : fail('config_invalid', why, remedy);
}

export async function checkKey(context: DoctorContext): Promise<CheckOutcome> {
  const probe = await context.probe();
  if ('failure' in probe) {
    const isOwn = probe.failure.code === 'auth_invalid' && !(await hasNoToken(context));
    return isOwn ? failed(probe.failure) : undefined;
  }
  const { response, refusal } = probe.value;
  const identity = await context.remote();
  const isKey = identity === undefined || identity.kind === 'key';
  if (refusal?.code !== 'auth_invalid') {
    const detail = isKey ? 'accepted' : 'the access token is accepted';
    return response.status < 300 || refusal !== undefined ? pass(detail) : undefined;
  }
  return failed(isKey ? explainKeyRefusal(refusal) : explainRefusal(refusal, identity, context.ctx.host.clock.now()));
}

export async function checkList(context: DoctorContext): Promise<CheckOutcome> {
  const answer = await context.answer();
  if (answer?.refusal?.code === 'forbidden') return failed(answer.refusal, permission);
  return answer !== undefined && answer.response.status < 300 ? pass('yes') : undefined;
}

const permission = 'grant the owner of the key the role OrganizationAdmin or AccountAdmin';

export async function checkRate(context: DoctorContext): Promise<CheckOutcome> {
  const probe = await context.probe();
  if ('failure' in probe) return probe.failure.code === 'rate_limited' ? failed(probe.failure) : undefined;
  const { headers } = probe.value.response;
  const [limit, left, reset] = ['limit', 'remaining', 'reset'].map((name) => numberIn(headers, `x-ratelimit-${name}`));
  if (limit === undefined || left === undefined) return pass('the API does not report how many requests are left');
  const when = reset === undefined ? '' : `, full again in ${reset} s`;
  const detail = `${left} of ${limit} requests left${when}`;
  return left * 10 < limit ? warn(detail, 'wait, or use a lower INVITE_CONCURRENCY') : pass(detail);
}

function numberIn(headers: Response['headers'], name: string): number | undefined {
  const text = headers.get(name) ?? '';
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** The statuses that count towards the quota. */
const counted = ['INVITE_STATUS_SENT', 'INVITE_STATUS_STAGED'];

export async function checkQuota(context: DoctorContext): Promise<CheckOutcome> {
  const api = await context.api();
  if (api === undefined) return undefined;
  const limit = await pendingInvitationQuota(api);
  if (limit === undefined) return pass('the API does not report how many invitations may be pending');
  const pending = await attempt(() => pendingIn(api, context.ctx.host.clock.now));
  if ('failure' in pending) return pass(`${limit} invitations may be pending`);
  const left = Math.max(0, limit - pending.value);
  const detail = `${pending.value} of ${limit} pending invitations used, ${left} left`;
  const remedy = 'invite delete --status expired, or ask Confluent for a higher limit';
  if (left === 0) return fail('quota_exceeded', detail, remedy);
  return left * 10 < limit ? warn(detail, remedy) : pass(detail);
}

/** One request for each status, since a request can filter by one only. */
async function pendingIn(api: Api, now: () => number): Promise<number> {
  let count = 0;
  for (const status of counted) {
    for await (const batch of invitationsClient(api, now).list({ status: [status] })) count += batch.length;
  }
  return count;
}

export async function checkOrganization(context: DoctorContext): Promise<CheckOutcome> {
  const api = await context.api();
  if (api === undefined) return undefined;
  const found = await attempt(() => rolesClient(api).organizations());
  const remedy = 'until then, roles need full CRNs as their scope';
  if ('failure' in found) return warn(`unknown: ${failed(found.failure).detail}`, remedy);
  return found.value.length === 0 ? warn('the API lists none', remedy) : pass(found.value.join(', '));
}

export async function checkOwner(context: DoctorContext): Promise<CheckOutcome> {
  const [api, identity] = [await context.api(), await context.remote()];
  if (api === undefined || identity === undefined) return undefined;
  if (identity.kind === 'token') return pass('unknown: the API does not name the owner of an access token');
  if (identity.kind === 'pool') return pass(`identity pool ${identity.identity_pool_id}`);
  const { owner, resource } = (await context.keyDetails()) ?? {};
  // Other keys than Cloud keys have failed in earlier checks.
  if (owner?.id === undefined) return pass('a Cloud key; the API does not name its owner');
  const what = resource === undefined ? 'a Cloud key' : `a key for ${resource}`;
  if (!owner.id.startsWith('sa-')) return pass(`${what} of ${owner.id}`);
  const detail = `${what} of the service account ${owner.id}: some service accounts cannot create invitations`;
  return warn(detail, 'if create fails, use a key that a user owns');
}

/** Roles that are known to allow invitations; whether others do is not documented. */
const invitingRoles = ['OrganizationAdmin', 'AccountAdmin', 'EnvironmentAdmin', 'CloudClusterAdmin'];

/** Checked by the roles, since only an invitation would show it for certain. */
export async function checkCreate(context: DoctorContext): Promise<CheckOutcome> {
  const [api, identity] = [await context.api(), await context.remote()];
  if (api === undefined) return undefined;
  if (identity === undefined) return pass('yes, the sandbox allows everything');
  if (identity.kind === 'token') return untried('the API does not name the owner of an access token', poolPermission);
  if (identity.kind === 'pool') return untried(await poolRoles(api, identity.identity_pool_id), poolRemedy);
  const owner = (await context.keyDetails())?.owner?.id;
  if (owner === undefined) return untried('the API does not name the owner of the key', permission);
  const roles = await rolesOf(api, owner);
  if (roles === undefined) return untried('the roles of its owner are not visible', permission);
  const all = roles.map(roleOn).join(', ');
  if (roles.some(({ role_name }) => invitingRoles.includes(role_name)))
    return pass(`yes, ${owner} has the role${roles.length === 1 ? '' : 's'} ${all}`);
  const only = all === '' ? '' : ` (only ${all})`;
  const why = `${owner} has no role of its own that is known to allow it${only}, but a group of theirs may`;
  return untried(why, permission);
}

function untried(why: string, remedy: string): Finding {
  return warn(`unknown until tried: ${why}`, `if create is refused, ${remedy}`);
}

const poolPermission = 'grant its identity pool the role OrganizationAdmin or AccountAdmin';
const poolRemedy = `${poolPermission}; if it stays refused, use the key of a user`;

async function poolRoles(api: Api, pool: string): Promise<string> {
  const roles = await rolesOf(api, pool);
  const all =
    roles === undefined ? 'its roles are not visible' : `its roles: ${roles.map(roleOn).join(', ') || 'none'}`;
  return `whether an identity pool may invite is not documented; ${all}`;
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
