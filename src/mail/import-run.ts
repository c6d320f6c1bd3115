import { shownRole } from '../api/crn.ts';
import type { Invitation } from '../api/invitation.ts';
import { pendingInvitationQuota } from '../api/organizations.ts';
import { parseRole } from '../api/roles.ts';
import type { Context } from '../cli/context.ts';
import { CliError } from '../errors.ts';
import { fileToImport, type ImportOptions, readImport } from '../people/import-input.ts';
import type { Change, Tools } from './change.ts';
import { toolsOf } from './change.ts';
import { confirmationPhrase } from './describe-targets.ts';
import { type ImportRun, withJournal } from './import-journal.ts';
import { countChanges, type ImportCounts, type ImportPlan, planChanges } from './import-plan.ts';
import { endingHints, ImportResults } from './import-results.ts';
import { waitForListLag } from './journal-reader.ts';
import { type KnownInvitations, needsOrganization, readKnownInvitations } from './plan.ts';
import { absentAmong } from './recall.ts';
import { applyAll, reportOutcome } from './run-changes.ts';

/** Reads the file, looks everybody in it up, asks, and invites those who are to be invited. */
export async function runImport(ctx: Context, typed: string | undefined, options: ImportOptions): Promise<void> {
  const input = await readImport(ctx, await fileToImport(ctx, typed), options);
  if (input.rows.size === 0) ctx.say(`"${input.name}" has 0 rows; nobody is invited`);
  await withJournal(ctx, { input, options }, (run) => invite(ctx, run));
}

async function invite(ctx: Context, run: ImportRun): Promise<void> {
  const { dryRun = false, concurrency } = run.options;
  const tools = await toolsOf(ctx);
  const preview = await previewImport(ctx, run, tools);
  if (dryRun) reportRoles(ctx, preview);
  else await confirmImport(ctx, run, preview);
  const results = new ImportResults(ctx, preview.rows);
  const recorder = await run.journal.open?.();
  try {
    const tally = await ctx.github.group(`invite ${people(preview.mails)}`, () =>
      applyAll(ctx, preview.changes, {
        ...{ tools, dryRun, concurrency, kind: 'create', see: results.see },
        total: preview.rows - preview.earlier,
        recorder,
      }),
    );
    results.reportHidden();
    reportOutcome(ctx, tally, { tools, dryRun, tell: ctx.say });
  } catch (error) {
    // Also where stdout took no more: what was refused is not to be lost with it.
    if (!(error instanceof CliError) || dryRun) throw error;
    throw error.with({ hints: await endingHints(ctx, run, { results, error }) });
  }
  if (!dryRun) await endingHints(ctx, run, { results });
}

/** Asks for confirmation, unless there is nothing to do. */
export async function confirmImport(ctx: Context, { input, options }: ImportRun, preview: Preview): Promise<void> {
  const { mails, granted } = preview;
  const quota = quotaForecast(preview);
  if (options.yes === true && quota !== undefined) ctx.say(`warning: ${quota}`);
  if (mails + granted === 0) return;
  const name = input.organization?.display_name;
  const id = preview.organization;
  const where = id === undefined ? 'the organization of this key' : name === undefined ? id : `"${name}" (${id})`;
  const lines = [
    mails > 0
      ? `invite ${people(mails)} from "${input.name}" into ${where}?`
      : `grant roles to ${people(granted)} from "${input.name}" in ${where}?`,
    ...(preview.earlier > 0 ? [`  ${preview.earlier} done by an earlier run`] : []),
    ...(preview.invited > 0 ? [`  ${preview.invited} invited already: no mail`] : []),
    ...(preview.members > 0 ? [`  ${preview.members} members already: no mail`] : []),
    ...(preview.mailed > 0
      ? [`  ${people(preview.mailed)} of them mailed from this machine within a day: looked up once more first`]
      : []),
    ...roleLines(preview),
    ...(quota === undefined ? [] : [`  ${quota}`]),
    ...(ctx.identity().profile === undefined ? [] : [`  with the profile "${ctx.identity().profile}"`]),
  ];
  await ctx.confirm({
    message: lines.join('\n'),
    answered: options.yes === true,
    phrase: confirmationPhrase(mails > 0 ? mails : granted),
  });
}

