import { Option } from 'commander';
import { misspelledAmong, misspelledLines, parseDomains, refuseExternal } from '../api/email.ts';
import { requireOrganization } from '../api/organizations.ts';
import { rolesClient } from '../api/role-bindings.ts';
import { isKnownRole, isTypo, knownRoles, nearestRoles, parseRole, type Role } from '../api/roles.ts';
import { CliError, ifPossible } from '../errors.ts';
import { profileOf } from '../profiles/profile.ts';
import { didYouMean } from '../text/suggest.ts';
import type { CliCommand } from './command.ts';
import type { Context } from './context.ts';

/** `--role`, which may be given several times, or with commas between the roles. */
export function roleOption<T>(description: string, parse: (text: string) => T): Option {
  return new Option('--role <role[@scope]>', `${description} (repeatable, or with commas)`).argParser(
    (text: string, before: readonly T[] | undefined) => [
      ...(before ?? []),
      // The name of a topic or a group in a scope may have a comma, too.
      ...text.split(/,\s*(?=[A-Z][A-Za-z]+(?:@|,|$))/).map(parse),
    ],
  );
}

export function allowUnknownRolesOption(): Option {
  return new Option('--allow-unknown-roles', 'grant roles whose names are not known, as they are');
}

/** Throws one `usage` for all names that are neither predefined nor held by anybody in the organization. */
export async function refuseUnknownRoles(ctx: Context, names: Iterable<string>): Promise<void> {
  const typed = [...new Set(names)];
  const slips = typed.filter(isTypo);
  // A slip of the hand is seen without asking anybody.
  refuse(slips.length > 0 ? slips : await unknownRoles(ctx, typed));
}

/** Throws one `usage` for all names that are not predefined, without asking the API whether somebody holds them. */
export function refuseForeignRoles(names: Iterable<string>, ways?: readonly string[]): void {
  refuse(
    [...new Set(names)].filter((name) => !isKnownRole(name)),
    ways,
  );
}

function refuse([first, ...more]: readonly string[], ways = unknownRoleHints): void {
  if (first === undefined) return;
  const hints =
    more.length === 0 ? [nearestRoles(first)] : [first, ...more].map((name) => `"${name}": ${nearestRoles(name)}`);
  throw new CliError('usage', `unknown role ${[first, ...more].map((name) => `"${name}"`).join(', ')}`, {
    hints: [...hints, ...ways],
    target: first,
  });
}

/** What to do about a role name that nobody knows, beside correcting it. */
const unknownRoleHints: readonly string[] = ['--allow-unknown-roles sends it as it is', 'invite help roles'];

/**
 * Those of the names that are neither predefined nor held by anybody in the organization. Where that cannot be asked,
 * only the predefined ones are known.
 */
export async function unknownRoles(ctx: Context, names: Iterable<string>): Promise<string[]> {
  const foreign = [...new Set(names)].filter((name) => !isKnownRole(name));
  const held = foreign.length === 0 ? new Set() : await heldNames(ctx, foreign);
  return foreign.filter((name) => !held.has(name));
}

/** Of more names than these, all role bindings are read at once. */
const fewNames = 3;

async function heldNames(ctx: Context, names: readonly string[]): Promise<ReadonlySet<string>> {
  const held = new Set<string>();
  try {
    const api = await ctx.api();
    const [roles, { id }] = [rolesClient(api), await requireOrganization(api)];
    if (names.length > fewNames) await roles.readAll(id, ({ role_name }) => held.add(role_name));
    else for (const name of names) if (await roles.isHeld(name, id)) held.add(name);
  } catch (error) {
    if (!(error instanceof CliError) || error.code === 'cancelled') throw error;
  }
  return held;
}

/** Throws `usage` for a typing error of a known name, which is seen without asking anybody. */
export function refuseTypo(name: string): void {
  if (isTypo(name)) throw new CliError('usage', `unknown role "${name}"`, { hints: didYouMean(name, knownRoles) });
}

export function parseUnmistaken(text: string): Role {
  const role = parseRole(text);
  refuseTypo(role.role_name);
  return role;
}

export interface DomainOptions {
  readonly allowedDomains?: readonly string[] | undefined;
  readonly allowExternal?: boolean;
}

export function addDomainOptions(command: CliCommand): CliCommand {
  const allowed = new Option('--allowed-domains <domain,...>', 'refuse addresses of other domains');
  return command
    .addOption(allowed.argParser(parseDomains))
    .addOption(new Option('--allow-external', 'allow addresses of other domains, too'));
}

/** The only domains that may be mailed: those of the flag, else those of the profile. Undefined if all may. */
export function allowedDomains(ctx: Context, { allowedDomains: typed, allowExternal }: DomainOptions) {
  if (allowExternal === true) return undefined;
  if (typed !== undefined) return typed;
  // Where there are no credentials, whatever needs them says so.
  const { profile, kind } = ifPossible(() => ctx.identity()) ?? {};
  if (profile === undefined || kind === 'sandbox') return undefined;
  return profileOf(ctx.store().read(), profile)?.allowed_domains;
}

/** Throws `invalid_email` for other domains; asks about those that look misspelled, or warns where nobody is asked. */
export async function checkDomains(
  ctx: Context,
  emails: readonly string[],
  options: DomainOptions & { readonly yes?: boolean; readonly dryRun?: boolean },
): Promise<void> {
  const allowed = allowedDomains(ctx, options);
  refuseExternal(emails, allowed);
  const lines = misspelledLines(misspelledAmong(emails, allowed));
  const isAsked = lines.length > 0 && options.yes !== true && options.dryRun !== true && ctx.prompter() !== undefined;
  if (isAsked) await ctx.confirm({ lines: [...lines, 'invite as typed?'], answered: false });
  else for (const line of lines) ctx.say(`warning: ${line}`);
}
