import { invitationsClient } from '../api/invitations.ts';
import { listOrganizations, pendingInvitationQuota } from '../api/organizations.ts';
import { rolesClient } from '../api/role-bindings.ts';
import { type BoundRole, roleOn } from '../api/roles.ts';
import { type ApiKey, apiKeysClient } from '../api/users.ts';
import type { Connection } from '../cli/connection.ts';
import type { Context } from '../cli/context.ts';
import { CliError } from '../errors.ts';
import { type TimeoutOptions, untilAborted, withTimeout } from '../host/timeout.ts';
import { type Api, checkPage, createApi, parseJson } from '../http/api.ts';
import { failureOf, unlessFailed } from '../http/failure.ts';
import { rateIn } from '../http/rate-limiter.ts';
import type { Response, Send } from '../http/send.ts';
import type { Identity, RemoteIdentity } from '../profiles/profile.ts';
import { explainKeyRefusal, explainRefusal } from '../profiles/resolve.ts';
import { durationInWords, formatSecond } from '../text/times.ts';
import { type Attempt, attempt, type Check, type Finding, fail, failed, pass, stepLimit, warn } from './finding.ts';

export function unanswered(failure: CliError): Check {
  if (failure.code === 'auth_invalid') return ['key', () => failed(failure)];
  if (failure.code === 'rate_limited')
    return ['rate_limit', () => failed(failure, 'wait: others may use the same key')];
  return ['answer', () => noAnswer(failure)];
}

function noAnswer(failure: CliError): Finding {
  const hasHints = (failure.details.hints ?? []).length > 0;
  return hasHints ? failed(failure) : failed(failure, 'try again later; --debug logs the requests');
}

export async function* askApi(
  ctx: Context,
  identity: Identity,
  { send, expiresAt }: Connection,
): AsyncGenerator<Check> {
  const { now } = ctx.host.clock;
  if (identity.kind === 'pool') {
    const expiry = await attempt(() => withTimeout(stepLimit(ctx), (until) => untilAborted(expiresAt(), until)));
    yield ['token', () => checkToken(identity.identity_pool_id, expiry)];
    if ('failure' in expiry) return;
  }
  const limited = withStepLimit(ctx, send);
  const found = await attempt(() => probe(limited, ctx));
  if ('failure' in found) return yield unanswered(found.failure);
  const { refusal } = found.value;
  const answer = await checkResponse(found.value);
  yield ['answer', () => answer];
  yield ['clock', () => checkClock(found.value)];
  if (answer.status === 'fail') return;
  yield ['key', () => checkKey(found.value, identity, now())];
  if (refusal === undefined) yield* askForRights(identity, createApi(limited), now);
  if (refusal?.code === 'forbidden') yield ['may_list', () => failed(refusal, permission)];
  yield ['rate_limit', () => checkRate(found.value)];
}

/** What the credentials may do, once it is known that they may list invitations. */
async function* askForRights(identity: Identity, api: Api, now: () => number): AsyncGenerator<Check> {
  const key = identity.kind === 'key' ? await unlessFailed(apiKeysClient(api).get(identity.api_key)) : undefined;
  if (identity.kind !== 'sandbox') yield ['key_owner', () => checkOwner(identity, key)];
  yield ['organization', () => checkOrganization(api)];
  yield ['may_list', () => pass('yes')];
  yield ['may_create', () => checkCreate(api, identity, key?.owner?.id)];
  yield ['quota', () => checkQuota(api, now)];
}

/** Milliseconds that a request which was refused once because of the rate limit may wait and take. */
const secondTimeout = 9000;

/**
 * Gives every request its own timeout. One refusal because of the rate limit says only that others use the same key: it is
 * a finding if the second attempt, which waits as long as the API asks, fails too.
 */
function withStepLimit(ctx: Context, send: Send): Send {
  return async (request) => {
    const attempt = (limit: TimeoutOptions) => withTimeout(limit, (signal) => send({ ...request, signal }));
    try {
      return await attempt(stepLimit(ctx));
    } catch (refusal) {
      if (!(refusal instanceof CliError) || refusal.code !== 'rate_limited') throw refusal;
      return await attempt({ ...stepLimit(ctx), milliseconds: secondTimeout }).catch(() => {
        throw refusal;
      });
    }
  };
}

/** A request for one page of the list, whose response most checks of the API use. */
interface Probe {
  readonly response: Response;
  /** If the API itself refuses the request; other failures may come from a proxy in between. */
  readonly refusal: CliError | undefined;
  /** From the request to the last byte, including the connection. */
  readonly milliseconds: number;
  /** Milliseconds since 1970 by this machine, half-way between request and response. */
  readonly time: number;
}

const listRequest = { method: 'GET', path: '/iam/v2/invitations' } as const;

async function probe(send: Send, { host: { clock } }: Context): Promise<Probe> {
  const start = clock.monotonic();
  const started = clock.now();
  // Without a page_size, which an API may find too large.
  const response = await send(listRequest);
  const refusal = [401, 403].includes(response.status) ? failureOf(listRequest, response) : undefined;
  return { response, refusal, milliseconds: clock.monotonic() - start, time: (started + clock.now()) / 2 };
}

/** The exchange of an identity pool's token; its failure says what is missing, or what the server answered. */
function checkToken(pool: string, expiry: Attempt<number | undefined>): Finding {
  if ('failure' in expiry) {
    const { failure } = expiry;
    // Without the advice to run what is running.
    return failed(failure.with({ hints: failure.details.hints?.filter((hint) => !hint.includes('invite doctor')) }));
  }
  const until = expiry.value === undefined ? '' : `, valid until ${formatSecond(expiry.value)}`;
  return pass(`exchanged for an access token of ${pool}${until}`);
}

