import { join } from 'node:path';
import { EmailMap, foldEmail } from '../api/email.ts';
import { lookOnceMore } from '../api/targets.ts';
import type { Context } from '../cli/context.ts';
import { CliError } from '../errors.ts';
import { withLock } from '../files/lock.ts';
import { makeFolder, removeFile } from '../files/write.ts';
import type { Tools } from '../mail/change.ts';
import { lookAndAsk } from '../mail/look.ts';
import { memberChangeView, type Result } from '../mail/result.ts';
import { applyAll, reportOutcome } from '../mail/run-changes.ts';
import { maxNamed } from '../mail/targets.ts';
import { textAt } from '../text/json-fields.ts';
import { firstOf } from '../text/times.ts';
import { noticeOf } from './decide.ts';
import { phasesOf } from './phases.ts';
import { isFinding, isMail } from './plan.ts';
import { type ApplyOptions, typedAgain } from './plan-options.ts';
import { type Location, locate, type MadePlan, makePlan, readPlanInputs, warnOfSlips } from './prepare.ts';
import { checkSafety, losersOf } from './safety.ts';
import { type PlanInput, savedRow, sha256, shortFingerprint } from './saved-plan.ts';
import { drawPlan, noticeLines, sayPlan } from './show-plan.ts';

interface Run {
  /** As typed. */
  readonly files: readonly string[];
  readonly options: ApplyOptions;
  readonly input: PlanInput;
  readonly location: Location;
}

/** Plans, asks, and carries the plan out, while no other process of this machine does so in the same organization. */
export async function applyFiles(ctx: Context, files: readonly string[], options: ApplyOptions): Promise<void> {
  ctx.expect(memberChangeView);
  const input = await readPlanInputs(ctx, files, options);
  const location = await locate(ctx, input);
  const run = { files, options, input, location };
  const { clock, processes, stateDir } = ctx.host;
  makeFolder(stateDir);
  // One apply at a time in an organization, whatever the key and the file.
  const place = sha256(JSON.stringify([location.origin, location.organization])).slice(0, 32);
  const lock = join(stateDir, `apply.${place}.lock`);
  if (options.forceUnlock) removeFile(lock);
  try {
    await withLock(lock, { clock, processes, say: ctx.say, wait: 0 }, () => applyLocked(ctx, run));
  } catch (error) {
    const isOurs = error instanceof CliError && error.code === 'locked' && error.details.target === lock;
    if (!isOurs) throw error;
    throw new CliError('locked', `another invite apply is running in ${location.name}`, {
      ...error.details,
      hints: [`if it is not: ${typedAgain('apply', files, options)} --force-unlock`],
    });
  }
}

async function applyLocked(ctx: Context, run: Run): Promise<void> {
  let reviewed = run.input.reviewed;
  const { seen: made, asked } = await lookAndAsk({
    clock: ctx.host.clock,
    look: () => makePlan(ctx, run.input, run.location, reviewed),
    ask: (plan) => {
      warnOfSlips(ctx, run.input, plan.observed);
      // Looked at again, it may hold no more than what is shown now.
      reviewed = plan.changes.map(savedRow);
      return askAbout(ctx, run, plan);
    },
  });
  if (asked !== undefined) {
    for (const line of made.notDone) ctx.say(line);
    checkSafety(made);
  }
  const left = await carryOut(ctx, run, made);
  const findings = made.plan.rows.filter(isFinding).length + left;
  if (findings === 0) return;
  throw new CliError('drift', `${findings} ${findings === 1 ? 'finding needs' : 'findings need'} a decision`, {
    hints: [typedAgain('plan', run.files, run.options), 'to accept one for good, list it under "ignore" in the file'],
  });
}

/** Shows the plan, and asks. Returns whether a person was asked. */
async function askAbout(ctx: Context, run: Run, made: MadePlan): Promise<boolean> {
  const { changes } = made;
  const isAsked = changes.length > 0 && run.options.yes !== true && ctx.prompter() !== undefined;
  if (isAsked) await drawPlan(ctx, made.plan);
  sayPlan(ctx, made);
  checkSafety(made);
  checkNewAdmins(ctx, run, made);
  // Several people are mailed only where it can be written down.
  if (changes.filter(isMail).length > 1) await run.location.tools.mails.require();
  return changes.length > 0 && (await confirmApply(ctx, run, made));
}

