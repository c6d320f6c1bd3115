import { CliCommand, type CommandFactory, type ConfirmationOptions } from '../../cli/command.ts';
import { type Context, requirePrompter } from '../../cli/context.ts';
import { CliError } from '../../errors.ts';
import { parseProfileName } from '../../profiles/profile.ts';
import { setVariables } from '../../profiles/resolve.ts';
import { clean } from '../../text/sanitize.ts';
import { type ProfileRecord, profileRecord, profileRecords, profileView } from './list.ts';

export const authUseCommand: CommandFactory = (bind) =>
  new CliCommand('use')
    .summary('make a profile the current one')
    .description('Make a profile the default where no option or environment variable gives other credentials.')
    .argument('[name]', 'the name of the profile; prompted for if omitted; "sandbox" is built in')
    .addConfirmationOptions()
    .addExamples('invite auth use', 'invite auth use work', 'invite auth use sandbox')
    .action(bind(useProfile));

async function useProfile(
  ctx: Context,
  typed: string | undefined,
  { dryRun = false }: ConfirmationOptions,
): Promise<void> {
  ctx.expect(profileView);
  refuseProfileOption(ctx, typed);
  const name = parseProfileName(typed ?? ctx.globals.profile ?? (await pickProfile(ctx)));
  if (dryRun) return ctx.show(profileView, profileRecord(ctx.store().read(), name));
  const saved = await ctx.store().update((config) => {
    profileRecord(config, name);
    return { ...config, current: name };
  });
  warnIfShadowed(ctx, name);
  await ctx.show(profileView, profileRecord(saved, name));
}

async function pickProfile(ctx: Context): Promise<string> {
  const missing = 'the name of the profile is missing, and prompts are not possible here';
  const prompter = requirePrompter(ctx, missing, ['invite auth use NAME', 'list the profiles: invite auth list']);
  const profiles = profileRecords(ctx.store().read());
  const choices = profiles.map((profile) => ({ name: lineOf(profile), value: profile.profile }));
  const { askOne } = await import('../../terminal/prompt.ts');
  return askOne(prompter, 'use which profile?', choices);
}

/** `work  ABCD…5678  https://api.confluent.cloud  current` */
function lineOf({ profile, api_key, identity_pool_id, endpoint, current }: ProfileRecord): string {
  return clean(
    [profile, api_key ?? identity_pool_id ?? 'built in', endpoint ?? [], current ? 'current' : []].flat().join('  '),
  );
}

/** The argument and the option must not name different profiles. */
export function refuseProfileOption({ globals }: Context, typed: string | undefined): void {
  if (typed === undefined || globals.profile === undefined || globals.profile === typed) return;
  const hints = ['name the profile once'];
  throw new CliError('usage', `"${typed}" and --profile "${globals.profile}" contradict each other`, { hints });
}

/** Environment variables take precedence over the current profile. */
export function warnIfShadowed({ host: { env }, say }: Context, name: string): void {
  const overriding = [...setVariables(env), ...(env.INVITE_PROFILE ? ['INVITE_PROFILE'] : [])];
  if (overriding.length > 0 && env.INVITE_PROFILE !== name) {
    say(`"${name}" is the current profile, but ${overriding.join(' and ')} in the environment takes precedence`);
  }
}
