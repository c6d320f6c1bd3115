import { CliError, ifPossible } from '../errors.ts';
import { textAt } from '../text/json-fields.ts';
import { lazyPattern } from '../text/sanitize.ts';
import { mostAlike, nearest, orList } from '../text/suggest.ts';

/** A role and its scope, as typed: `EnvironmentAdmin@env-abc`. */
export interface Role {
  readonly role_name: string;
  /** As typed after the `@`; undefined means the whole organization. */
  readonly scope?: string;
}

/**
 * The predefined RBAC roles of Confluent Cloud, as its documentation, CLI and Terraform provider name them on
 * `knownRolesDate`. The list of the API is open, so a role that somebody holds is known as well.
 */
export const knownRoles = [
  'OrganizationAdmin',
  'AccountAdmin',
  'BillingAdmin',
  'EnvironmentAdmin',
  'CloudClusterAdmin',
  'NetworkAdmin',
  'Operator',
  'MetricsViewer',
  'ResourceOwner',
  'ResourceKeyAdmin',
  'DeveloperRead',
  'DeveloperWrite',
  'DeveloperManage',
  'KsqlAdmin',
  'DataDiscovery',
  'DataSteward',
  'FlinkAdmin',
  'FlinkDeveloper',
  'Assigner',
  'ClusterLinkConnection',
] as const;

export const knownRolesDate = '2026-11-28';

/** The roles that can grant every other role. */
const adminRoles: ReadonlySet<string> = new Set(['OrganizationAdmin', 'AccountAdmin']);

/** Whether granting the role needs a confirmation of its own. */
export function isAdminRole(name: string): boolean {
  return adminRoles.has(name);
}

/** Throws `usage` if it cannot be a role, whatever its name, or the scope is not valid. */
export function parseRole(text: string): Role {
  const role = parsePlaceable(text);
  checkRequiredScope(role);
  return role;
}

/** The same of a role that gets its scope later. */
export function parsePlaceable(text: string): Role {
  const at = text.indexOf('@');
  const role_name = (at < 0 ? text : text.slice(0, at)).trim();
  const scope = at < 0 ? undefined : text.slice(at + 1).trim();
  checkName(role_name, text);
  if (scope === '') throw new CliError('usage', `"${text}" has no scope after the @`, { hints: scopeHints(role_name) });
  if (scope !== undefined) checkScope(role_name, scope);
  return { role_name, ...(scope === undefined ? {} : { scope }) };
}

export function formatRole({ role_name, scope }: Role): string {
  return scope === undefined ? role_name : `${role_name}@${scope}`;
}

/** Examples of roles; none grants more than reading, or managing one environment. */
const forms = ['DeveloperRead@env-abc/lkc-123', 'EnvironmentAdmin@env-abc', 'MetricsViewer'].map(
  (form) => `--role ${form}`,
);

const scopeForms = [
  'env-abc',
  'env-abc/lkc-123',
  'env-abc/lkc-123/topic=orders',
  'crn://confluent.cloud/organization=…',
];

const wholeOrganization = ['crn://confluent.cloud/organization=…'];

const formsOfRole: ReadonlyMap<string, readonly string[]> = new Map([
  ['OrganizationAdmin', wholeOrganization],
  ['AccountAdmin', wholeOrganization],
  ['BillingAdmin', wholeOrganization],
  ['EnvironmentAdmin', ['env-abc']],
  ['CloudClusterAdmin', ['env-abc/lkc-123']],
]);

/** The scopes that this role may have: a hint never suggests another role, which could grant more. */
function scopeHints(name: string): string[] {
  return (formsOfRole.get(name) ?? scopeForms).map((scope) => `--role ${name}@${scope}`);
}

export function resemblesRole(word: string): boolean {
  const [name = ''] = word.split('@');
  return isKnownRole(name) || (name.length > 4 && nearest(name, knownRoles) !== undefined);
}

/** The name alone, exactly as Confluent writes it. */
export function isKnownRole(name: string): boolean {
  return knownRoles.some((known) => known === name);
}

/** `did you mean "ResourceOwner", "Assigner" or "Operator"?`, the nearest known names of an unknown one. */
export function nearestRoles(name: string): string {
  const beginning = knownRoles.filter((known) => known.toLowerCase().startsWith(name.toLowerCase()));
  const close = beginning.length === 1 ? beginning[0] : nearest(name, knownRoles);
  const near = close === undefined ? mostAlike(name, knownRoles) : [close];
  return `did you mean ${orList(near.map((one) => `"${one}"`))}?`;
}

/** Whether an unknown name is a typing error of a known one, rather than a role that was added since. */
export function isTypo(name: string): boolean {
  return !isKnownRole(name) && nearest(name, knownRoles) !== undefined;
}

/** Throws `usage` for a name that cannot be that of a role. */
export function checkName(name: string, text = name): void {
  if (!/^[A-Za-z][A-Za-z0-9_-]{0,99}$/.test(name)) {
    throw new CliError('usage', `"${text}" is not a role`, { hints: forms });
  }
}

const envPart = 'env-[A-Za-z0-9]+';
const crnScope = lazyPattern(String.raw`^crn://[^\s\p{C}]{1,2000}$`, 'u');
const resource = '[a-z][a-z-]*=[^/\\s]+';
const shortScope = new RegExp(`^${envPart}(?:/(?:lkc|lsrc|lksqlc)-[A-Za-z0-9]+(?:/${resource})?)?$`);

