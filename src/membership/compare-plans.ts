import { CliError } from '../errors.ts';
import { foldEmail } from '../invitations/email.ts';
import { type Change, changesOf, isFinding, type Plan, type Row } from './plan.ts';
import { keyOf, type SavedChange, savedChange } from './saved-plan.ts';

/** A reviewed plan beside one that was just made. */
export interface Comparison {
  /** To be done: all of them were reviewed. */
  readonly changes: readonly Change[];
  /** Reviewed, and no longer needed. */
  readonly skipped: readonly SavedChange[];
  /** Reviewed, and now left for a person to decide: shown, not done. */
  readonly milder: readonly { readonly saved: SavedChange; readonly row: Row }[];
  /** Due now and never reviewed, with what was reviewed for the same person: the plan is stale. */
  readonly added: readonly { readonly change: Change; readonly instead: SavedChange | undefined }[];
}

export function comparePlans(saved: readonly SavedChange[], fresh: Plan): Comparison {
  const reviewed = new Set(saved.map(keyOf));
  const due = changesOf(fresh).map((change) => ({ change, keys: keysOf(savedChange(change)) }));
  const [changes, unseen] = [[] as Change[], [] as Change[]];
  for (const { change, keys } of due) (keys.some((key) => reviewed.has(key)) ? changes : unseen).push(change);
  const still = new Set(due.flatMap(({ keys }) => keys));
  const gone = saved.filter((change) => !still.has(keyOf(change)));
  const blocked = new Map(fresh.rows.filter(isFinding).map((row) => [foldEmail(row.email), row]));
  const milder = gone.flatMap((change) => {
    const row = takesAway(change) ? blocked.get(foldEmail(change.email)) : undefined;
    return row === undefined ? [] : [{ saved: change, row }];
  });
  const settled = new Set(milder.map((one) => one.saved));
  const skipped = gone.filter((change) => !settled.has(change));
  return {
    changes,
    skipped,
    milder,
    added: unseen.map((change) => ({ change, instead: gone.find((one) => isSame(one, change)) })),
  };
}

function takesAway({ action }: SavedChange): boolean {
  return action === 'remove' || action === 'withdraw';
}

/** The user of somebody new was not known when the plan was made, and is known when the plan is resumed. */
function keysOf(change: SavedChange): string[] {
  return [keyOf(change), keyOf({ ...change, user: null })];
}

/** Another change of the same person, of the same kind. */
function isSame(saved: SavedChange, change: Change): boolean {
  const isAboutRole = (one: { readonly action: string }) => one.action === 'grant' || one.action === 'revoke';
  return foldEmail(saved.email) === foldEmail(change.email) && isAboutRole(saved) === isAboutRole(change);
}

/** Throws `stale_plan` with the lines that differ, if anything is due that was not reviewed. */
export function checkFresh({ added }: Comparison, name: string): void {
  if (added.length === 0) return;
  const lines = added.flatMap(({ change, instead }) => [
    ...(instead === undefined ? [] : [`was: ${lineOf(instead)}`]),
    `now: ${lineOf(change)}`,
  ]);
  const hints = ['make a new plan and review it'];
  throw new CliError('stale_plan', `the plan "${name}" no longer matches the organization, nothing was sent`, {
    reason: lines.join('\n'),
    hints,
    target: name,
  });
}

function lineOf({ action, email, state, what, why }: Row | SavedChange): string {
  return `${action} ${email} (${state}): ${what}; ${why}`;
}
