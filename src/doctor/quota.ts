import type { Api } from '../http/api.ts';
import { invitationsClient } from '../invitations/client.ts';
import { quotasClient } from '../quotas/client.ts';
import { attempt, type Check, fail, pass, warn } from './check.ts';

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
