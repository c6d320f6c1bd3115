import { Option } from 'commander';
import type { CommandDefinition } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { type ApplyOptions, addPlanOptions } from '../membership/plan-options.ts';

export const definition: CommandDefinition = (command, bind) =>
  addPlanOptions(command)
    .description(
      'Make the organization match the file, or apply a saved plan if nothing else has become due since. ' +
        'People are invited and get roles first, then roles are revoked, then people are removed. After an interruption, ' +
        'running it again does the rest; nobody is mailed twice.',
    )
    .addOption(
      new Option('--allow-admins', 'with --yes in a script: grant OrganizationAdmin and AccountAdmin').helpGroup(
        'Safety:',
      ),
    )
    .option('--force-unlock', 'apply even if another apply to this organization seems to be running')
    .addChangeOptions()
    .addExamples(
      'invite apply people.yaml --dry-run',
      'invite apply people.yaml',
      'invite plan people.yaml -o json > plan.json',
      'invite apply plan.json --yes',
    )
    .addFields(async () => (await import('../mail/result.ts')).memberChangeView.fields)
    .action(bind(apply));

async function apply(ctx: Context, files: string[], options: ApplyOptions): Promise<void> {
  if (options.dryRun) {
    const { plan } = await import('./plan.ts');
    return plan(ctx, files, options);
  }
  const { applyFiles } = await import('../membership/apply.ts');
  return applyFiles(ctx, files, options);
}
