import type { Change, Tools } from '../../changes/change.ts';
import { countChanges, type ImportCounts, type ImportPlan, planChanges } from '../../changes/import-plan.ts';
import type { JournalState } from '../../changes/journal-file.ts';
import { type KnownInvitations, needsOrganization, readKnownInvitations } from '../../changes/plan.ts';
import { absentAmong } from '../../changes/recall.ts';
import { listLag } from '../../changes/send-invitation.ts';
import { quotasClient } from '../../confluent/quotas.ts';
import type { Context } from '../../context.ts';
import { CliError } from '../../errors.ts';
import type { Invitation } from '../../invitations/invitation.ts';
import type { ImportOptions } from '../import.ts';
import { applyAll, reportOutcome } from './apply.ts';
import { confirmationPhrase } from './describe-targets.ts';
import { type ImportInput, readImport } from './import-input.ts';
import { type ImportJournal, withJournal } from './import-journal.ts';
import { RejectedRows, resumeHints, writeRejectedRows } from './import-results.ts';

/** Reads the file, looks at everybody in it, asks, and invites whoever is to be invited. */
export async function runImport(ctx: Context, file: string, options: ImportOptions): Promise<void> {
  const input = await readImport(ctx, file, options);
  if (input.rows.size === 0) ctx.say(`"${input.name}" has 0 rows; nobody is invited`);
  await withJournal(ctx, { input, options }, (memory) => invite(ctx, { input, options, memory }));
}

export interface ImportRun {
  readonly input: ImportInput;
  readonly options: ImportOptions;
  readonly memory: ImportJournal;
}

async function invite(ctx: Context, what: ImportRun): Promise<void> {
  const { dryRun = false, concurrency } = what.options;
  const tools = await ctx.tools();
  const outlook = await previewImport(ctx, what, tools);
  if (!dryRun) await confirmImport(ctx, what, outlook);
  const refusals = new RejectedRows();
  const recorder = await what.memory.open?.();
  try {
    const tally = await applyAll(ctx, outlook.changes, {
      ...{ tools, dryRun, concurrency, kind: 'create', see: refusals.see },
      total: outlook.rows - outlook.earlier,
      recorder,
    });
    reportOutcome(ctx, tally, { tools, dryRun, hints: dryRun ? [] : resumeHints(what, tally), tell: ctx.say });
  } catch (error) {
    // Also where stdout took no more: what was refused is not to be lost with it.
    const kept = dryRun ? [] : await writeRejectedRows(ctx, what, refusals);
    throw error instanceof CliError ? error.with({ hints: [...kept, ...(error.details.hints ?? [])] }) : error;
  }
}

/** Asks whether what is going to be done is what is wanted. Nothing is asked if nothing is going to be done. */
export async function confirmImport(ctx: Context, { input, options }: ImportRun, outlook: Preview): Promise<void> {
  const { mails, granted } = outlook;
  const tight = quotaWords(outlook);
  if (options.yes === true && tight !== undefined) ctx.say(`warning: ${tight}`);
  if (mails + granted === 0) return;
  const name = input.organization?.display_name;
  const id = outlook.organization;
  const where = id === undefined ? 'the organization of this key' : name === undefined ? id : `"${name}" (${id})`;
  const lines = [
    `invite ${people(mails)} from "${input.name}" into ${where}?`,
    ...(outlook.earlier > 0 ? [`  ${outlook.earlier} done by an earlier run`] : []),
    ...(outlook.invited + outlook.members > 0
      ? [`  ${outlook.invited} invited and ${outlook.members} members already: no mail`]
      : []),
    ...(outlook.mailed > 0
      ? [`  ${people(outlook.mailed)} of them mailed from this machine within a day: looked up once more first`]
      : []),
    ...(granted > 0 ? [`  roles for ${people(granted)}`] : []),
    ...(tight === undefined ? [] : [`  ${tight}`]),
    ...(ctx.identity().profile === undefined ? [] : [`  with the profile "${ctx.identity().profile}"`]),
  ];
  await ctx.confirm({
    message: lines.join('\n'),
    flag: '--yes',
    answered: options.yes === true,
    ...confirmationPhrase(mails),
  });
}

function people(count: number): string {
  return count === 1 ? '1 person' : `${count} people`;
}

/** What the quota means for this import; undefined if there is room for all. */
function quotaWords({ quota, mails }: Preview): string | undefined {
  if (quota === undefined || mails <= quota.left) return undefined;
  return `${quota.limit} invitations may be pending at once, there is room for ${quota.left}: ${mails - quota.left} will be refused`;
}

/** What is going to be done, and what may come in between. */
export interface Preview extends ImportCounts {
  readonly changes: Iterable<Change>;
  /** The id of the organization, as far as it is known. */
  readonly organization: string | undefined;
  /** Invitations that may be pending at once, and how many more may now. */
  readonly quota: { readonly limit: number; readonly left: number } | undefined;
}

/** Looks at everybody in one pass over the list, and decides. */
export async function previewImport(ctx: Context, what: ImportRun, tools: Tools): Promise<Preview> {
  const { input, options, memory } = what;
  await settled(memory.past, tools);
  const { done } = memory.past;
  const isDone = done.size >= input.rows.size;
  // Of those who are done the journal tells all that is shown.
  const wanted = { has: (email: string) => input.rows.has(email) && !done.has(email) };
  const [known, limit] = await Promise.all([
    readKnownInvitations(tools.invitations, wanted, tools.clock.now()),
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
  const counts = countChanges(plan);
  return { ...counts, organization, changes: planChanges(plan), quota: quotaOf(limit, known) };
}

function* acceptedOf(
  { input, memory }: ImportRun,
  known: KnownInvitations,
): Generator<readonly [string, readonly Invitation[]]> {
  for (const { email } of input.rows) if (!memory.past.done.has(email)) yield [email, known.of(email)];
}

/** What an earlier run sent in its last moment may still be on its way; nobody is mailed again before it had time to appear. */
async function settled({ begun }: JournalState, { clock, signal }: Tools): Promise<void> {
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

function quotaOf(limit: number | undefined, { pending }: KnownInvitations): Preview['quota'] {
  return limit === undefined ? undefined : { limit, left: Math.max(0, limit - pending) };
}
