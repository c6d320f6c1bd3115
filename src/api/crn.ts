import { CliError } from '../errors.ts';
import { textAt } from '../text/json-fields.ts';
import { formatRole, type Role } from './roles.ts';

const kinds = { lkc: 'cloud-cluster', lsrc: 'schema-registry', lksqlc: 'ksql' } as const;

/** The Confluent Resource Name of an organization. */
export function organizationCrn(organization: string): string {
  return `crn://confluent.cloud/organization=${organization}`;
}

/** The Confluent Resource Name of a scope such as `env-abc/lkc-123`; a full one is returned unchanged. */
export function crnOf({ scope }: Role, organization: string): string {
  if (scope?.startsWith('crn:')) return scope;
  const root = organizationCrn(organization);
  if (scope === undefined) return root;
  const [environment, cluster, resource] = scope.split('/');
  if (cluster === undefined) return `${root}/environment=${environment}`;
  const kind = kinds[cluster.slice(0, cluster.indexOf('-')) as keyof typeof kinds];
  // Topics and consumer groups are below the cluster's Kafka, which has a segment of its own.
  const kafka = resource !== undefined && kind === 'cloud-cluster' ? `/kafka=${cluster}` : '';
  return `${root}/environment=${environment}/${kind}=${cluster}${kafka}${resource === undefined ? '' : `/${resource}`}`;
}

/** A CRN without the organization at its beginning: `environment=env-abc`. */
export function placeIn(crn: string): string {
  return /^crn:\/\/[^/]+\/organization=[^/]+\/(.+)$/s.exec(decodedCrn(crn))?.[1] ?? 'the organization';
}

const inEnvironment =
  /^environment=([^/]+)(?:\/(?:cloud-cluster|schema-registry|ksql)=([^/]+)(?:\/kafka=[^/]+)?(?:\/([^/]+))?)?$/;

/** `environment=env-abc/cloud-cluster=lkc-123` as `env-abc/lkc-123`; undefined for another place. */
export function shortPlace(place: string): string | undefined {
  const found = inEnvironment.exec(place);
  return found
    ?.slice(1)
    .filter((part) => part !== undefined)
    .join('/');
}

/** Whether it is the organization itself, and nothing inside it. */
function isOrganization(crn: string): boolean {
  return /^crn:\/\/[^/]+\/organization=[^/]+\/?$/.test(decodedCrn(crn));
}

/** A role that was granted, or may be, with what it holds for: `OrganizationAdmin on the organization`. */
export function roleOn({
  role_name,
  crn_pattern,
}: {
  readonly role_name: string;
  readonly crn_pattern: string;
}): string {
  return `${role_name} on ${placeIn(crn_pattern)}`;
}

/** For people, who are to see how far a role reaches: `MetricsViewer on the organization`, `Operator@env-abc`. */
export function shownRole(role: Role): string {
  const isWhole = role.scope === undefined || (role.scope.startsWith('crn:') && isOrganization(role.scope));
  return isWhole ? `${role.role_name} on the organization` : formatRole(role);
}

/** Throws `usage` if the scope of a role is in another organization than the one that it is granted in. */
export function checkOrganization({ role_name, scope = '' }: Role, organization: string): void {
  const named = organizationIn(scope);
  if (named === undefined || named.toLowerCase() === organization.toLowerCase()) return;
  throw new CliError('usage', `"${role_name}@${scope}" is a role of another organization`, {
    reason: `this is ${organization}`,
    target: scope,
  });
}

/** The id of the organization of an invitation, or of another resource, by its resource name. */
export function organizationBehind(resource: unknown): string | undefined {
  return organizationIn(textAt(resource, 'metadata', 'resource_name') ?? '');
}

/** The organization's id in any CRN. */
export function organizationIn(crn: string): string | undefined {
  return /^crn:\/\/[^/]+\/organization=([^/]+)/.exec(decodedCrn(crn))?.[1];
}

/**
 * A CRN or principal in the form in which two can be compared: the API may return `%3A` for `:`. Bytes that are not
 * UTF-8 stay encoded.
 */
export function decodedCrn(text: string): string {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (bytes) => {
    try {
      return decodeURIComponent(bytes);
    } catch {
      return bytes;
    }
  });
}
