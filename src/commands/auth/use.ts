import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { parseProfileName } from '../../profiles/profile.ts';
import { dryRunOption, examples, type Mount, yesOption } from '../mount.ts';
import { profileView, shown } from './profile-view.ts';

export const authUseCommand: Mount = (bind) =>
  new Command('use')
    .summary('make a profile the current one')
    .description('Make a profile the one that is used when nothing else says who you are.')
    .argument('<name>', 'the profile; "sandbox" is built in')
    .addOption(yesOption())
    .addOption(dryRunOption())
    .addHelpText('after', examples('invite auth use work', 'invite auth use sandbox'))
    .action(bind(useProfile));

export async function useProfile(ctx: Context, typed: string, { dryRun = false }: { dryRun?: boolean }): Promise<void> {
  ctx.expect(profileView);
  refuseProfileOption(ctx, typed);
  const name = parseProfileName(typed);
  if (dryRun) return ctx.show(profileView, shown(ctx.store().read(), name));
  await ctx.store().update((config) => {
    shown(config, name);
    return { ...config, current: name };
  });
  warnIfShadowed(ctx, name);
  await ctx.show(profileView, shown(ctx.store().read(), name));
}

/** Both at once would leave open which of them is meant. */
export function refuseProfileOption({ globals }: Context, typed: string | undefined): void {
  if (typed === undefined || globals.profile === undefined || globals.profile === typed) return;
  const hints = ['name the profile once'];
  throw new CliError('usage', `"${typed}" and --profile "${globals.profile}" contradict each other`, { hints });
}

/** The current profile counts only where nothing in the environment goes before it. */
export function warnIfShadowed({ host: { env }, say }: Context, name: string): void {
  const before = ['CONFLUENT_CLOUD_API_KEY', 'CONFLUENT_CLOUD_API_SECRET', 'INVITE_PROFILE'].filter((one) => env[one]);
  if (before.length > 0 && env.INVITE_PROFILE !== name) {
    say(`"${name}" is the current profile, but ${before.join(' and ')} in the environment goes before it`);
  }
}
