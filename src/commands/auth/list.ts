import { Command } from 'commander';
import { inOneBatch } from '../../context/printer.ts';
import type { Context } from '../../context.ts';
import { sandboxName } from '../../profiles/profile.ts';
import { type CommandFactory, examples } from '../shared/command.ts';
import { profileRecord, profileView } from '../shared/profile-view.ts';

export const authListCommand: CommandFactory = (bind) =>
  new Command('list')
    .alias('ls')
    .summary('list the profiles')
    .description('List the stored profiles and the built-in sandbox.')
    .addHelpText('after', examples('invite auth list', 'invite auth list -o id'))
    .action(bind(listProfiles));

async function listProfiles(ctx: Context): Promise<void> {
  const config = ctx.store().read();
  const names = [...Object.keys(config.profiles), sandboxName];
  await ctx.list(profileView, inOneBatch(names.map((name) => profileRecord(config, name))));
}
