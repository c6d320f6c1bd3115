import { statSync } from 'node:fs';
import { foldEmail } from '../api/email.ts';
import type { Context } from '../cli/context.ts';
import { CliError } from '../errors.ts';
import { withLock } from '../files/lock.ts';
import type { Mailed } from '../mail/change.ts';
import { maxNamed } from '../mail/describe-targets.ts';
import type { Journal } from '../mail/journal.ts';
import { applyJournalPath, makeJournalFolder, openJournal } from '../mail/journal-file.ts';
import { type JournalState, noJournal, readJournal, waitForListLag } from '../mail/journal-reader.ts';
import { memorySpan } from '../mail/mail-log.ts';
import { rememberedMails } from '../mail/mail-memory.ts';
import { inPhases } from '../mail/perform.ts';
import type { Result } from '../mail/result.ts';
import { applyAll, changeView, reportOutcome } from '../mail/run-changes.ts';
import type { JournalHeader } from '../people/import-input.ts';
import { noticeOf } from './decide.ts';
import { failedToGrantAdmin, phasesOf } from './phases.ts';
import { type Change, changesOf, isFinding } from './plan.ts';
import {
  type ApplyOptions,
  type Location,
  locate,
  type MadePlan,
  makePlan,
  type PlanInput,
  readPlanInput,
  typedAgain,
} from './prepare.ts';
import { noticeLines, summaryLines } from './render.ts';
import { checkSafety, losersOf } from './safety.ts';
import { shortFingerprint } from './saved-plan.ts';
import { comparisonLines, drawPlan } from './show-plan.ts';

/** One run of `invite apply`. */
interface Run {
  /** As typed. */
  readonly file: string;
  readonly options: ApplyOptions;
  readonly input: PlanInput;
  readonly location: Location;
}

/** Plans, asks, and carries the plan out, while no other process of this machine does so in the same organization. */
export async function applyFile(ctx: Context, file: string, options: ApplyOptions): Promise<void> {
  ctx.expect(changeView(ctx, 'grant'));
  const input = await readPlanInput(ctx, file, options);
  const location = await locate(ctx, { ...input.desired, ...input.saved }, input.name);
  const run = { file, options, input, location };
  const { clock, processes, stateDir } = ctx.host;
  makeJournalFolder(stateDir);
  const lock = `${applyJournalPath(stateDir, journalHeader(ctx, run))}.lock`;
  try {
    await withLock(lock, { clock, processes, wait: 0 }, () => applyLocked(ctx, run));
  } catch (error) {
    const isOurs = error instanceof CliError && error.code === 'locked' && error.details.target === lock;
    if (!isOurs) throw error;
    throw new CliError('locked', `another invite apply is running in ${organizationName(location)}`, error.details);
  }
}

async function applyLocked(ctx: Context, run: Run): Promise<void> {
  const journal = applyJournalOf(ctx, run);
  await waitForListLag(journal.past, { clock: ctx.host.clock, signal: ctx.signal });
  const made = await makePlan(ctx, run.input, run.location);
  const changes = made.comparison?.changes ?? changesOf(made.plan);
  const isAsked = changes.length > 0 && run.options.yes !== true && ctx.prompter() !== undefined;
  if (isAsked) await drawPlan(ctx, made);
  for (const line of [...summaryLines(made), ...comparisonLines(made)]) ctx.remark(line);
  checkSafety(made.plan, made.observed, made);
  checkNewAdmins(ctx, run, made);
  if (changes.length > 0) await confirmApply(ctx, run, { made, changes });
  const left = await carryOut(ctx, run, { made, changes }, journal);
  const findings = made.plan.rows.filter(isFinding).length + left;
  if (findings === 0) return;
  throw new CliError('drift', `${findings} ${findings === 1 ? 'finding needs' : 'findings need'} a decision`, {
    hints: [typedAgain('plan', run.file, run.options), 'to accept one for good, list it under "ignore" in the file'],
  });
}

/** In a script nobody sees who becomes an administrator, unless a plan was reviewed. */
function checkNewAdmins(ctx: Context, { input, options }: Run, { plan }: MadePlan): void {
  const { new_admins } = plan.notice;
  const isSeen = input.saved !== undefined || ctx.prompter() !== undefined || options.allowAdmins === true;
  if (isSeen || options.yes !== true || new_admins.length === 0) return;
  throw new CliError('unsafe_plan', `the plan for "${plan.file}" makes administrators, nothing was sent`, {
    reason: noticeLines(plan.notice).slice(0, 1).join(''),
    hints: ['--allow-admins allows it', 'or review a saved plan: invite plan -o json, invite apply plan.json'],
  });
}

interface Planned {
  readonly made: MadePlan;
  readonly changes: readonly Change[];
}

