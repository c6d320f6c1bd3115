import { Collection } from './collection.ts';
import { organization } from './identifiers.ts';
import { pendingQuota } from './invitations.ts';
import { page } from './page.ts';
import { badRequest } from './refusals.ts';
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
    resource: () => organizationOf(ask.base),
  });
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
    scan: ({ place }) => quotas.after(place ?? -1),
    matches: ({ id }, query) => (query.get('id') || id) === id,
    resource: (row) => quotaOf(row, ask.base),
  });
};

function quotasOf({ switches }: Ask): { id: string; display_name: string; applied_limit: number }[] {
  return [
    { id: pendingQuota, display_name: 'Pending invitations in an organization', applied_limit: switches.quota },
    { id: 'iam.max_users.per_org', display_name: 'Users in an organization', applied_limit: 1000 },
    { id: 'iam.max_cloud_api_keys.per_org', display_name: 'Cloud API keys in an organization', applied_limit: 1000 },
  ];
}

function collectionOf<T extends { readonly id: string }>(rows: readonly T[]): Collection<T> {
  const collection = new Collection<T>();
  for (const row of rows) collection.put(row);
  return collection;
}
