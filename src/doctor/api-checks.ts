import { quotasClient } from '../confluent/quotas.ts';
import type { CliError } from '../errors.ts';
import type { Api } from '../http/api.ts';
import { parseJson } from '../http/body.ts';
import { failureOf } from '../http/failure.ts';
import type { Response } from '../http/send.ts';
import { invitationsClient } from '../invitations/client.ts';
import { explainKeyRefusal, explainTokenRefusal } from '../profiles/auth-errors.ts';
import { durationInWords } from '../text/durations.ts';
import { attempt, type Check, type CheckOutcome, fail, failed, pass, warn } from './check.ts';
import type { DoctorContext } from './doctor-context.ts';

/** Milliseconds after which an answer is slow. */
const slow = 3000;

const question = { method: 'GET', path: '/iam/v2/invitations' } as const;

/** Statuses by which the API itself says no; anything else that is no success is no answer of it. */
const refusals = [401, 403];

export const responseCheck: Check = {
  id: 'answer',
  title: 'API answers',
  run: async (patient) => {
    const probe = await patient.probe();
    if ('failure' in probe) return unanswered(patient, probe.failure);
    const { response, milliseconds } = probe.value;
    if (response.status >= 300 && !refusals.includes(response.status)) return failed(failureOf(question, response));
    const json = await attempt(() => (response.status < 300 ? parseJson(response) : undefined));
    if ('failure' in json) return failed(json.failure, 'log in to the network, or check the endpoint and the proxy');
    const detail = `HTTP ${response.status} in ${Math.round(milliseconds)} ms`;
    return milliseconds > slow
      ? warn(`${detail}, which is slow`, 'check the network, the VPN and the proxy')
      : pass(detail);
  },
};

/** Says nothing where an earlier check has named the cause. */
async function unanswered(patient: DoctorContext, failure: CliError): Promise<CheckOutcome> {
  const identity = await patient.identity();
  const greeting = await patient.greeting();
  const proxy = await patient.proxy();
  if ('failure' in identity || 'failure' in proxy || greeting?.problem !== undefined) return undefined;
  // A secret that cannot be had and a rate limit have checks of their own.
  if (failure.code === 'auth_invalid' || failure.code === 'rate_limited') return undefined;
  return failed(
    failure,
    failure.details.hints === undefined ? 'try again later; --debug shows what is sent' : undefined,
  );
}

/** Milliseconds that a clock may be off before it is worth a word, and before times cannot be relied on. */
const skews = { noticed: 30_000, wrong: 300_000 };

export const clockCheck: Check = {
  id: 'clock',
  title: 'clock',
  run: async (patient) => {
    const probe = await patient.probe();
    if ('failure' in probe) return undefined;
    const { response, time } = probe.value;
    const server = Date.parse(response.headers.get('date') ?? '');
    if (Number.isNaN(server)) return undefined;
    const skew = time - server;
    // The header counts whole seconds.
    if (Math.abs(skew) < 2000) return pass('agrees with the server');
    const detail = `${durationInWords(Math.abs(skew))} ${skew > 0 ? 'ahead of' : 'behind'} the server`;
    if (Math.abs(skew) < skews.noticed) return pass(detail);
    const why = `${detail}: invitations seem to expire at the wrong time, and certificates to be out of date`;
    const remedy = 'set the clock of this machine: timedatectl set-ntp true, or the time settings of the system';
    return Math.abs(skew) < skews.wrong ? warn(why, remedy) : fail('config_invalid', why, remedy);
  },
};

export const keyCheck: Check = {
  id: 'key',
  title: 'API key',
  run: async (patient) => {
    const probe = await patient.probe();
    if ('failure' in probe) return probe.failure.code === 'auth_invalid' ? failed(probe.failure) : undefined;
    const { response } = probe.value;
    const refusal = refusalIn(response);
    const identity = await patient.remote();
    const isToken = identity?.kind === 'token';
    if (refusal?.code !== 'auth_invalid') {
      const detail = isToken ? 'the access token is accepted' : 'accepted';
      return response.status < 300 || refusal !== undefined ? pass(detail) : undefined;
    }
    return failed(
      isToken ? explainTokenRefusal(refusal, identity, patient.ctx.host.clock.now()) : explainKeyRefusal(refusal),
    );
  },
};

export const listCheck: Check = {
  id: 'may_list',
  title: 'may list',
  run: async (patient) => {
    const probe = await patient.probe();
    if ('failure' in probe) return undefined;
    const refusal = refusalIn(probe.value.response);
    if (refusal?.code === 'forbidden') return failed(refusal, permission);
    return refusal === undefined && probe.value.response.status < 300 ? pass('yes') : undefined;
  },
};

export const permission = 'give the owner of the key the role OrganizationAdmin or AccountAdmin';

export const rateCheck: Check = {
  id: 'rate_limit',
  title: 'rate limit',
  run: async (patient) => {
    const probe = await patient.probe();
    if ('failure' in probe) return probe.failure.code === 'rate_limited' ? failed(probe.failure) : undefined;
    const { headers } = probe.value.response;
    const [limit, left, reset] = ['limit', 'remaining', 'reset'].map((name) =>
      numberIn(headers, `x-ratelimit-${name}`),
    );
    if (limit === undefined || left === undefined) return pass('the API does not say what is left');
    const when = reset === undefined ? '' : `, full again in ${reset} s`;
    const detail = `${left} of ${limit} requests left${when}`;
    return left * 10 < limit ? warn(detail, 'wait, or use a lower INVITE_CONCURRENCY') : pass(detail);
  },
};

function refusalIn(response: Response): CliError | undefined {
  return refusals.includes(response.status) ? failureOf(question, response) : undefined;
}

function numberIn(headers: Response['headers'], name: string): number | undefined {
  const text = headers.get(name) ?? '';
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** Both count: neither has been accepted, and neither has ended. */
const counted = ['INVITE_STATUS_SENT', 'INVITE_STATUS_STAGED'];

export const quotaCheck: Check = {
  id: 'quota',
  title: 'quota',
  run: async (patient) => {
    const api = await patient.api();
    if (api === undefined) return undefined;
    const limit = await quotasClient(api).pendingInvitations();
    if (limit === undefined) return pass('the API does not say how many invitations may be pending');
    const pending = await attempt(() => pendingIn(api, patient.ctx.host.clock.now));
    if ('failure' in pending) return pass(`${limit} invitations may be pending`);
    const left = Math.max(0, limit - pending.value);
    const detail = `${pending.value} of ${limit} pending invitations used, ${left} left`;
    const remedy = 'invite delete --status expired, or ask Confluent for a higher limit';
    if (left === 0) return fail('quota_exceeded', detail, remedy);
    return left * 10 < limit ? warn(detail, remedy) : pass(detail);
  },
};

/** Each status by itself, for the API filters by one. */
async function pendingIn(api: Api, now: () => number): Promise<number> {
  let count = 0;
  for (const status of counted) {
    for await (const batch of invitationsClient(api, now).list({ status: [status] })) count += batch.length;
  }
  return count;
}
