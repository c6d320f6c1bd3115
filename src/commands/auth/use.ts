import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { parseProfileName, sandboxName } from '../../profiles/profile.ts';
import { setVariables } from '../../profiles/resolve.ts';
import { clean } from '../../text/sanitize.ts';
import { type CommandFactory, dryRunOption, examples, yesOption } from '../shared/command.ts';
import { profileView, type ProfileRecord, profileRecord } from '../shared/profile-view.ts';

export const authUseCommand: CommandFactory = (bind) =>
  new Command('use')
    .summary('make a profile the current one')
    .description('Make a profile the one that is used when nothing else says who you are.')
    .argument('[name]', 'the profile; asked for if left out; "sandbox" is built in')
    .addOption(yesOption())
    .addOption(dryRunOption())
    .addHelpText('after', examples('invite auth use', 'invite auth use work', 'invite auth use sandbox'))
    .action(bind(useProfile));

export async function useProfile(
  ctx: Context,
  typed: string | undefined,
  { dryRun = false }: { dryRun?: boolean },
): Promise<void> {
  ctx.expect(profileView);
  refuseProfileOption(ctx, typed);
  const name = parseProfileName(typed ?? ctx.globals.profile ?? (await pickProfile(ctx)));
  if (dryRun) return ctx.show(profileView, profileRecord(ctx.store().read(), name));
  await ctx.store().update((config) => {
    profileRecord(config, name);
    return { ...config, current: name };
  });
  warnIfShadowed(ctx, name);
  await ctx.show(profileView, profileRecord(ctx.store().read(), name));
}

async function pickProfile(ctx: Context): Promise<string> {
  const desk = ctx.prompter();
  if (desk === undefined) {
    const hints = ['invite auth use NAME', 'see them all: invite auth list'];
    throw new CliError('usage', 'which profile? None was named, and nobody can be asked here', { hints });
  }
  const config = ctx.store().read();
  const profiles = [...Object.keys(config.profiles), sandboxName].map((name) => profileRecord(config, name));
  const choices = profiles.map((one) => ({ name: lineOf(one), value: one.profile }));
  const { askChoice, askText } = await import('../../terminal/prompt.ts');
  if (ctx.host.env.ACCESSIBLE === undefined) return askChoice(desk, 'use which profile?', choices);
  ctx.say(choices.map(({ name }) => name).join('\n'));
  return askText(desk, 'use which profile?');
}

/** `work  ABCD…5678  https://api.confluent.cloud  current` */
function lineOf({ profile, api_key, endpoint, current }: ProfileRecord): string {
  return clean([profile, api_key ?? 'built in', endpoint ?? [], current ? 'current' : []].flat().join('  '));
}

/** Both at once would leave open which of them is meant. */
export function refuseProfileOption({ globals }: Context, typed: string | undefined): void {
  if (typed === undefined || globals.profile === undefined || globals.profile === typed) return;
  const hints = ['name the profile once'];
  throw new CliError('usage', `"${typed}" and --profile "${globals.profile}" contradict each other`, { hints });
}

/** The current profile counts only where nothing in the environment goes before it. */
export function warnIfShadowed({ host: { env }, say }: Context, name: string): void {
  const before = [...setVariables(env), ...(env.INVITE_PROFILE ? ['INVITE_PROFILE'] : [])];
  if (before.length > 0 && env.INVITE_PROFILE !== name) {
    say(`"${name}" is the current profile, but ${before.join(' and ')} in the environment goes before it`);
  }
}