/** Milliseconds after which a response is slow. */
const slow = 3000;

async function checkResponse({ response, refusal, milliseconds }: Probe): Promise<Finding> {
  if (response.status >= 300 && refusal === undefined) return noAnswer(failureOf(listRequest, response));
  const page = await attempt(() => (response.status < 300 ? checkPage(parseJson(response)) : undefined));
  if ('failure' in page) return failed(page.failure, 'log in to the network, or check the endpoint and the proxy');
  const detail = `HTTP ${response.status} in ${Math.round(milliseconds)} ms`;
  return milliseconds > slow
    ? warn(`${detail}, which is slow`, 'check the network, the VPN and the proxy')
    : pass(detail);
}

/** The clock skew in milliseconds that the Date header cannot tell from none, that is a warning, and that is a failure. */
const skewLimits = { unseen: 2000, warn: 30_000, fail: 300_000 };

/** Undefined if the answer does not say what time it is. */
function checkClock({ response, time }: Probe): Finding | undefined {
  const server = Date.parse(response.headers.get('date') ?? '');
  if (Number.isNaN(server)) return undefined;
  // The header is cut to whole seconds.
  const skew = time - server - 500;
  if (Math.abs(skew) < skewLimits.unseen) return pass('in sync with the server');
  // The two hours of a wrong time zone are never measured in full.
  const rounded = Math.round(Math.abs(skew) / skewLimits.unseen) * skewLimits.unseen;
  const detail = `${durationInWords(rounded)} ${skew > 0 ? 'ahead of' : 'behind'} the server`;
  if (Math.abs(skew) < skewLimits.warn) return pass(detail);
  const why = `${detail}: valid certificates and tokens may be taken for expired, or not yet valid`;
  const remedy = 'set the clock of this machine: timedatectl set-ntp true, or in the system settings';
  return Math.abs(skew) < skewLimits.fail ? warn(why, remedy) : fail('config_invalid', why, remedy);
}

function checkKey({ refusal }: Probe, identity: Identity, now: number): Finding {
  const isKey = identity.kind === 'sandbox' || identity.kind === 'key';
  if (refusal?.code !== 'auth_invalid') return pass(isKey ? 'accepted' : 'the access token is accepted');
  const explained = explainRefusal(refusal, identity, now);
  return failed(isKey ? explainKeyRefusal(explained) : explained);
}

const permission = 'grant the owner of the key the role OrganizationAdmin or AccountAdmin';

function checkRate({ response }: Probe): Finding {
  const [limit, left, reset] = rateIn(response);
  if (limit === undefined || left === undefined) return pass('the API does not report how many requests are left');
  const when = reset === undefined ? '' : `, full again in ${reset} s`;
  const detail = `${left} of ${limit} requests left${when}`;
  return left * 10 < limit ? warn(detail, 'wait, or use a lower INVITE_CONCURRENCY') : pass(detail);
}

/** The statuses that count towards the quota. */
const counted = ['INVITE_STATUS_SENT', 'INVITE_STATUS_STAGED'];

async function checkQuota(api: Api, now: () => number): Promise<Finding> {
  const limit = await pendingInvitationQuota(api);
  if (limit === undefined) return pass('the API does not report how many invitations may be pending');
  const pending = await unlessFailed(pendingIn(api, now));
  if (pending === undefined) return pass(`${limit} invitations may be pending`);
  const left = Math.max(0, limit - pending);
  const detail = `${pending} of ${limit} pending invitations used, ${left} left`;
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

async function checkOrganization(api: Api): Promise<Finding> {
  const found = await attempt(() => listOrganizations(api, { act: 'list organizations' }));
  const remedy = 'until then, roles need full CRNs as their scope';
  if ('failure' in found) return warn(`unknown: ${failed(found.failure).detail}`, remedy);
  return found.value.length === 0
    ? warn('the API lists none', remedy)
    : pass(found.value.map(({ id }) => id).join(', '));
}

/** Without `details` if the key may not be read. */
function checkOwner(identity: RemoteIdentity, details?: ApiKey): Finding {
  if (identity.kind === 'token') return pass('unknown: the API does not name the owner of an access token');
  if (identity.kind === 'pool') return pass(`identity pool ${identity.identity_pool_id}`);
  const { owner, resource } = details ?? {};
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
async function checkCreate(api: Api, identity: Identity, owner: string | undefined): Promise<Finding> {
  if (identity.kind === 'sandbox') return pass('yes, the sandbox allows everything');
  if (identity.kind === 'token') return untried('the API does not name the owner of an access token', poolPermission);
  if (identity.kind === 'pool') return untried(await poolRoles(api, identity.identity_pool_id), poolRemedy);
  if (owner === undefined) return untried('the API does not name the owner of the key', permission);
  const roles = await unlessFailed(rolesOf(api, owner));
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
  const roles = await unlessFailed(rolesOf(api, pool));
  const all =
    roles === undefined ? 'its roles are not visible' : `its roles: ${roles.map(roleOn).join(', ') || 'none'}`;
  return `whether an identity pool may invite is not documented; ${all}`;
}

async function rolesOf(api: Api, owner: string): Promise<BoundRole[]> {
  const client = rolesClient(api);
  const roles: BoundRole[] = [];
  for (const { id } of await listOrganizations(api)) roles.push(...(await client.of(owner, id)));
  return roles;
}
