import type { Role } from './roles.ts';

const kinds = { lkc: 'cloud-cluster', lsrc: 'schema-registry', lksqlc: 'ksql' } as const;

/** The Confluent Resource Name of a scope such as `env-abc/lkc-123`; a full one is returned unchanged. */
export function crnOf({ scope }: Role, organization: string): string {
  if (scope?.startsWith('crn:')) return scope;
  const root = `crn://confluent.cloud/organization=${organization}`;
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

/** The organization's id in any CRN, such as an invitation's `metadata.resource_name`. */
export function organizationIn(crn: string): string | undefined {
  return /^crn:\/\/[^/]+\/organization=([^/]+)/.exec(decodedCrn(crn))?.[1];
}

/** A CRN or principal in the form in which two can be compared: the API may return `%3A` for `:`. */
export function decodedCrn(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
