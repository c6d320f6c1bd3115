import { isDeepStrictEqual } from 'node:util';
import { CliCommand, type CommandFactory, type ConfirmationOptions } from '../../cli/command.ts';
import type { Context } from '../../cli/context.ts';
import { CliError } from '../../errors.ts';
import { type Config, findProfile, parseProfileName, sandboxName } from '../../profiles/profile.ts';
import { changedMeanwhile, describeProfile, profileRecord, profileView } from './list.ts';
import { refuseProfileOption } from './use.ts';

export const authLogoutCommand: CommandFactory = (bind) =>
  new CliCommand('logout')
    .summary('remove a profile')
    .description('Remove a profile and its secret from this machine. The API key itself remains valid.')
    .argument('[name]', 'the name of the profile (default: the current one)')
    .addConfirmationOptions()
    .addExamples('invite auth logout', 'invite auth logout work --yes')
    .action(bind(logout));

async function logout(
  ctx: Context,
  typed: string | undefined,
  { yes = false, dryRun = false }: ConfirmationOptions,
): Promise<void> {
  ctx.expect(profileView);
  refuseProfileOption(ctx, typed);
  const before = ctx.store().read();
  const name = chosenName(typed ?? ctx.globals.profile ?? before.current);
  const profile = findProfile(before, name);
  const isPool = 'identity_pool_id' in profile;
  const what = describeProfile(profile);
  const message = `remove the profile "${name}" (${what})${isPool ? '' : ' and its secret'}?`;
  const removed = { ...profileRecord(before, name), current: false, secret: 'removed' as const };
  if (dryRun) return ctx.show(profileView, removed);
  // Without a terminal there is no question: nothing is lost that could not be stored again.
  const isAnswered = yes || ctx.prompter() === undefined;
  await ctx.confirm({ message, answered: isAnswered });
  await ctx.store().update((config) => {
    if (!isAnswered && !isDeepStrictEqual(findProfile(config, name), profile)) throw changedMeanwhile('remove', name);
    return without(config, name);
  });
  const rest = isPool ? '' : `; its ${what} remains valid until it is deleted in Confluent Cloud`;
  ctx.say(`removed the profile "${name}"${rest}`);
  if (before.current === name) ctx.say(`hint: ${nextCommand(without(before, name))}`);
  await ctx.show(profileView, removed);
}

/** The command that makes another profile the current one, or stores one. */
function nextCommand({ profiles }: Config): string {
  const names = Object.keys(profiles);
  const [next] = names.includes('default') ? ['default'] : names;
  return next === undefined ? 'invite auth login' : `invite auth use ${next}`;
}

function chosenName(typed: string | undefined): string {
  if (typed === undefined) {
    const hints = ['name one: invite auth logout NAME', 'list the profiles: invite auth list'];
    throw new CliError('profile_not_found', 'there is no current profile', { hints });
  }
  if (typed !== sandboxName) return parseProfileName(typed);
  const hints = ['delete its content: invite sandbox reset'];
  throw new CliError('usage', 'cannot remove the profile "sandbox"', { reason: 'it is built in', hints });
}

function without(config: Config, name: string): Config {
  findProfile(config, name);
  const { current, ...rest } = config;
  const { [name]: _, ...profiles } = config.profiles;
  return { ...rest, ...(current === undefined || current === name ? {} : { current }), profiles };
}
