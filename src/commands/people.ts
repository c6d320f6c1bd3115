import { Option } from 'commander';
import { type CommandDefinition, countOption } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { limits } from '../cli/filter-options.ts';
import { CliError } from '../errors.ts';
import { readArgs } from '../mail/targets.ts';
import { look, personNames, type Sight } from '../membership/observe.ts';
import { addPeopleFilters, type PeopleFilters, prepareFilters } from '../membership/people-filter.ts';
import {
  notListed,
  notShown,
  type RosterRow,
  rosterOf,
  rosterView,
  rowKey,
  rowsNamed,
  strangerError,
} from '../membership/roster.ts';
import { checkFields, sortAndLimit } from '../output/fields.ts';

interface PeopleOptions extends PeopleFilters {
  readonly apiKeys?: boolean;
  readonly withApiKeys?: boolean;
  readonly sort?: string;
  readonly reverse?: boolean;
  readonly limit?: number;
}

export const definition: CommandDefinition = (command, bind) =>
  addPeopleFilters(command)
    .addFormats('markdown')
    .description(
      'List everybody: members, and who is or was invited, with their roles. One row a person, whatever their address ' +
        'was when they were invited.',
    )
    .argument('[email|user-id...]', 'only these people; - reads e-mails and ids from stdin, one per line')
    .addOption(new Option('--with-api-keys', 'who own API keys; shows their number').helpGroup('Filters:'))
    .addOption(new Option('--api-keys', 'also read all API keys, and show how many each person owns'))
    .addOption(new Option('--sort <field>', 'sort by a field (default: email)'))
    .addOption(new Option('--reverse', 'reverse the order'))
    .addOption(countOption('--limit <n>', 'show at most n', limits))
    .addExamples(
      'invite people',
      'invite people --admins',
      'invite people --state pending,expired --invited-by ann@example.com',
      'invite people --not-in hr.csv -o id | invite remove - --dry-run',
      'invite people --api-keys -o markdown > people.md',
    )
    .addView(() => rosterView({ apiKeys: true }))
    .action(bind(people));

async function people(ctx: Context, typed: string[], options: PeopleOptions): Promise<void> {
  const withKeys = options.apiKeys === true || options.withApiKeys === true;
  const view = rosterView({ apiKeys: withKeys });
  ctx.expect(view);
  if (options.sort !== undefined) checkFields(view, [options.sort]);
  const names = personNames(await readArgs(typed, ctx));
  const filters = await prepareFilters(ctx, options);
  const sight = await look(ctx, { recheck: names, apiKeys: withKeys, ...filters.reading });
  if (options.withApiKeys === true && sight.apiKeys === 'unreadable')
    throw new CliError('forbidden', 'cannot tell who owns API keys', { reason: 'this key may not list API keys' });
  const found = typed.length === 0 ? rosterOf(sight) : names.flatMap((name) => rowsNamed(name, sight));
  // Somebody may be named by several of their addresses.
  const everybody = [...new Map(found.map((row) => [rowKey(row), row])).values()];
  const matches = filters.matcher(sight.observed);
  const ownsKeys = ({ api_keys }: RosterRow) => options.withApiKeys !== true || api_keys !== 0;
  const rows = everybody.filter((row) => row.state === 'none' || (matches(row) && ownsKeys(row)));
  await ctx.list(view, sortAndLimit(view, [rows], { ...options, now: ctx.now }));
  if (rows.length === 0) ctx.remark('nobody');
  sayWhatIsNotShown(ctx, sight);
  checkFound(rows);
}

function sayWhatIsNotShown(ctx: Context, { observed, apiKeys }: Sight): void {
  // Part of them may have been read before that was refused.
  const others = observed.hasRoles ? notShown(notListed(observed)) : undefined;
  if (others !== undefined) ctx.say(others);
  if (!observed.hasRoles) ctx.say('warning: this key may not list role bindings, so roles are shown as ?');
  if (apiKeys === 'unreadable') ctx.say('warning: this key may not list API keys, so they are shown as ?');
}

/** Throws `not_found` if somebody was named who is not there. */
function checkFound(rows: readonly RosterRow[]): void {
  const missing = rows.filter(({ state }) => state === 'none').map(({ email }) => email);
  const [first, ...more] = missing;
  if (first === undefined) return;
  if (more.length === 0) throw strangerError(first, []);
  const names = missing.map((name) => `"${name}"`).join(', ');
  throw new CliError('not_found', `${names} are neither members nor invited`);
}
