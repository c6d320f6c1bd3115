import type { ApiRequest, ReadHandler } from './endpoint.ts';
import { badRequest, forbidden, missing, notFound } from './error-responses.ts';
import { ok } from './http.ts';
import { organization } from './initial-state.ts';
import { pendingQuota } from './invitations.ts';
import { page } from './pages.ts';
import { apiKeyOf, organizationOf, quotaOf } from './resources.ts';
import { Collection } from './state.ts';

/** Only the organization that the key belongs to. */
export const listOrganizations: ReadHandler = (request) => {
  const organizations = collectionOf([{ id: organization.id }]);
  return page(request, {
    api_version: 'org/v2',
    kind: 'OrganizationList',
    path: '/org/v2/organizations',
    maximum: 100,
    scan: ({ after }) => organizations.after(after ?? -1),
    matches: () => true,
    resource: () => organizationOf(request.base, request.settings),
  });
};

export const getOrganization: ReadHandler = (request) => {
  if (request.id !== organization.id) return missing(request.settings.missing_reads);
  return ok(JSON.stringify(organizationOf(request.base, request.settings)));
};

/** The quotas of the organization; like the real API, without their usage. */
export const listQuotas: ReadHandler = (request) => {
  const scope = request.query.get('scope');
  if (!scope) return badRequest('The parameter scope is required', 'scope');
  const quotas = collectionOf(scope.toUpperCase() === 'ORGANIZATION' ? quotasOf(request) : []);
  return page(request, {
    api_version: 'service-quota/v1',
    kind: 'AppliedQuotaList',
    path: '/service-quota/v1/applied-quotas',
    maximum: 200,
    filters: ['scope', 'id', 'environment', 'network', 'kafka_cluster', 'identity_provider', 'certificate_authority'],
    scan: ({ after }) => quotas.after(after ?? -1),
    matches: ({ id }, query) => (query.get('id') || id) === id,
    resource: (row) => quotaOf(row, request.base),
  });
};

export const getQuota: ReadHandler = (request) => {
  const quota = quotasOf(request).find(({ id }) => id === request.id);
  return quota === undefined ? notFound : ok(JSON.stringify(quotaOf(quota, request.base)));
};

interface Quota {
  readonly id: string;
  readonly display_name: string;
  readonly default_limit: number;
  readonly applied_limit: number;
}

function quotasOf({ settings }: ApiRequest): Quota[] {
  const standard = (id: string, display_name: string, default_limit: number, applied_limit = default_limit): Quota => ({
    ...{ id, display_name, default_limit, applied_limit },
  });
  return [
    standard(pendingQuota, 'Pending invitations in an organization', 150, settings.quota),
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

/** The API keys of the organization, or of one owner. */
export const listApiKeys: ReadHandler = (request) => {
  if (request.settings.api_keys !== 'readable') return forbidden('Forbidden Access');
  return page(request, {
    api_version: 'iam/v2',
    kind: 'ApiKeyList',
    path: '/iam/v2/api-keys',
    maximum: 100,
    filters: ['spec.owner', 'spec.resource', 'show_expired'],
    scan: ({ after }) => request.state.keys.after(after ?? -1),
    matches: ({ owner, resource }, query) =>
      (query.get('spec.owner') || owner) === owner && (query.get('spec.resource') || resource) === resource,
    resource: (row) => apiKeyOf(row, request.base),
  });
};

export const getApiKey: ReadHandler = (request) => {
  const isOwn = request.id === request.caller.api_key;
  if (request.settings.api_keys === 'forbidden' || (request.settings.api_keys === 'own_only' && !isOwn)) {
    return forbidden('Forbidden Access');
  }
  const row = request.state.keys.get(request.id);
  return row === undefined ? missing(request.settings.missing_reads) : ok(JSON.stringify(apiKeyOf(row, request.base)));
};
