import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { type Config, findProfile, parseProfileName, sandboxName } from '../../profiles/profile.ts';
import { shortKeyId } from '../../profiles/secret.ts';
import { type CommandFactory, dryRunOption, examples, yesOption } from '../shared/command.ts';
import { profileView, profileRecord } from '../shared/profile-view.ts';
import { refuseProfileOption } from './use.ts';

export const authLogoutCommand: CommandFactory = (bind) =>
  new Command('logout')
    .summary('forget a profile')
    .description('Remove a profile and its secret from this machine. The key itself goes on working.')
    .argument('[name]', 'the profile; the current one if left out')
    .addOption(yesOption())
    .addOption(dryRunOption())
    .addHelpText('after', examples('invite auth logout', 'invite auth logout work --yes'))
    .action(bind(logout));

export async function logout(
  ctx: Context,
  typed: string | undefined,
  { yes = false, dryRun = false }: { yes?: boolean; dryRun?: boolean },
): Promise<void> {
  ctx.expect(profileView);
  refuseProfileOption(ctx, typed);
  const before = ctx.store().read();
  const name = nameOf(typed ?? ctx.globals.profile ?? before.current);
  const { api_key } = findProfile(before, name);
  const message = `remove the profile "${name}" (key ${shortKeyId(api_key)}) and its secret?`;
  const removed = { ...profileRecord(before, name), current: false, secret: 'removed' as const };
  if (dryRun) return ctx.show(profileView, removed);
  // A script that types this means it: nothing is lost that could not be stored again.
  await ctx.confirm({ message, flag: '--yes', answered: yes || ctx.prompter() === undefined });
  await ctx.store().update((config) => without(config, name));
  ctx.say(
    `removed the profile "${name}"; its key ${shortKeyId(api_key)} goes on working until it is deleted in Confluent Cloud`,
  );
  if (before.current === name) ctx.say(`hint: ${wayOn(without(before, name))}`);
  await ctx.show(profileView, removed);
}

/** The command that makes another profile the current one, or stores one. */
function wayOn({ profiles }: Config): string {
  const names = Object.keys(profiles);
  const [next] = names.includes('default') ? ['default'] : names;
  return next === undefined ? 'invite auth login' : `invite auth use ${next}`;
}

function nameOf(asked: string | undefined): string {
  if (asked === undefined) {
    const hints = ['name one: invite auth logout NAME', 'see them all: invite auth list'];
    throw new CliError('profile_not_found', 'there is no current profile', { hints });
  }
  if (asked !== sandboxName) return parseProfileName(asked);
  const hints = ['forget what is in it: invite sandbox reset'];
  throw new CliError('usage', 'cannot remove the profile "sandbox"', { reason: 'it is built in', hints });
}

function without(config: Config, name: string): Config {
  findProfile(config, name);
  const { current, ...rest } = config;
  const { [name]: _, ...profiles } = config.profiles;
  return { ...rest, ...(current === undefined || current === name ? {} : { current }), profiles };
}