/** Asks whether the plan is what is wanted. Where people lose access, their number has to be typed. */
async function confirmApply(ctx: Context, { options, location }: Run, { made, changes }: Planned): Promise<void> {
  const losers = [...losersOf(changes)];
  const losing = losers.length;
  const { profile } = ctx.identity();
  const people = losing === 1 ? '1 person loses' : `${losing} people lose`;
  const more = losing > maxNamed ? `, and ${losing - maxNamed} more` : '';
  const lines = [
    `apply ${shortFingerprint(made.document.fingerprint)} to organization ${organizationName(location)}?`,
    ...noticeLines(noticeOf(changes, made.observed, ctx.now())).map((line) => `  ${line}`),
    ...(losing > 0 ? [`  ${people} access: ${losers.slice(0, maxNamed).join(', ')}${more}`] : []),
    ...(profile === undefined ? [] : [`  with the profile "${profile}"`]),
  ];
  await ctx.confirm({
    message: lines.join('\n'),
    answered: options.yes === true,
    phrase: losing > 0 ? String(losing) : undefined,
  });
}

function organizationName({ name, organization }: Location): string {
  return name === undefined ? organization : `"${name}" (${organization})`;
}

/** Carries the changes out and shows what came of each. Returns how many were left for a person after all. */
async function carryOut(ctx: Context, run: Run, { made, changes }: Planned, journal: ApplyJournal): Promise<number> {
  const { tools } = run.location;
  const lacking = new Set<string>();
  const isLacking = (email: string) => lacking.has(foldEmail(email));
  const phases = phasesOf(changes, { ...made, mails: journal.mailsTo(changes), isLacking });
  const opened = phases[0]?.some(({ kind }) => kind === 'create') ? await journal.open() : undefined;
  let isAdminMissing = false;
  const judge = (finished: Result) => {
    const result = asBlocked(finished);
    isAdminMissing ||= failedToGrantAdmin(result);
    if (isIncomplete(result)) lacking.add(foldEmail(result.target));
    return result;
  };
  try {
    const tally = await applyAll(
      ctx,
      (counts) =>
        inPhases(phases, counts, () => {
          if (isAdminMissing) counts.stop(adminMissing());
        }),
      {
        ...{ tools, dryRun: false, concurrency: run.options.concurrency, kind: 'grant', recorder: opened },
        total: phases.reduce((sum, phase) => sum + phase.length, 0),
        judge,
      },
    );
    const isUnfinished = tally.count('not_attempted') + tally.count('unknown') > 0;
    const hints = isUnfinished
      ? [`to continue: ${typedAgain('apply', run.file, run.options)}${run.options.yes === true ? ' --yes' : ''}`]
      : [];
    reportOutcome(ctx, tally, { tools, dryRun: false, hints });
    return tally.count('blocked');
  } finally {
    await opened?.close();
  }
}

function adminMissing(): CliError {
  return new CliError('partial_failure', 'somebody could not be made an OrganizationAdmin, so nothing is taken away');
}

/** A person who was to get something and did not, or did not get all of it. */
function isIncomplete({ outcome, error }: Result): boolean {
  return error !== undefined || outcome === 'unknown' || outcome === 'not_attempted';
}

/** Somebody who has left and whom the API does not let in again is for a person to look at. */
function asBlocked(result: Result): Result {
  const isRefused = result.outcome === 'failed' && result.error?.code === 'already_exists';
  return isRefused ? { ...result, outcome: 'blocked' } : result;
}

/** What earlier runs in this organization wrote down of their mails. */
interface ApplyJournal {
  readonly past: JournalState;
  mailsTo(changes: readonly Change[]): { get(email: string): Mailed | undefined };
  open(): Promise<Journal>;
}

function applyJournalOf(ctx: Context, run: Run): ApplyJournal {
  const { stateDir, clock } = ctx.host;
  const head = journalHeader(ctx, run);
  const path = applyJournalPath(stateDir, head);
  // What was mailed longer ago than any list lags is in the list.
  const written = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const past = written < clock.now() - memorySpan ? noJournal() : readJournal(path);
  return {
    past,
    open: () => openJournal(path, { head, size: past.size, now: () => clock.now() }),
    mailsTo: (changes) => {
      const invited = changes.filter(({ action }) => action === 'invite' || action === 'reinvite');
      const wanted = new Set(invited.map(({ email }) => foldEmail(email)));
      const others = rememberedMails(ctx, { wanted, readOnly: false, own: path });
      return { get: (email) => others.get(email) ?? mailedBefore(past, email) };
    },
  };
}

/** What the API took has been mailed, whatever a list shows; of what else was begun the list is believed. */
function mailedBefore({ done, begun }: JournalState, email: string): Mailed | undefined {
  const started = begun.get(foldEmail(email));
  if (started !== undefined) return started.answered ? { at: started.at } : undefined;
  const id = done.get(email)?.id;
  return id === undefined ? undefined : { at: 0, id };
}

function journalHeader(ctx: Context, { input, location }: Pick<Run, 'input' | 'location'>): JournalHeader {
  const { organization, origin } = location;
  const key_id = ctx.identity().kind === 'sandbox' ? null : location.key_id;
  return {
    ...{ file: input.name, file_sha256: input.sha256, origin, organization, key_id, auth_type: null, roles: [] },
    created_at: new Date(ctx.host.clock.now()).toISOString(),
  };
}
