import { foldEmail } from '../api/email.ts';
import { CliError } from '../errors.ts';
import { type Change, changesOf, isFinding, type Plan, type Row } from './plan.ts';
import { keyOf, type SavedChange, savedRow } from './saved-plan.ts';

/** How a reviewed plan differs from one that was just made. */
export interface Comparison {
  /** To be applied; all of them were reviewed. */
  readonly changes: readonly Change[];
  /** Reviewed, but no longer needed. */
  readonly skipped: readonly SavedChange[];
  /** Reviewed, but now a finding, which needs a decision: shown, not applied. */
  readonly nowFindings: readonly { readonly saved: SavedChange; readonly row: Row }[];
  /** Needed now but not reviewed, so that the plan is stale; with the reviewed change of the same person, if any. */
  readonly added: readonly { readonly change: Change; readonly instead: SavedChange | undefined }[];
}

export function comparePlans(saved: readonly SavedChange[], fresh: Plan): Comparison {
  const reviewed = new Set(saved.map(keyOf));
  const needed = changesOf(fresh).map((change) => ({ change, keys: keysOf(savedRow(change)) }));
  const [changes, unreviewed] = [[] as Change[], [] as Change[]];
  for (const { change, keys } of needed) (keys.some((key) => reviewed.has(key)) ? changes : unreviewed).push(change);
  const neededKeys = new Set(needed.flatMap(({ keys }) => keys));
  const notNeeded = saved.filter((change) => !neededKeys.has(keyOf(change)));
  const findings = new Map(fresh.rows.filter(isFinding).map((row) => [foldEmail(row.email), row]));
  const nowFindings = notNeeded.flatMap((change) => {
    const row = isRemoval(change) ? findings.get(foldEmail(change.email)) : undefined;
    return row === undefined ? [] : [{ saved: change, row }];
  });
  const handled = new Set(nowFindings.map((one) => one.saved));
  const skipped = notNeeded.filter((change) => !handled.has(change));
  return {
    changes,
    skipped,
    nowFindings,
    added: unreviewed.map((change) => ({ change, instead: notNeeded.find((one) => isSame(one, change)) })),
  };
}

function isRemoval({ action }: SavedChange): boolean {
  return action === 'remove' || action === 'withdraw';
}

/** The user of a new person is not known when the plan is made, but is when the plan is resumed. */
function keysOf(change: SavedChange): string[] {
  return [keyOf(change), keyOf({ ...change, user: null })];
}

/** Another change of the same person, of the same kind. */
function isSame(saved: SavedChange, change: Change): boolean {
  const isAboutRole = (one: { readonly action: string }) => one.action === 'grant' || one.action === 'revoke';
  return foldEmail(saved.email) === foldEmail(change.email) && isAboutRole(saved) === isAboutRole(change);
}

/** Throws `stale_plan`, with the lines that differ, if a change is needed that was not reviewed. */
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
