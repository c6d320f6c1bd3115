import { Option } from 'commander';
import type { ChangeOptions, CommandDefinition } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { addTargetFilters, type FilterOptions, withUserIds } from '../cli/filter-options.ts';
import { toolsOf } from '../mail/change.ts';
import { planDeletes } from '../mail/plan.ts';
import { removalView } from '../mail/result.ts';
import { applyChanges } from '../mail/run-changes.ts';
import { askedChanges, targetSelector } from '../mail/targets.ts';

interface DeleteOptions extends FilterOptions, ChangeOptions {
  readonly ifExists?: boolean;
}

export const definition: CommandDefinition = (command, bind) =>
  addTargetFilters(command)
    .description('Revoke invitations. The user that was prepared for a pending invitation is deactivated, too.')
    .argument('[id|email...]', 'what to revoke; - reads ids and e-mails from stdin, one per line')
    .addOption(new Option('--if-exists', 'succeed if an invitation does not exist'))
    .addChangeOptions()
    .addExamples(
      'invite delete i-7od91',
      'invite delete --status expired --yes',
      'invite list --status expired -o id | invite delete - --yes',
      'invite delete ann@example.com --if-exists',
    )
    .addView(() => removalView)
    .action(bind(deleteInvitations));

async function deleteInvitations(ctx: Context, typed: string[], given: DeleteOptions): Promise<void> {
  const options = await withUserIds(ctx, given);
  const { ifExists = false, yes = false, dryRun = false, concurrency } = options;
  const tools = await toolsOf(ctx, 'delete', { dryRun });
  const { changes, single } = await askedChanges(ctx, {
    select: await targetSelector(ctx, { typed, options, allowMissing: ifExists, command: 'delete', tools }),
    plan: (selection) => planDeletes(selection, ifExists, ctx.now()),
    question: (people, isPlural) => `revoke the invitation${isPlural ? 's' : ''} of ${people}?`,
    note: '(a user who was prepared for an invitation is deactivated and loses all role bindings)',
    answered: yes,
    tools,
  });
  await applyChanges(ctx, changes, { tools, view: removalView, single, concurrency });
}
