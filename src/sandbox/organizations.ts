import { badRequest, forbidden, missing, notFound } from './error-responses.ts';
import { type ApiRequest, ok, type ReadHandler } from './http.ts';
import { organization } from './identifiers.ts';
import { pendingQuota } from './invitations.ts';
import { page } from './pages.ts';
import { apiKeyOf, organizationOf, quotaOf } from './resources.ts';
import { Collection } from './state.ts';

/** The one organization that the key belongs to. */
export const listOrganizations: ReadHandler = (ask) => {
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

export const getOrganization: ReadHandler = (ask) => {
  if (ask.id !== organization.id) return missing(ask.switches.missing_reads);
  return ok(JSON.stringify(organizationOf(ask.base, ask.switches)));
};

/** The limits of the organization; how much of them is used is not told, as in the real API. */
export const listQuotas: ReadHandler = (ask) => {
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

export const getQuota: ReadHandler = (ask) => {
  const quota = quotasOf(ask).find(({ id }) => id === ask.id);
  return quota === undefined ? notFound : ok(JSON.stringify(quotaOf(quota, ask.base)));
};

interface Quota {
  readonly id: string;
  readonly display_name: string;
  readonly default_limit: number;
  readonly applied_limit: number;
}

function quotasOf({ switches }: ApiRequest): Quota[] {
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

/** All of the organization, or those of one owner. */
export const listApiKeys: ReadHandler = (ask) => {
  if (ask.switches.api_keys !== 'readable') return forbidden('Forbidden Access');
  return page(ask, {
    api_version: 'iam/v2',
    kind: 'ApiKeyList',
    path: '/iam/v2/api-keys',
    maximum: 100,
    filters: ['spec.owner', 'spec.resource', 'show_expired'],
    scan: ({ place }) => ask.state.keys.after(place ?? -1),
    matches: ({ owner, resource }, query) =>
      (query.get('spec.owner') || owner) === owner && (query.get('spec.resource') || resource) === resource,
    resource: (row) => apiKeyOf(row, ask.base),
  });
};

export const getApiKey: ReadHandler = (ask) => {
  const isOwn = ask.id === ask.caller.api_key;
  if (ask.switches.api_keys === 'forbidden' || (ask.switches.api_keys === 'own_only' && !isOwn)) {
    return forbidden('Forbidden Access');
  }
  const row = ask.state.keys.get(ask.id);
  return row === undefined ? missing(ask.switches.missing_reads) : ok(JSON.stringify(apiKeyOf(row, ask.base)));
};
