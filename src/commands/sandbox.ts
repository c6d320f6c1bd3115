import { invitationView } from '../api/invitation.ts';
import { CliCommand, type CommandDefinition, type CommandFactory, type ConfirmationOptions } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { sandboxAddCommand } from './sandbox/add.ts';
import { sandboxOf, sandboxResultView } from './sandbox/open.ts';
import { sandboxSeedCommand } from './sandbox/seed.ts';
import { sandboxStartCommand } from './sandbox/start.ts';

export const definition: CommandDefinition = (command, bind) => {
  const subcommands = [sandboxStartCommand, sandboxSeedCommand, sandboxAddCommand, accept, expire, reset];
  for (const subcommand of subcommands) command.addCommand(subcommand(bind));
  return command.description(
    'Manage the built-in imitation of the Confluent Cloud API, whose state is a local file. Use it with "-p sandbox".',
  );
};

const accept: CommandFactory = (bind) =>
  new CliCommand('accept')
    .summary('accept an invitation')
    .description('Accept a pending invitation in place of its recipient, who becomes a member. No mail is involved.')
    .argument('<email>', 'the e-mail of the invitation')
    .addConfirmationOptions()
    .addExamples('invite sandbox accept ann@example.com', 'invite sandbox accept ann@example.com -o id')
    .action(bind((ctx, email: string, options: ConfirmationOptions) => change(ctx, 'accept', { ...options, email })));

const expire: CommandFactory = (bind) =>
  new CliCommand('expire')
    .summary('expire an invitation')
    .description('Make a pending invitation expire now.')
    .argument('<email>', 'the e-mail of the invitation')
    .addConfirmationOptions()
    .addExamples('invite sandbox expire ann@example.com')
    .action(bind((ctx, email: string, options: ConfirmationOptions) => change(ctx, 'expire', { ...options, email })));

const reset: CommandFactory = (bind) =>
  new CliCommand('reset')
    .summary('delete all data of the sandbox')
    .description('Delete all data of the sandbox, even if its file is damaged.')
    .addConfirmationOptions()
    .addExamples('invite sandbox reset', 'invite sandbox reset --yes')
    .action(bind(resetSandbox));

async function change(
  ctx: Context,
  what: 'accept' | 'expire',
  { email, dryRun = false }: ConfirmationOptions & { readonly email: string },
): Promise<void> {
  ctx.expect(invitationView(ctx.now));
  const sandbox = await sandboxOf(ctx);
  const changed = await (dryRun ? sandbox.dryRun : sandbox)[what](email);
  await ctx.show(invitationView(ctx.now), changed);
  if (dryRun) ctx.say('dry run: nothing was changed');
}

async function resetSandbox(ctx: Context, { yes = false, dryRun = false }: ConfirmationOptions): Promise<void> {
  ctx.expect(sandboxResultView);
  if (dryRun) return ctx.show(sandboxResultView, { outcome: 'reset', dry_run: true });
  const message = `delete all invitations, members and role bindings of the sandbox in ${ctx.host.stateDir}?`;
  // The data are not real, so a script need not pass --yes.
  await ctx.confirm({ message, answered: yes || ctx.prompter() === undefined });
  const sandbox = await sandboxOf(ctx);
  await sandbox.reset();
  await ctx.show(sandboxResultView, { outcome: 'reset' });
}
