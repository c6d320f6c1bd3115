import { Option } from 'commander';
import { filterArgs, filterOf, type InvitationFilter, isEmptyFilter } from '../api/filter.ts';
import { type Invitation, invitationView, stateOf, timeAt } from '../api/invitation.ts';
import { type CommandDefinition, countOption } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { addFilters, type FilterOptions, limits, withUserIds } from '../cli/filter-options.ts';
import { withConnectionFlags } from '../cli/global-options.ts';
import { checkFields, sortAndLimit } from '../output/fields.ts';
import { formatDuration, parseDuration } from '../text/times.ts';

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
    .addNote(cost)
    .action(bind(list));

const cost = `--unordered reads each status on its own, all at the same time. That is up to
five times as fast with thousands of invitations on a slow connection, and makes
five times as many requests a second. Rows come in no order, and an invitation
may be missing if its status is unknown to invite or changes in the meantime.`;

async function list(ctx: Context, given: ListOptions): Promise<void> {
  ctx.expect(invitationView);
  if (given.sort !== undefined) checkFields(invitationView, [given.sort]);
  const options = await withUserIds(ctx, given);
  const counted = { rows: 0 };
  const counts = { expired: 0, expiring: 0 };
  const invitations = await ctx.invitations();
  const how = {
    unordered: options.unordered === true,
    whole: options.limit === undefined,
    complete: ctx.globals.output !== 'id' || options.sort !== undefined,
  };
  const rows = sortAndLimit(invitationView, invitations.list(filterOf(options), how), {
    ...options,
    counted,
    now: ctx.now,
  });
  await ctx.list(invitationView, ctx.host.stdout.isTTY ? countExpiries(rows, counts, ctx.now) : rows);
  if (counted.rows === 0) ctx.remark('no invitations');
  for (const line of expiryHints(options, { ...counted, ...counts }))
    ctx.remark(withConnectionFlags(line, ctx.globals));
}

/** The numbers of invitations that have expired or will expire soon. */
interface ExpiryCounts {
  expired: number;
  /** Pending, and expiring within two days. */
  expiring: number;
}

const soon = parseDuration('48h');

/** Passes the rows on, and counts those that have expired or will expire soon. */
async function* countExpiries(batches: AsyncIterable<readonly Invitation[]>, counts: ExpiryCounts, now: () => number) {
  for await (const batch of batches) {
    for (const invitation of batch) {
      const state = stateOf(invitation, now());
      if (state === 'expired') counts.expired += 1;
      const expires = timeAt(invitation, 'expires_at') ?? Number.POSITIVE_INFINITY;
      if (state === 'pending' && expires - now() <= soon) counts.expiring += 1;
    }
    yield batch;
  }
}

/** A line for each count, with a command that resends exactly the invitations shown, if there is one. */
function expiryHints(options: ListOptions, shown: ExpiryCounts & { readonly rows: number }): string[] {
  const { expired, expiring, rows } = shown;
  const filter = filterOf(options);
  const isCut = options.limit !== undefined && rows >= options.limit;
  const hint = (count: number, text: string, all: readonly string[] | undefined) => {
    const args = isCut ? firstOnly(options, count === rows) : all;
    return count === 0 ? [] : [`hint: ${count} ${text}${args ? `: invite resend ${args.join(' ')}` : ''}`];
  };
  return [
    ...hint(expiring, 'will expire within 48 hours', expiringOnly(filter)),
    ...hint(expired, `${expired === 1 ? 'has' : 'have'} expired`, expiredOnly(filter)),
  ];
}

function expiringOnly({ expiring = soon, ...others }: InvitationFilter): string[] {
  return [...filterArgs(others), '--expiring', expiring < soon ? formatDuration(expiring) : '48h'];
}

/** Undefined with a status such as `sent`, which only some expired invitations have. */
function expiredOnly(filter: InvitationFilter): string[] | undefined {
  const { status = ['expired'] } = filter;
  return status.includes('expired') ? filterArgs({ ...filter, status: ['expired'] }) : undefined;
}

/** The arguments for the first rows of the list, if a hint is about all that are shown. `--limit` without a filter selects none. */
function firstOnly(options: ListOptions, isAboutAll: boolean): string[] | undefined {
  const { sort, reverse = false, unordered = false, limit } = options;
  const filter = filterOf(options);
  const inListOrder = sort === undefined && !reverse && !unordered;
  return inListOrder && isAboutAll && !isEmptyFilter(filter)
    ? [...filterArgs(filter), '--limit', String(limit)]
    : undefined;
}
