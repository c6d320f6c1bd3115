import { CliError } from '../errors.ts';
import { lazyPattern } from '../text/sanitize.ts';
import { didYouMean } from '../text/suggest.ts';

/** A role asked for: `EnvironmentAdmin@env-abc`. */
export interface Role {
  readonly role_name: string;
  /** As typed after the `@`; undefined means the whole organization. */
  readonly scope?: string;
}

/** Confluent's predefined RBAC roles. The list is not complete: the API decides. */
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

/** Throws `usage` on a name that looks like a typo of a known one, and on what cannot be a scope. */
export function parseRole(text: string): Role {
  const at = text.indexOf('@');
  const role_name = (at < 0 ? text : text.slice(0, at)).trim();
  const scope = at < 0 ? undefined : text.slice(at + 1).trim();
  checkName(role_name, text);
  if (scope === '') throw new CliError('usage', `"${text}" has no scope after the @`, { hints: forms });
  if (scope !== undefined) checkScope(role_name, scope);
  checkRequiredScope(role_name, scope);
  return { role_name, ...(scope === undefined ? {} : { scope }) };
}

export function formatRole({ role_name, scope }: Role): string {
  return scope === undefined ? role_name : `${role_name}@${scope}`;
}

const forms = [
  'OrganizationAdmin',
  'EnvironmentAdmin@env-abc',
  'CloudClusterAdmin@env-abc/lkc-123',
  'DeveloperRead@crn://confluent.cloud/organization=…',
].map((form) => `--role ${form}`);

/** Throws `usage` on what cannot be a name, and on what looks like a typo of a known one. */
export function checkName(name: string, text = name): void {
  if (!/^[A-Za-z][A-Za-z0-9_-]{0,99}$/.test(name)) {
    throw new CliError('usage', `"${text}" is not a role`, { hints: forms });
  }
  if (knownRoles.some((known) => known === name)) return;
  const hints = didYouMean(name, knownRoles);
  // Any other name may be a new role: the API decides.
  if (hints.length > 0) throw new CliError('usage', `unknown role "${name}"`, { hints });
}

const envPart = 'env-[A-Za-z0-9]+';
const crnScope = lazyPattern(String.raw`^crn://[^\s\p{C}]{1,2000}$`, 'u');
const resource = '[a-z][a-z-]*=[^/\\s]+';
const shortScope = new RegExp(`^${envPart}(?:/(?:lkc|lsrc|lksqlc)-[A-Za-z0-9]+(?:/${resource})?)?$`);

function checkScope(name: string, scope: string): void {
  if (crnScope().test(scope) || shortScope.test(scope)) return;
  throw new CliError('usage', `"${scope}" is not a scope for ${name}`, { hints: forms });
}

/** Two roles have a documented scope. Checked before the mail is sent, which cannot be taken back. */
function checkRequiredScope(name: string, scope: string | undefined): void {
  if (name === 'EnvironmentAdmin' && scope === undefined) {
    throw new CliError('usage', 'the role "EnvironmentAdmin" needs an environment', {
      hints: ['--role EnvironmentAdmin@env-abc'],
    });
  }
  const isCluster = scope !== undefined && (scope.startsWith('crn:') || scope.includes('/'));
  if (name === 'CloudClusterAdmin' && !isCluster) {
    throw new CliError('usage', 'the role "CloudClusterAdmin" needs an environment and a cluster', {
      hints: ['--role CloudClusterAdmin@env-abc/lkc-123'],
    });
  }
}