function checkScope(name: string, scope: string): void {
  if (crnScope().test(scope) || shortScope.test(scope)) return;
  throw new CliError('usage', `"${scope}" is not a scope for ${name}`, {
    reason: 'a scope is an id as in env-abc or env-abc/lkc-123, or a full crn://…',
    hints: scopeHints(name),
  });
}

/** Throws `usage`: two roles have a documented scope. Checked before a mail is sent, which cannot be undone. */
export function checkRequiredScope({ role_name: name, scope = '' }: Role): void {
  const isCluster = scope.startsWith('crn:') || scope.includes('/');
  const needsCluster = name === 'CloudClusterAdmin' && !isCluster;
  if (!needsCluster && (name !== 'EnvironmentAdmin' || scope !== '')) return;
  const form = `${name}@${needsCluster ? 'env-abc/lkc-123' : 'env-abc'}`;
  throw new CliError('usage', `the role "${name}" needs an environment${needsCluster ? ' and a cluster' : ''}`, {
    reason: `as in ${form}`,
    hints: [`--role ${form}`],
  });
}

const kinds = { lkc: 'cloud-cluster', lsrc: 'schema-registry', lksqlc: 'ksql' } as const;

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
  const isInKafka = resource !== undefined && kind === 'cloud-cluster' && !resource.startsWith('kafka=');
  const kafka = isInKafka ? `/kafka=${cluster}` : '';
  return `${root}/environment=${environment}/${kind}=${cluster}${kafka}${resource === undefined ? '' : `/${resource}`}`;
}

/** A CRN without the organization at its beginning: `environment=env-abc`. */
export function placeIn(crn: string): string {
  return /^crn:\/\/[^/]+\/organization=[^/]+\/(.+)$/s.exec(decodedCrn(crn))?.[1] ?? 'the organization';
}

const inEnvironment =
  /^environment=([^/]+)(?:\/(?:cloud-cluster|schema-registry|ksql)=([^/]+)(?:(?:\/kafka=[^/]+)?\/([^/]+))?)?$/;

/** `environment=env-abc/cloud-cluster=lkc-123` as `env-abc/lkc-123`; undefined for another place. */
export function shortPlace(place: string): string | undefined {
  const parts = inEnvironment.exec(place)?.slice(1);
  const scope = parts?.filter((part) => part !== undefined).join('/');
  return scope !== undefined && placeOf(scope) === decodedCrn(place) ? scope : undefined;
}

function placeOf(scope: string): string {
  return placeIn(crnOf({ role_name: '', scope }, 'any'));
}

/** Whether a scope, short or a CRN, is the other one or inside of it. */
export function isInScope(scope: string, other: string): boolean {
  const [inner = '', outer] = [scope, other].map((one) => placeOf(one).toLowerCase());
  return inner === outer || outer === 'the organization' || inner.startsWith(`${outer}/`);
}

export interface BoundRole {
  readonly role_name: string;
  readonly crn_pattern: string;
}

/** A role that was granted, or may be, with what it holds for, if the API says so: `OrganizationAdmin on the organization`. */
export function roleOn({ role_name, crn_pattern }: BoundRole): string {
  return crn_pattern === '' ? role_name : `${role_name} on ${placeIn(crn_pattern)}`;
}

/**
 * The role as it may be typed, in the short form `EnvironmentAdmin@env-abc` if possible. Undefined if that cannot be
 * read, such as a role whose name looks like a misspelled known one.
 */
export function asTyped({ role_name, crn_pattern }: BoundRole): string | undefined {
  const crn = decodedCrn(crn_pattern);
  const organization = organizationIn(crn) ?? '';
  // A typed scope must not contain some characters.
  const encoded = crn.replace(loneSurrogate(), '\ufffd').replace(unwritable(), encodeURIComponent);
  for (const scope of [undefined, shortPlace(placeIn(crn)), encoded]) {
    const read = readBack(scope === undefined ? role_name : `${role_name}@${scope}`);
    if (read?.role_name === role_name && decodedCrn(crnOf(read, organization)) === crn) return formatRole(read);
  }
  return undefined;
}

/** The same; with the whole of its scope if that cannot be read again. */
export function typedRole(role: BoundRole): string {
  return asTyped(role) ?? `${role.role_name}@${role.crn_pattern}`;
}

function readBack(text: string): Role | undefined {
  const role = ifPossible(() => parseRole(text));
  return role === undefined || isTypo(role.role_name) ? undefined : role;
}

const loneSurrogate = lazyPattern(String.raw`\p{Cs}`, 'gu');
const unwritable = lazyPattern(String.raw`[%\s\p{C}]`, 'gu');

/** Throws `usage` if the scope of a role is in another organization than the one that it is granted in. */
export function checkOrganization({ role_name, scope = '' }: Role, organization: string): void {
  const named = organizationIn(scope);
  if (named === undefined || named.toLowerCase() === organization.toLowerCase()) return;
  throw new CliError('usage', `"${role_name}@${scope}" is a role of another organization`, {
    reason: `this is ${organization}`,
    target: scope,
  });
}

export function organizationBehind(resource: unknown): string | undefined {
  return organizationIn(textAt(resource, 'metadata', 'resource_name') ?? '');
}

export function organizationIn(crn: string): string | undefined {
  return /^crn:\/\/[^/]+\/organization=([^/]+)/.exec(decodedCrn(crn))?.[1];
}

/**
 * A CRN or principal in the form in which two can be compared: the API may return `%3A` for `:`. Bytes that are not
 * UTF-8 stay encoded.
 */
export function decodedCrn(text: string): string {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (bytes) => ifPossible(() => decodeURIComponent(bytes)) ?? bytes);
}