function people(count: number): string {
  return count === 1 ? '1 person' : `${count} people`;
}

/** Each role with the number of people who get it; those of administrators with their addresses. */
function roleLines({ roles }: Preview): string[] {
  const sorted = [...roles].sort(([, a], [, b]) => b.named.length - a.named.length);
  return sorted.map(([role, granted]) => {
    const more = granted.people - granted.named.length;
    const names =
      granted.named.length === 0 ? '' : `: ${granted.named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
    return `  ${shownRole(parseRole(role))} for ${people(granted.people)}${names}`;
  });
}

function reportRoles(ctx: Context, preview: Preview): void {
  const lines = roleLines(preview);
  if (lines.length > 0) ctx.say(['roles that would be granted:', ...lines].join('\n'));
}

/** What the quota means for this import; undefined if there is room for all. */
function quotaForecast({ quota, mails }: Preview): string | undefined {
  if (quota === undefined || mails <= quota.left) return undefined;
  return `${quota.limit} invitations may be pending at once, there is room for ${quota.left}: ${mails - quota.left} will be refused`;
}

/** What will be done, and what may stop it. */
export interface Preview extends ImportCounts {
  readonly changes: Iterable<Change>;
  /** The id of the organization, as far as it is known. */
  readonly organization: string | undefined;
  /** Invitations that may be pending at once, and how many more may now. */
  readonly quota: { readonly limit: number; readonly left: number } | undefined;
}

/** Looks everybody up in one pass over the list, and decides. */
export async function previewImport(ctx: Context, run: ImportRun, tools: Tools): Promise<Preview> {
  const { input, options, journal } = run;
  await waitForListLag(journal.past, tools);
  const { done } = journal.past;
  const isDone = done.size >= input.rows.size;
  // The journal has all that is shown of those who are done.
  const wanted = { has: (email: string) => input.rows.has(email) && !done.has(email) };
  const [known, limit] = await Promise.all([
    readKnownInvitations(tools.invitations, wanted, tools.clock.now),
    isDone ? undefined : pendingInvitationQuota(await ctx.api()),
  ]);
  const organization = input.organization?.id ?? known.organization;
  const absence = await absentAmong(acceptedOf(run, known), tools);
  const plan: ImportPlan = {
    ...{ rows: input.rows, past: journal.past, known, mails: journal.mails, absence, now: tools.clock.now() },
    defaults: { authType: options.authType, roles: options.role ?? [] },
    organization,
  };
  if (organization === undefined) refuseShortRoles(plan);
  const counts = countChanges(plan);
  return { ...counts, organization, changes: planChanges(plan), quota: quotaOf(limit, known) };
}

function* acceptedOf(
  { input, journal }: ImportRun,
  known: KnownInvitations,
): Generator<readonly [string, readonly Invitation[]]> {
  for (const { email } of input.rows.values()) if (!journal.past.done.has(email)) yield [email, known.of(email)];
}

function refuseShortRoles({ rows, defaults }: ImportPlan): void {
  const isShort =
    defaults.roles.some(needsOrganization) || [...rows.values()].some(({ roles }) => roles.some(needsOrganization));
  if (!isShort) return;
  throw new CliError('bad_response', 'cannot tell which organization the roles belong to', {
    reason: 'the API names none, or several',
    hints: ['a scope that begins with crn://confluent.cloud/organization=… names it'],
  });
}

function quotaOf(limit: number | undefined, { pending }: KnownInvitations): Preview['quota'] {
  return limit === undefined ? undefined : { limit, left: Math.max(0, limit - pending) };
}
