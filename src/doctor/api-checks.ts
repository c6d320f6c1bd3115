import { invitationsClient } from '../api/client.ts';
import { pendingInvitationQuota } from '../api/organizations.ts';
import type { CliError } from '../errors.ts';
import type { Api } from '../http/api.ts';
import { parseJson } from '../http/body.ts';
import { failureOf } from '../http/failure.ts';
import type { Response } from '../http/send.ts';
import { explainKeyRefusal, explainRefusal } from '../profiles/auth-errors.ts';
import { durationInWords } from '../text/durations.ts';
import {
  attempt,
  type Check,
  type CheckOutcome,
  type DoctorContext,
  fail,
  failed,
  pass,
  warn,
} from './doctor-context.ts';

/** Milliseconds after which a response is slow. */
const slow = 3000;

const listRequest = { method: 'GET', path: '/iam/v2/invitations' } as const;

/** Statuses of a refusal by the API itself; other failures may come from a proxy in between. */
const refusals = [401, 403];

export const responseCheck: Check = {
  id: 'answer',
  title: 'API answers',
  run: async (context) => {
    const probe = await context.probe();
    if ('failure' in probe) return unanswered(context, probe.failure);
    const { response, milliseconds } = probe.value;
    if (response.status >= 300 && !refusals.includes(response.status)) return failed(failureOf(listRequest, response));
    const json = await attempt(() => (response.status < 300 ? parseJson(response) : undefined));
    if ('failure' in json) return failed(json.failure, 'log in to the network, or check the endpoint and the proxy');
    const detail = `HTTP ${response.status} in ${Math.round(milliseconds)} ms`;
    return milliseconds > slow
      ? warn(`${detail}, which is slow`, 'check the network, the VPN and the proxy')
      : pass(detail);
  },
};

/** No finding if an earlier check has reported the cause. */
async function unanswered(context: DoctorContext, failure: CliError): Promise<CheckOutcome> {
  const identity = await context.identity();
  const handshake = await context.handshake();
  const proxy = await context.proxy();
  if ('failure' in identity || 'failure' in proxy || handshake?.problem !== undefined) return undefined;
  if (await hasNoToken(context)) return undefined;
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

export const clockCheck: Check = {
  id: 'clock',
  title: 'clock',
  run: async (context) => {
    const probe = await context.probe();
    if ('failure' in probe) return undefined;
    const { response, time } = probe.value;
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
  },
};

export const keyCheck: Check = {
  id: 'key',
  title: 'API key',
  run: async (context) => {
    const probe = await context.probe();
    if ('failure' in probe) {
      const isOwn = probe.failure.code === 'auth_invalid' && !(await hasNoToken(context));
      return isOwn ? failed(probe.failure) : undefined;
    }
    const { response } = probe.value;
    const refusal = refusalIn(response);
    const identity = await context.remote();
    const isKey = identity === undefined || identity.kind === 'key';
    if (refusal?.code !== 'auth_invalid') {
      const detail = isKey ? 'accepted' : 'the access token is accepted';
      return response.status < 300 || refusal !== undefined ? pass(detail) : undefined;
    }
    return failed(isKey ? explainKeyRefusal(refusal) : explainRefusal(refusal, identity, context.ctx.host.clock.now()));
  },
};

export const listCheck: Check = {
  id: 'may_list',
  title: 'may list',
  run: async (context) => {
    const probe = await context.probe();
    if ('failure' in probe) return undefined;
    const refusal = refusalIn(probe.value.response);
    if (refusal?.code === 'forbidden') return failed(refusal, permission);
    return refusal === undefined && probe.value.response.status < 300 ? pass('yes') : undefined;
  },
};

export const permission = 'grant the owner of the key the role OrganizationAdmin or AccountAdmin';

export const rateCheck: Check = {
  id: 'rate_limit',
  title: 'rate limit',
  run: async (context) => {
    const probe = await context.probe();
    if ('failure' in probe) return probe.failure.code === 'rate_limited' ? failed(probe.failure) : undefined;
    const { headers } = probe.value.response;
    const [limit, left, reset] = ['limit', 'remaining', 'reset'].map((name) =>
      numberIn(headers, `x-ratelimit-${name}`),
    );
    if (limit === undefined || left === undefined) return pass('the API does not report how many requests are left');
    const when = reset === undefined ? '' : `, full again in ${reset} s`;
    const detail = `${left} of ${limit} requests left${when}`;
    return left * 10 < limit ? warn(detail, 'wait, or use a lower INVITE_CONCURRENCY') : pass(detail);
  },
};

function refusalIn(response: Response): CliError | undefined {
  return refusals.includes(response.status) ? failureOf(listRequest, response) : undefined;
}

function numberIn(headers: Response['headers'], name: string): number | undefined {
  const text = headers.get(name) ?? '';
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** The statuses that count towards the quota. */
const counted = ['INVITE_STATUS_SENT', 'INVITE_STATUS_STAGED'];

export const quotaCheck: Check = {
  id: 'quota',
  title: 'quota',
  run: async (context) => {
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
  },
};

/** One request for each status, since a request can filter by one only. */
async function pendingIn(api: Api, now: () => number): Promise<number> {
  let count = 0;
  for (const status of counted) {
    for await (const batch of invitationsClient(api, now).list({ status: [status] })) count += batch.length;
  }
  return count;
}
