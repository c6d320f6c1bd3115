import type { Change, Tools } from '../../changes/change.ts';
import type { Past } from '../../changes/journal-past.ts';
import { type Known, knownOf } from '../../changes/known.ts';
import { needsOrganization } from '../../changes/plan.ts';
import { listLag } from '../../changes/post.ts';
import { absentAmong } from '../../changes/recall.ts';
import type { Context } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { changesOf, type Forecast, forecastOf, type ImportPlan } from '../../import/plan.ts';
import type { Invitation } from '../../invitations/invitation.ts';
import { quotasClient } from '../../quotas/client.ts';
import type { Import } from './act.ts';

/** What is going to be done, and what may come in between. */
export interface Outlook extends Forecast {
  readonly changes: Iterable<Change>;
  /** The id of the organization, as far as it is known. */
  readonly organization: string | undefined;
  /** Invitations that may be pending at once, and how many more may now. */
  readonly quota: { readonly limit: number; readonly left: number } | undefined;
}

/** Looks at everybody in one pass over the list, and decides. */
export async function forecast(ctx: Context, what: Import, tools: Tools): Promise<Outlook> {
  const { input, options, memory } = what;
  await settled(memory.past, tools);
  const { done } = memory.past;
  const isDone = done.size >= input.rows.size;
  // Of those who are done the journal tells all that is shown.
  const wanted = { has: (email: string) => input.rows.has(email) && !done.has(email) };
  const [known, limit] = await Promise.all([
    knownOf(tools.invitations, wanted, tools.clock.now()),
    isDone ? undefined : quotasClient(await ctx.api()).pendingInvitations(),
  ]);
  const organization = input.organization?.id ?? known.organization;
  const absence = await absentAmong(acceptedOf(what, known), tools);
  const plan: ImportPlan = {
    ...{ rows: input.rows, past: memory.past, known, mails: memory.mails, absence, now: tools.clock.now() },
    wishes: { authType: options.authType, roles: options.role ?? [] },
    organization: organization ?? '',
  };
  if (organization === undefined) refuseShortRoles(plan);
  const counts = forecastOf(plan);
  return { ...counts, organization, changes: changesOf(plan), quota: quotaOf(limit, known) };
}

function* acceptedOf({ input, memory }: Import, known: Known): Generator<readonly [string, readonly Invitation[]]> {
  for (const { email } of input.rows) if (!memory.past.done.has(email)) yield [email, known.of(email)];
}

/** What an earlier run sent in its last moment may still be on its way; nobody is mailed again before it had time to appear. */
async function settled({ begun }: Past, { clock, signal }: Tools): Promise<void> {
  const latest = Math.max(...[...begun.values()].map(({ at }) => at), Number.NEGATIVE_INFINITY);
  const wait = Math.min(listLag, latest + listLag - clock.now());
  if (wait > 0) await clock.sleep(wait, signal);
}

function refuseShortRoles({ rows, wishes }: ImportPlan): void {
  const isShort = wishes.roles.some(needsOrganization) || [...rows].some(({ roles }) => roles.some(needsOrganization));
  if (!isShort) return;
  throw new CliError('bad_response', 'cannot tell which organization the roles belong to', {
    reason: 'the API names none, or several',
    hints: ['a scope that begins with crn://confluent.cloud/organization=… names it'],
  });
}

function quotaOf(limit: number | undefined, { pending }: Known): Outlook['quota'] {
  return limit === undefined ? undefined : { limit, left: Math.max(0, limit - pending) };
}
