import { Option } from 'commander';
import type { CommandDefinition } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { CliError } from '../errors.ts';
import { isDrift } from '../membership/plan.ts';
import { addPlanOptions, type PlanOptions, typedAgain } from '../membership/plan-options.ts';
import { locate, makePlan, readPlanInputs, warnOfSlips } from '../membership/prepare.ts';
import { checkSafety } from '../membership/safety.ts';
import { planView, showPlan } from '../membership/show-plan.ts';
import { fileWord } from '../text/suggest.ts';
import { counted } from '../text/times.ts';

interface PlanCommandOptions extends PlanOptions {
  readonly expectNoChanges?: boolean;
  readonly 'expectNoChanges=people'?: boolean;
  readonly all?: boolean;
}

export const definition: CommandDefinition = (command, bind) =>
  addPlanOptions(command)
    .description(
      'Show what would change to make the organization match the file. Only GET requests are sent, and there are no ' +
        'prompts. With -o json it prints the plan for "invite apply"; -o markdown is for a pull request.',
    )
    .addOption(
      new Option(
        '--expect-no-changes',
        'exit with 10 if the organization does not match the file; =people: also if somebody is not in it',
      ),
    )
    // With an optional value the file after it would be taken for the value.
    .addOption(new Option('--expect-no-changes=people').hideHelp())
    .addOption(new Option('--all', 'also show what does not change'))
    .addExamples(
      'invite plan people.yaml',
      'invite plan people.yaml -o json > plan.json',
      'invite plan people.yaml --expect-no-changes',
      'invite plan people.csv --managed roles --organization 1111aaaa-…',
    )
    .addView(() => planView)
    .action(bind(plan));

export async function plan(ctx: Context, files: string[], options: PlanCommandOptions): Promise<void> {
  // A dry run of apply comes here as well, and shows something else than apply.
  ctx.expect(planView);
  const input = await readPlanInputs(ctx, files, options);
  const location = await locate(ctx, input);
  const made = await makePlan(ctx, input, location);
  warnOfSlips(ctx, input, made.observed);
  await showPlan(ctx, made, { all: options.all === true });
  checkSafety(made);
  const expectsPeople = options['expectNoChanges=people'] === true;
  if (options.expectNoChanges !== true && !expectsPeople) return;
  const count = made.plan.rows.filter(isDrift).length;
  const unlisted = expectsPeople ? made.plan.unlisted : 0;
  if (count + unlisted === 0) return;
  const reasons = [
    ...(count === 0 ? [] : [`${counted(count, 'line')} of the plan`]),
    ...(unlisted === 0 ? [] : [`${unlisted} ${unlisted === 1 ? 'person is' : 'people are'} not in it`]),
  ];
  throw new CliError('drift', `the organization does not match "${input.name}"`, {
    reason: reasons.join('\n'),
    hints: [
      typedAgain('plan', files, options),
      ...(unlisted === 0 || input.path === undefined ? [] : [`invite export --missing-from ${fileWord(input.path)}`]),
    ],
  });
}
