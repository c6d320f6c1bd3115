import { CliError } from '../errors.ts';
import type { Api } from '../http/api.ts';

/** The name of the specification, and the one that the API really uses. */
const pendingInvitations = /^(?:iam\.max_pending_invitations\.per_org|invitations_per_org)/;

export interface Quotas {
  /** How many invitations may be pending in the organization at once; undefined if the API does not say. */
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
        // It is only good to know: a key may invite without being allowed to see quotas.
        if (!(error instanceof CliError)) throw error;
      }
      return undefined;
    },
  };
}

function limitIn(quota: unknown): number | undefined {
  if (typeof quota !== 'object' || quota === null) return undefined;
  const { id, applied_limit: limit } = quota as { id?: unknown; applied_limit?: unknown };
  const isIt = typeof id === 'string' && pendingInvitations.test(id);
  return isIt && typeof limit === 'number' && Number.isFinite(limit) ? limit : undefined;
}
