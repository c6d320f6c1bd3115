import { Option } from 'commander';
import { countExpiries, expiryHints, type ListedRows } from '../api/expiry-hints.ts';
import { filterOf } from '../api/filter.ts';
import { invitationView } from '../api/view.ts';
import { type CommandDefinition, countOption } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { addFilters, type FilterOptions, limits, withUserIds } from '../cli/filter-options.ts';
import { withConnectionFlags } from '../cli/global-options.ts';
import { checkFields } from '../output/fields.ts';
import { sortAndLimit } from '../output/sort.ts';

interface ListOptions extends FilterOptions {
  readonly sort?: string;
  readonly reverse?: boolean;
  readonly unordered?: boolean;
}

export const definition: CommandDefinition = (command, bind) =>
  addFilters(command)
    .description('List the invitations of the organization, all pages of them.')
    .addOption(new Option('--sort <field>', 'sort by a field; the order of the API is not documented'))
    .addOption(new Option('--reverse', 'reverse the order'))
    .addOption(countOption('--limit <n>', 'show at most n', limits))
    .addOption(new Option('--unordered', 'read all statuses at once: faster on a slow connection, in no order'))
    .addExamples(
      'invite list --status sent',
      'invite list --expiring 48h -o id',
      'invite list -o json | jq -r \'.[] | select(.state=="pending") | .email\'',
    )
    .addHelpText('after', cost)
    .action(bind(list));

const cost = `
--unordered reads each status on its own, all at the same time. That is up to
five times as fast with thousands of invitations on a slow connection, and makes
five times as many requests a second. Rows come in no order, and an invitation
may be missing if its status is unknown to invite or changes in the meantime.`;

async function list(ctx: Context, given: ListOptions): Promise<void> {
  const view = invitationView(ctx.now);
  ctx.expect(view);
  if (given.sort !== undefined) checkFields(view, [given.sort]);
  const options = await withUserIds(ctx, given);
  const counted = { rows: 0 };
  const counts = { expired: 0, expiring: 0 };
  const filter = filterOf(options);
  const invitations = await ctx.invitations();
  const how = {
    unordered: options.unordered === true,
    whole: options.limit === undefined,
    complete: ctx.globals.output !== 'id' || options.sort !== undefined,
  };
  const rows = sortAndLimit(view, invitations.list(filter, how), { ...options, counted });
  await ctx.list(view, ctx.host.stdout.isTTY ? countExpiries(rows, counts, ctx.now) : rows);
  if (counted.rows === 0) ctx.remark('no invitations');
  for (const line of expiryHints(counts, listedRows(options, counted.rows)))
    ctx.remark(withConnectionFlags(line, ctx.globals));
}

function listedRows(options: ListOptions, shown: number): ListedRows {
  const { sort, reverse = false, unordered = false, limit } = options;
  const isCut = limit !== undefined && shown >= limit;
  return {
    ...{ filter: filterOf(options), shown, inListOrder: sort === undefined && !reverse && !unordered },
    ...(isCut ? { limit } : {}),
  };
}
