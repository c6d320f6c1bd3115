import { Option } from 'commander';
import { filterArgs, filterOf } from '../api/filter.ts';
import { type Invitation, invitationView, stateOf, timeAt } from '../api/invitation.ts';
import { type CommandDefinition, countOption } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { addFilters, type FilterOptions, limits, withUserIds } from '../cli/filter-options.ts';
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
    .addView(() => invitationView)
    .action(bind(list));

const cost = `--unordered reads each status on its own, all at the same time. That is up to
five times as fast with thousands of invitations on a slow connection, and makes
five times as many requests a second. Rows come in no order, and an invitation
may be missing if its status is unknown to invite or changes in the meantime.`;

async function list(ctx: Context, given: ListOptions): Promise<void> {
  if (given.sort !== undefined) checkFields(invitationView, [given.sort]);
  const options = await withUserIds(ctx, given);
  const shown = { rows: 0, expired: 0, expiring: 0 };
  const invitations = await ctx.invitations();
  const batches = invitations.list(filterOf(options), {
    unordered: options.unordered === true,
    whole: options.limit === undefined,
    complete: ctx.globals.output !== 'id' || options.sort !== undefined,
  });
  const rows = sortAndLimit(invitationView, batches, { ...options, now: ctx.now });
  await ctx.pages(invitationView, counted(rows, shown, ctx));
  if (shown.rows === 0) ctx.remark('no invitations');
  for (const line of expiryHints(options, shown)) ctx.remark(line);
}

interface Shown {
  rows: number;
  expired: number;
  /** Pending, and expiring within two days. */
  expiring: number;
}

const soon = parseDuration('48h');

/** Passes the rows on, and counts them; those that have expired or will expire soon only for a person. */
async function* counted(batches: AsyncIterable<readonly Invitation[]>, shown: Shown, { host, now }: Context) {
  for await (const batch of batches) {
    shown.rows += batch.length;
    for (const invitation of host.stdout.isTTY ? batch : []) {
      const state = stateOf(invitation, now());
      if (state === 'expired') shown.expired += 1;
      const expires = timeAt(invitation, 'expires_at') ?? Number.POSITIVE_INFINITY;
      if (state === 'pending' && expires - now() <= soon) shown.expiring += 1;
    }
    yield batch;
  }
}

/** A line for each count, with a command that resends exactly the invitations shown; none where `--limit` left some out. */
function expiryHints(options: ListOptions, { expired, expiring, rows }: Shown): string[] {
  const { limit = Number.POSITIVE_INFINITY } = options;
  const filter = filterOf(options);
  const { expiring: within = soon, ...others } = filter;
  const { status = ['expired'] } = filter;
  const hint = (count: number, text: string, args: readonly string[] | undefined) => {
    const command = args === undefined || rows >= limit ? '' : `: invite resend ${args.join(' ')}`;
    return count === 0 ? [] : [`hint: ${count} ${text}${command}`];
  };
  const expiringOnly = [...filterArgs(others), '--expiring', within < soon ? formatDuration(within) : '48h'];
  // With a status such as `sent` there is no filter: only some expired invitations have it.
  const expiredOnly = status.includes('expired') ? filterArgs({ ...filter, status: ['expired'] }) : undefined;
  return [
    ...hint(expiring, 'will expire within 48 hours', expiringOnly),
    ...hint(expired, `${expired === 1 ? 'has' : 'have'} expired`, expiredOnly),
  ];
}
