import { CliError } from '../errors.ts';
import type { Api } from '../http/api.ts';

/** The id in the specification, and the one that the API uses. */
const pendingInvitations = /^(?:iam\.max_pending_invitations\.per_org|invitations_per_org)/;

interface Quotas {
  /** The number of invitations that may be pending in the organization; undefined if the API does not say. */
  pendingInvitations(): Promise<number | undefined>;
}

export function quotasClient(api: Api): Quotas {
  return {
    pendingInvitations: async () => {
      try {
        for await (const page of api.pages('/service-quota/v1/applied-quotas', { query: { scope: 'ORGANIZATION' } })) {
          const limit = page.map(limitIn).find((one) => one !== undefined);
          if (limit !== undefined) return limit;
        }
      } catch (error) {
        // Only used for a forecast: a key may be allowed to invite and not to see quotas.
        if (!(error instanceof CliError)) throw error;
      }
      return undefined;
    },
  };
}

function limitIn(quota: unknown): number | undefined {
  if (typeof quota !== 'object' || quota === null) return undefined;
  const { id, applied_limit: limit } = quota as { id?: unknown; applied_limit?: unknown };
  const isPending = typeof id === 'string' && pendingInvitations.test(id);
  return isPending && typeof limit === 'number' && Number.isFinite(limit) ? limit : undefined;
}
