import { Command, Option } from 'commander';
import type { DeleteChange } from '../changes/change.ts';
import { planDeletes } from '../changes/plan.ts';
import type { Context } from '../context.ts';
import { textAt } from '../invitations/invitation.ts';
import { applyChanges, changeView } from './shared/apply.ts';
import { type CommandFactory, concurrencyOption, dryRunOption, examples, yesOption } from './shared/command.ts';
import { confirmationPhrase, describeBindings, describePeople } from './shared/describe-targets.ts';
import { addFilters, type FilterOptions } from './shared/filters.ts';
import { selectTargets } from './shared/select-targets.ts';

interface DeleteOptions extends FilterOptions {
  readonly removeUser?: boolean;
  readonly ifExists?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly concurrency?: number;
}

export const deleteCommand: CommandFactory = (bind) =>
  addFilters(new Command('delete').alias('rm').summary('revoke invitations'))
    .description('Revoke invitations. The user that was prepared for a pending one is deactivated with it.')
    .argument('[id|email...]', 'what to revoke; - reads ids and e-mails from stdin, one a line')
    .addOption(new Option('--remove-user', 'where the invitation was accepted, delete the user who accepted it'))
    .addOption(new Option('--if-exists', 'a missing invitation is no failure'))
    .addOption(concurrencyOption())
    .addOption(yesOption())
    .addOption(dryRunOption())
    .addHelpText(
      'after',
      examples(
        'invite delete i-7od91',
        'invite delete --status expired --yes',
        'invite list --status expired -o id | invite delete - --yes',
        'invite delete ann@example.com --remove-user',
      ),
    )
    .action(bind(remove));

export async function remove(ctx: Context, typed: string[], options: DeleteOptions): Promise<void> {
  const { removeUser = false, ifExists = false, yes = false, dryRun = false, concurrency } = options;
  ctx.expect(changeView(ctx, 'delete'));
  const { found, single } = await selectTargets(ctx, { typed, options, missingIsFine: ifExists, verb: 'revoke' });
  const tools = await ctx.tools();
  const changes = planDeletes(found, { removeUser, ifExists }, ctx.host.clock.now());
  if (!dryRun && !yes)
    await confirmDeletes(ctx, changes, ctx.desk() === undefined ? new Map() : await describeBindings(changes, tools));
  await applyChanges(ctx, changes, { tools, dryRun, single, concurrency });
}

/** Asks about invitations and about users apart: the second cannot be taken back by inviting again. */
async function confirmDeletes(ctx: Context, changes: readonly DeleteChange[], bindings: ReadonlyMap<string, string>) {
  const invitations = changes.filter(({ decision }) => decision.act === 'delete_invitation');
  const users = changes.filter(({ decision }) => decision.act === 'delete_user');
  if (invitations.length > 0) {
    const message = `${describePeople('revoke the invitation of', invitations, bindings)}\n(the users prepared for them are deactivated, their role bindings go too)`;
    await ctx.confirm({ message, flag: '--yes', answered: false, ...confirmationPhrase(invitations.length) });
  }
  if (users.length > 0) {
    const message = `${describePeople('delete the user of', users, bindings)}\n(their API keys and role bindings are deleted with them)`;
    const [only] = users;
    const email = users.length === 1 && only !== undefined ? textAt(only.known[0] ?? {}, 'email') : undefined;
    await ctx.confirm({ message, flag: '--yes', answered: false, phrase: email ?? String(users.length) });
  }
}
