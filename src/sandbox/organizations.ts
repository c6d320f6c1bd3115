import { ok } from './answer.ts';
import { Collection } from './collection.ts';
import { organization } from './identifiers.ts';
import { pendingQuota } from './invitations.ts';
import { page } from './page.ts';
import { badRequest, missing, notFound } from './refusals.ts';
import { organizationOf, quotaOf } from './resources.ts';
import type { Ask, Look } from './rule.ts';

/** The one organization that the key belongs to. */
export const listOrganizations: Look = (ask) => {
  const organizations = collectionOf([{ id: organization.id }]);
  return page(ask, {
    api_version: 'org/v2',
    kind: 'OrganizationList',
    path: '/org/v2/organizations',
    maximum: 100,
    scan: ({ place }) => organizations.after(place ?? -1),
    matches: () => true,
    resource: () => organizationOf(ask.base, ask.switches),
  });
};

export const getOrganization: Look = (ask) => {
  if (ask.id !== organization.id) return missing(ask.switches.missing_reads);
  return ok(JSON.stringify(organizationOf(ask.base, ask.switches)));
};

/** The limits of the organization; how much of them is used is not told, as in the real API. */
export const listQuotas: Look = (ask) => {
  const scope = ask.query.get('scope');
  if (!scope) return badRequest('The parameter scope is required', 'scope');
  const quotas = collectionOf(scope.toUpperCase() === 'ORGANIZATION' ? quotasOf(ask) : []);
  return page(ask, {
    api_version: 'service-quota/v1',
    kind: 'AppliedQuotaList',
    path: '/service-quota/v1/applied-quotas',
    maximum: 200,
    filters: ['scope', 'id', 'environment', 'network', 'kafka_cluster', 'identity_provider', 'certificate_authority'],
    scan: ({ place }) => quotas.after(place ?? -1),
    matches: ({ id }, query) => (query.get('id') || id) === id,
    resource: (row) => quotaOf(row, ask.base),
  });
};

export const getQuota: Look = (ask) => {
  const quota = quotasOf(ask).find(({ id }) => id === ask.id);
  return quota === undefined ? notFound : ok(JSON.stringify(quotaOf(quota, ask.base)));
};

interface Quota {
  readonly id: string;
  readonly display_name: string;
  readonly default_limit: number;
  readonly applied_limit: number;
}

function quotasOf({ switches }: Ask): Quota[] {
  const standard = (id: string, display_name: string, default_limit: number, applied_limit = default_limit): Quota => ({
    ...{ id, display_name, default_limit, applied_limit },
  });
  return [
    standard(pendingQuota, 'Pending invitations in an organization', 150, switches.quota),
    standard('iam.max_users.per_org', 'Users in an organization', 1000),
    standard('iam.max_rbac_role_bindings_all_roles.per_org', 'Role bindings in an organization', 250_000),
    standard('iam.max_cloud_api_keys.per_org', 'Cloud API keys in an organization', 1000),
  ];
}

function collectionOf<T extends { readonly id: string }>(rows: readonly T[]): Collection<T> {
  const collection = new Collection<T>();
  for (const row of rows) collection.put(row);
  return collection;
}
