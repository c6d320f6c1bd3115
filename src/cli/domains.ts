import { Option } from 'commander';
import { misspelledAmong, misspelledLines, parseDomains, refuseExternal } from '../api/email.ts';
import { CliError } from '../errors.ts';
import { profileOf } from '../profiles/profile.ts';
import type { CliCommand } from './command.ts';
import type { Context } from './context.ts';

export interface DomainOptions {
  readonly allowedDomains?: readonly string[] | undefined;
  readonly allowExternal?: boolean;
}

/** Adds what every command takes that mails somebody. */
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
  const name = profileInUse(ctx);
  return name === undefined ? undefined : profileOf(ctx.store().read(), name)?.allowed_domains;
}

/** Undefined also where there are no credentials: whatever needs them says so. */
function profileInUse(ctx: Context): string | undefined {
  try {
    const { profile, kind } = ctx.identity();
    return kind === 'sandbox' ? undefined : profile;
  } catch (error) {
    if (error instanceof CliError) return undefined;
    throw error;
  }
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
  if (isAsked) await ctx.confirm({ message: [...lines, 'invite as typed?'].join('\n'), answered: false });
  else for (const line of lines) ctx.say(`warning: ${line}`);
}
