import type { Role } from './roles.ts';

const kinds = { lkc: 'cloud-cluster', lsrc: 'schema-registry', lksqlc: 'ksql' } as const;

/** The Confluent Resource Name that a short scope stands for; a full one stays as it is. */
export function crnOf({ scope }: Role, organization: string): string {
  if (scope?.startsWith('crn:')) return scope;
  const root = `crn://confluent.cloud/organization=${organization}`;
  if (scope === undefined) return root;
  const [environment, cluster, inside] = scope.split('/');
  if (cluster === undefined) return `${root}/environment=${environment}`;
  const kind = kinds[cluster.slice(0, cluster.indexOf('-')) as keyof typeof kinds];
  // A topic or a group lives in the cluster's Kafka, which has a segment of its own.
  const kafka = inside !== undefined && kind === 'cloud-cluster' ? `/kafka=${cluster}` : '';
  return `${root}/environment=${environment}/${kind}=${cluster}${kafka}${inside === undefined ? '' : `/${inside}`}`;
}

/** What a CRN reaches, without the organization that it begins with: `environment=env-abc`. */
export function placeIn(crn: string): string {
  return /^crn:\/\/[^/]+\/organization=[^/]+\/(.+)$/s.exec(decodedCrn(crn))?.[1] ?? 'the organization';
}

/** The organization's id out of any CRN, such as an invitation's `metadata.resource_name`. */
export function organizationIn(crn: string): string | undefined {
  return /^crn:\/\/[^/]+\/organization=([^/]+)/.exec(decodedCrn(crn))?.[1];
}

/** The form in which two CRNs, or two principals, can be compared: the API may write `%3A` for `:`. */
export function decodedCrn(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
