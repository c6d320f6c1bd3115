import { Option } from 'commander';
import { type ChangeOptions, type CommandDefinition, countOption } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { limits } from '../cli/filter-options.ts';
import { CliError } from '../errors.ts';
import { lookAndAsk } from '../mail/look.ts';
import { leaveView } from '../mail/result.ts';
import { applyChanges } from '../mail/run-changes.ts';
import { readArgs, refuseFileNames } from '../mail/targets.ts';
import { look, personNames, type Sight } from '../membership/observe.ts';
import { addPeopleFilters, isFiltered, type PeopleFilters, prepareFilters } from '../membership/people-filter.ts';
import { addSafetyOptions, limitsIn, type PlanOptions } from '../membership/plan-options.ts';
import {
  type Chosen,
  checkRemoval,
  chosenAgain,
  confirmRemoval,
  decideRemoval,
  matchingPeople,
  namedPeople,
  removalChanges,
  showLeavers,
  sinceAsked,
} from '../membership/removal.ts';
import type { Limits } from '../membership/safety.ts';

interface RemoveOptions
  extends PeopleFilters,
    ChangeOptions,
    Pick<PlanOptions, 'maxRemovals' | 'minAdmins' | 'withApiKeys' | 'self'> {
  readonly limit?: number;
  readonly ifExists?: boolean;
}

export const definition: CommandDefinition = (command, bind) => {
  addPeopleFilters(command).addOption(
    countOption('--limit <n>', 'only the first n that match, in the order of their e-mails', limits).helpGroup(
      'Filters:',
    ),
  );
  return addSafetyOptions(command, 'maxRemovals', 'minAdmins', 'withApiKeys', 'self')
    .description(
      'Take people out of the organization: pending invitations are withdrawn, the users of members are deleted with ' +
        'their roles and API keys, and roles that an expired or revoked invitation left behind are revoked. Shows what ' +
        'each of them has before it asks. Running it again does the rest.',
    )
    .argument('[email|user-id...]', 'who to remove; - reads e-mails and ids from stdin, one per line')
    .addOption(new Option('--if-exists', 'succeed if somebody is neither a member nor invited'))
    .addChangeOptions()
    .addExamples(
      'invite remove bob@example.com',
      'invite remove --dry-run - < leavers.txt',
      'invite remove --not-in hr.csv --max-removals 40',
      'invite people --state expired -o id | invite remove - --yes',
    )
    .addNote('Offboarding is explained by: invite help offboarding')
    .addView(() => leaveView)
    .action(bind(remove));
};

async function remove(ctx: Context, typed: string[], options: RemoveOptions): Promise<void> {
  const { yes = false, dryRun = false, ifExists = false, concurrency } = options;
  const { names, why, isCounted, reading, choose } = await chosenBy(ctx, typed, options);
  const limits = limitsOf(options, isCounted);
  const isByAbsence = options.notIn !== undefined;
  let chosen: readonly Chosen[] | undefined;
  const { seen, asked } = await lookAndAsk({
    clock: ctx.host.clock,
    look: async () => {
      const sight = await look(ctx, { recheck: names, dryRun, ...reading });
      // Who is to go is settled by the first look.
      chosen = chosen === undefined ? choose(sight) : chosenAgain(chosen, sight);
      return { sight, leavers: await decideRemoval(chosen, sight, { limits, why, isByAbsence }) };
    },
    ask: async ({ sight, leavers }) => {
      const unknown = leavers.filter(({ person }) => person === undefined).map(({ target }) => target);
      // However many they are: a typing error in a list of leavers would leave somebody in.
      if (unknown.length > 0 && leavers.length > 1) ctx.say(`neither a member nor invited: ${unknown.join(', ')}`);
      if (!dryRun && !yes) await showLeavers(ctx, leavers);
      checkRemoval(leavers, sight, limits);
      return !dryRun && (await confirmRemoval(ctx, leavers, sight, yes));
    },
  });
  const { sight } = seen;
  const leavers = asked === undefined ? seen.leavers : sinceAsked(asked.leavers, seen.leavers);
  if (asked !== undefined) checkRemoval(leavers, sight, limits);
  const changes = removalChanges(leavers, sight, ifExists);
  if (changes.length === 0) ctx.remark('nobody');
  const single = names.length === 1 && !isCounted;
  await applyChanges(ctx, changes, { tools: sight.tools, view: leaveView, single, concurrency });
}

/**
 * Who is to go; `isCounted` if their number is limited, since nobody typed each of them. Throws `usage` if no target was
 * named, which never means everybody.
 */
async function chosenBy(ctx: Context, typed: readonly string[], options: RemoveOptions) {
  const { limit } = options;
  if (isFiltered(options)) {
    if (typed.length > 0) throw new CliError('usage', 'name people or give filters, not both');
    const filters = await prepareFilters(ctx, options);
    return {
      why: 'matched by the filters',
      names: [],
      isCounted: true,
      reading: { ...filters.reading, seeksEveryRole: true },
      choose: (sight: Sight) => matchingPeople(filters.matcher(sight.observed), limit, sight),
    };
  }
  if (limit !== undefined) throw new CliError('usage', '--limit needs a filter');
  const hints = ['invite remove bob@example.com', 'invite remove --not-in hr.csv', 'invite remove --help'];
  if (typed.length === 0) throw new CliError('usage', 'missing target: name people, or give a filter', { hints });
  refuseFileNames(typed, 'remove');
  const words = await readArgs(typed, ctx);
  const names = personNames(words);
  const choose = (sight: Sight) => namedPeople(names, sight);
  return { why: 'named', names, isCounted: typed.includes('-'), reading: { mayLackRoles: true }, choose };
}

function limitsOf(options: RemoveOptions, isCounted: boolean): Limits {
  const given = limitsIn(options);
  return isCounted || given.max_removals !== undefined ? given : { ...given, max_removals: Number.POSITIVE_INFINITY };
}
