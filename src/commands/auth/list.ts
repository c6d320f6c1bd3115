import { CliCommand, type CommandFactory } from '../../cli/command.ts';
import type { Context } from '../../cli/context.ts';
import { inOneBatch } from '../../cli/printer.ts';
import { profileRecords, profileView } from './profile-view.ts';

export const authListCommand: CommandFactory = (bind) =>
  new CliCommand('list')
    .alias('ls')
    .summary('list the profiles')
    .description('List the stored profiles and the built-in sandbox.')
    .addExamples('invite auth list', 'invite auth list -o id')
    .action(bind(listProfiles));

async function listProfiles(ctx: Context): Promise<void> {
  await ctx.list(profileView, inOneBatch(profileRecords(ctx.store().read())));
}