/** In a script nobody sees who becomes an administrator, unless a plan was reviewed. */
function checkNewAdmins(ctx: Context, { files, input, options }: Run, { plan }: MadePlan): void {
  const { new_admins } = plan.notice;
  const isSeen = input.reviewed !== undefined || ctx.prompter() !== undefined || options.allowAdmins === true;
  if (isSeen || options.yes !== true || new_admins.length === 0) return;
  throw new CliError('unsafe_plan', `the plan for "${plan.file}" makes administrators, nothing was sent`, {
    reason: noticeLines(plan.notice).slice(0, 1).join(''),
    hints: [
      '--allow-admins allows it',
      `or review a saved plan: ${typedAgain('plan', files, options)} -o json > plan.json`,
    ],
  });
}

/** Asks whether the plan is what is wanted. Where people lose access, their number has to be typed. */
async function confirmApply(ctx: Context, { options, location }: Run, made: MadePlan): Promise<boolean> {
  const { changes, observed, document } = made;
  const losers = losersOf(changes);
  const losing = losers.length;
  const { profile } = ctx.identity();
  const people = losing === 1 ? '1 person loses' : `${losing} people lose`;
  const lines = [
    `apply ${shortFingerprint(document.fingerprint)} to organization ${location.name}?`,
    ...noticeLines(noticeOf(changes, observed, ctx.now())).map((line) => `  ${line}`),
    ...(losing > 0 ? [`  ${people} access: ${firstOf(losers, maxNamed).join(', ')}`] : []),
    ...(profile === undefined ? [] : [`  with the profile "${profile}"`]),
  ];
  return ctx.confirm({
    lines,
    answered: options.yes === true,
    phrase: losing > 0 ? String(losing) : undefined,
  });
}

/** Carries the changes out and shows what came of each. Returns how many were left for a person after all. */
async function carryOut(ctx: Context, run: Run, made: MadePlan): Promise<number> {
  const { tools } = run.location;
  const command = typedAgain('apply', run.files, run.options);
  const again = `to continue: ${command}${run.options.yes === true ? ' --yes' : ''}`;
  const lacking = new EmailMap<true>();
  const isLacking = (email: string) => lacking.has(email);
  const slipped = await slippedAmong(made, tools);
  const lookedAtOf = (email: string) => (slipped.has(email) ? Number.NEGATIVE_INFINITY : made.lookedAt);
  const phases = phasesOf(made.changes, { ...made, isLacking, lookedAtOf, repair: again });
  // The first phase gives, the others take away.
  const takesAway = phases.slice(1).some((phase) => phase.length > 0);
  let isGiving = true;
  const admins = new EmailMap<true>();
  for (const { role, email, action } of made.changes)
    if (action === 'grant' && role?.role_name === 'OrganizationAdmin') admins.set(email, true);
  const correct = (finished: Result) => {
    const result = asBlocked(finished);
    if (becameAdmin(result)) admins.delete(result.target);
    // Who was to get something and did not, or did not get all of it.
    const isIncomplete = result.error !== undefined || ['unknown', 'not_attempted'].includes(result.outcome);
    if (isGiving && isIncomplete) lacking.set(result.target, true);
    return result;
  };
  const stopAfter = () => {
    isGiving = false;
    const words = 'somebody could not be made an OrganizationAdmin, so nothing is taken away';
    return takesAway && admins.size > 0 ? new CliError('partial_failure', words) : undefined;
  };
  const { concurrency } = run.options;
  const how = { tools, view: memberChangeView, concurrency, kind: 'grant', correct, stopAfter } as const;
  const tally = await applyAll(ctx, phases, how);
  const isUnfinished = tally.count('not_attempted') + tally.count('unknown') > 0;
  const hints = isUnfinished ? [again] : [];
  reportOutcome(ctx, tally, { tools, hints });
  return tally.count('blocked');
}

/** Who is to be mailed because one pass over several pages did not show them, and is there all the same. */
async function slippedAmong({ changes, observed }: MadePlan, { invitations }: Tools) {
  const mailed = changes.filter(isMail).map(({ email }) => email);
  const slipped = new EmailMap<true>();
  for await (const batch of lookOnceMore(invitations, mailed)) {
    for (const row of batch) {
      const [id, email = ''] = [textAt(row, 'id'), textAt(row, 'email')];
      const known = observed.people.get(foldEmail(email))?.invitations ?? [];
      if (!known.some((one) => one.id === id)) slipped.set(email, true);
    }
  }
  return slipped;
}

/** Until everybody is who is to become one, nothing may be taken away. */
function becameAdmin({ roles = [] }: Result): boolean {
  return roles.some(
    ({ role_name, outcome }) => role_name === 'OrganizationAdmin' && /^(?:already_)?granted$/.test(outcome),
  );
}

/** Somebody who has left and whom the API does not let in again is for a person to look at. */
function asBlocked(result: Result): Result {
  const isRefused = result.outcome === 'failed' && result.error?.code === 'already_exists';
  return isRefused ? { ...result, outcome: 'blocked' } : result;
}
