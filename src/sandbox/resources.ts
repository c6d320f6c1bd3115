import type { Invitation } from '../invitations/invitation.ts';
import { organizationCrn as crn, organization } from './initial-state.ts';
import type { ApiKeyRow, BindingRow, InvitationRow, UserRow } from './rows.ts';
import type { Settings } from './settings.ts';

/** The origin of links: the one that the client connected to. */
type Base = string;

export function invitationOf(
  row: InvitationRow,
  base: Base,
  settings: Pick<Settings, 'accepted_at_unset'>,
): Invitation {
  const { id, email, auth_type, status, expires_at, created_at, updated_at, deleted_at } = row;
  return {
    api_version: 'iam/v2',
    kind: 'Invitation',
    id,
    email,
    auth_type,
    status: `INVITE_STATUS_${status}`,
    ...acceptedAt(row.accepted_at, settings.accepted_at_unset),
    expires_at,
    user: userReference(row.user, base),
    creator: userReference(row.creator, base),
    metadata: {
      self: `${base}/iam/v2/invitations/${id}`,
      resource_name: `${crn}/invitation=${id}`,
      created_at,
      updated_at,
      ...(deleted_at === undefined ? {} : { deleted_at }),
    },
  };
}

function acceptedAt(time: string | undefined, unset: Settings['accepted_at_unset']): Record<string, unknown> {
  if (time !== undefined) return { accepted_at: time };
  if (unset === 'absent') return {};
  return { accepted_at: unset === 'null' ? null : '0001-01-01T00:00:00+00:00' };
}

function userReference(id: string, base: Base): Record<string, unknown> {
  const [kind, path] = id.startsWith('sa-') ? ['ServiceAccount', 'service-accounts'] : ['User', 'users'];
  const type = kind === 'User' ? 'user' : 'service-account';
  return {
    api_version: 'iam/v2',
    kind,
    id,
    related: `${base}/iam/v2/${path}/${id}`,
    resource_name: `crn://confluent.cloud/${type}=${id}`,
  };
}

export function userOf(row: UserRow, base: Base): Record<string, unknown> {
  const { id, email, full_name, auth_type, created_at, updated_at = created_at } = row;
  const metadata = {
    self: `${base}/iam/v2/users/${id}`,
    resource_name: `${crn}/user=${id}`,
    created_at,
    updated_at,
  };
  return { api_version: 'iam/v2', kind: 'User', id, email, full_name, auth_type, metadata };
}

export function bindingOf(
  row: BindingRow,
  base: Base,
  { crn_colon }: Pick<Settings, 'crn_colon'>,
): Record<string, unknown> {
  const { id, principal, role_name, created_at } = row;
  const crn_pattern = crn_colon === 'encoded' ? row.crn_pattern.replace(/(?<!^crn):/g, '%3A') : row.crn_pattern;
  const metadata = {
    self: `${base}/iam/v2/role-bindings/${id}`,
    resource_name: `${crn}/rolebinding=${id}`,
    created_at,
  };
  return { api_version: 'iam/v2', kind: 'RoleBinding', id, metadata, principal, role_name, crn_pattern };
}

export function apiKeyOf(row: ApiKeyRow, base: Base): Record<string, unknown> {
  const { id, owner, resource, display_name, created_at } = row;
  const self = `${base}/iam/v2/api-keys/${id}`;
  const metadata = { self, resource_name: `${crn}/api-key=${id}`, created_at, updated_at: created_at };
  const spec = { display_name, owner: userReference(owner, base), resource: keyResource(resource, base) };
  return { api_version: 'iam/v2', kind: 'ApiKey', id, metadata, spec };
}

function keyResource(id: string, base: Base): Record<string, unknown> {
  if (id === 'cloud') {
    return {
      api_version: 'iam/v2',
      kind: 'Cloud',
      id,
      related: `${base}/iam/v2/api-keys`,
      resource_name: `${crn}/cloud`,
    };
  }
  const related = `${base}/cmk/v2/clusters/${id}`;
  return { api_version: 'cmk/v2', kind: 'Cluster', id, related, resource_name: `${crn}/cloud-cluster=${id}` };
}

export function organizationOf(base: Base, { sso }: Pick<Settings, 'sso'>): Record<string, unknown> {
  const { id, display_name, created_at } = organization;
  const self = `${base}/org/v2/organizations/${id}`;
  const metadata = { self, resource_name: crn, created_at, updated_at: created_at };
  return { api_version: 'org/v2', kind: 'Organization', id, metadata, display_name, jit_enabled: sso === 'yes' };
}

export function quotaOf(
  quota: { id: string; display_name: string; default_limit: number; applied_limit: number },
  base: Base,
): Record<string, unknown> {
  const self = `${base}/service-quota/v1/applied-quotas/${quota.id}`;
  const of = { id: organization.id, related: `${base}/org/v2/organizations/${organization.id}`, resource_name: crn };
  return {
    api_version: 'service-quota/v1',
    kind: 'AppliedQuota',
    ...quota,
    metadata: { self, resource_name: `${crn}/applied-quota=${quota.id}` },
    scope: 'ORGANIZATION',
    organization: of,
  };
}
