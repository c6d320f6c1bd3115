import { foldEmail } from '../api/email.ts';
import { parseTarget, type Target } from '../api/targets.ts';
import { CliError } from '../errors.ts';
import type { Change as EngineChange } from '../mail/change.ts';
import { blocked } from '../mail/remove.ts';
import type { Result } from '../mail/result.ts';
import { decide } from './decide.ts';
import { type ApiKeys, unwanted } from './decide-person.ts';
import { type Desired, Ignored } from './desired.ts';
import type { Sight } from './observe.ts';
import { nameOf, standingOf } from './observed.ts';
import { isAdministrator } from './people-filter.ts';
import { leaveOf } from './phases.ts';
import { type Change, isChange, type Plan, type Row } from './plan.ts';
import { type RosterRow, rosterOf, rowsNamed, strangerError } from './roster.ts';
import { type Limits, refusalsOf } from './safety.ts';

/** What becomes of one person who is to be taken out. */
export interface Leaver {
  /** Undefined for somebody who is neither a member nor was ever invited. */
  readonly person: RosterRow | undefined;
  /** As typed, otherwise the e-mail. */
  readonly target: string;
  /** What a plan has about them: changes, or findings that forbid them; nothing for somebody who is gone already. */
  readonly rows: readonly Row[];
  readonly apiKeys: ApiKeys;
}

interface RemovalOptions {
  readonly limits: Limits;
  /** Why they are to go, for the table. */
  readonly why: string;
}

/** Those who are named, each once; `rows` is empty for somebody who is nowhere. */
export function namedPeople(targets: readonly Target[], sight: Sight): Chosen[] {
  const found = new Map<string, Chosen>();
  for (const { text } of targets) {
    const rows = rowsNamed(text, sight);
    const [first] = rows;
    const key = first === undefined ? foldEmail(text) : (first.user ?? foldEmail(first.email));
    if (!found.has(key)) found.set(key, { target: first?.email ?? text, rows });
  }
  return [...found.values()];
}

/** Those whom the filters leave, as far as there is anything of them to take away. */
export function matchingPeople(
  matches: (row: RosterRow) => boolean,
  limit: number | undefined,
  sight: Sight,
): Chosen[] {
  const decided = rosterOf(sight)
    .filter(matches)
    .filter((row) => decisionOf(row, sight, { apiKeys: new Map(), withApiKeys: true, why: '' }).length > 0);
  return decided.slice(0, limit).map((row) => ({ target: row.email, rows: [row] }));
}

/** A target, and the rows of those whom it names: several users may have one address. */
export interface Chosen {
  readonly target: string;
  readonly rows: readonly RosterRow[];
}

/** Decides about each of them. Reads the API keys of members: in one pass of many, otherwise by a request each. */
export async function decideRemoval(
  chosen: readonly Chosen[],
  sight: Sight,
  options: RemovalOptions,
): Promise<Leaver[]> {
  const members = chosen.flatMap(({ rows }) => rows).filter(({ state }) => state === 'member');
  const users = [...new Set(members.flatMap(({ user }) => user ?? []))];
  const apiKeys = await sight.tools.apiKeys.ownedBy(users);
  const how = { apiKeys, withApiKeys: options.limits.with_api_keys, why: options.why };
  return chosen.map(({ target, rows: [person, ...others] }) => {
    if (person === undefined) return { person, target, rows: [], apiKeys };
    const ids = [person, ...others].flatMap(({ user }) => user ?? []);
    const rows = others.length > 0 ? [ambiguous(person, ids)] : decisionOf(person, sight, how);
    return { person, target, rows, apiKeys };
  });
}

/** Names somebody who was found, for the next look. */
export function targetOf({ person, target }: Leaver): Target {
  return parseTarget(person?.state === 'member' ? (person.user ?? target) : target);
}

/** What is left to do about each of them after a second look: less than was asked about, never more. */
export function sinceAsked(asked: readonly Leaver[], now: readonly Leaver[]): Leaver[] {
  return asked.map((before): Leaver => {
    if (changesOfLeaver(before).length === 0) return before;
    const after = now.find((one) => isSamePerson(one, before));
    if (after === undefined) return { ...before, rows: [] };
    const seen = new Set(changesOfLeaver(before).map(({ action }) => action));
    const isMore =
      changesOfLeaver(after).some(({ action }) => !seen.has(action)) ||
      (isAdministratorOf(after) && !isAdministratorOf(before));
    // API keys that are new are seen when they are read once more, just before the user is deleted.
    const { target, apiKeys } = before;
    return { ...after, target, apiKeys, ...(isMore ? { rows: [changedMeanwhile(after, before)] } : {}) };
  });
}

function isSamePerson(one: Leaver, other: Leaver): boolean {
  const user = one.person?.user;
  return (user !== undefined && user === other.person?.user) || foldEmail(one.target) === foldEmail(other.target);
}

function changedMeanwhile({ rows: [row] }: Leaver, { target }: Leaver): Row {
  const what = 'more would be removed than was confirmed';
  return { action: 'blocked', email: target, state: row?.state ?? 'unknown', what, why: 'they have changed meanwhile' };
}

function ambiguous({ email }: RosterRow, ids: readonly string[]): Row {
  return {
    ...{ action: 'ambiguous', email, state: 'ambiguous' },
    what: `several users have this address: ${ids.join(', ')}`,
    why: 'name one of them by id',
  };
}

interface DecisionOptions {
  readonly apiKeys: ApiKeys;
  readonly withApiKeys: boolean;
  readonly why: string;
}

/** A file that lists nobody and manages nothing. */
const nobody: Desired = { managed: 'none', reinvite: 0, ignore: [], people: [] };

/** As a plan decides about somebody whose end has come by name. */
function decisionOf({ person, email }: RosterRow, sight: Sight, options: DecisionOptions): Row[] {
  const { observed, now } = sight;
  const ignored = new Ignored([], observed.organization);
  const input = { desired: nobody, observed, now, file: '', allowUnknownRoles: false, ignored, email };
  const standing = standingOf(person, now);
  const { state } = standing;
  if (state === 'ambiguous') {
    const what = `several invitations are open: ${standing.ids.join(', ')}`;
    return [{ action: 'ambiguous', email, state, what, why: 'invite delete revokes one of them by its id' }];
  }
  const rows = [...unwanted({ ...input, ...options, person, standing }, 'named')];
  if (rows.length === 0 || observed.hasRoles) return rows;
  const what = 'their roles could not be read';
  return [{ action: 'blocked', email, state, what, why: options.why }];
}

export function changesOfLeaver({ rows }: Leaver): Change[] {
  return rows.filter(isChange);
}

/** Throws `unsafe_plan` with every reason to refuse to take these people out. */
export function checkRemoval(leavers: readonly Leaver[], sight: Sight, limits: Limits): void {
  const rows = leavers.flatMap((leaver) => leaver.rows);
  const admins = leavers.filter((leaver) => changesOfLeaver(leaver).length > 0 && isAdministratorOf(leaver));
  const hints = admins.length === 0 ? [] : [`administrators among them: ${admins.map(leaverName).join(', ')}`];
  checkRows(
    rows.map((row): Row => ({ ...row, isUnwanted: true })),
    sight,
    limits,
    hints,
  );
}

/** The same for changes that somebody asks for on the command line, who therefore counts no revocations. */
export function checkRows(
  rows: readonly Row[],
  { observed, now, caller }: Sight,
  limits: Limits,
  hints: readonly string[] = [],
): void {
  const question = { desired: nobody, observed, now, file: '', allowUnknownRoles: false };
  const plan: Plan = { ...decide({ ...question, apiKeys: new Map(), withApiKeys: false }), rows };
  const refusals = refusalsOf(plan, observed, { limits: { ...limits, max_revocations: rows.length }, caller });
  if (refusals.length === 0) return;
  throw new CliError('unsafe_plan', 'this takes away more than is allowed, nothing was sent', {
    reason: refusals.join('\n'),
    hints,
  });
}

/** What is to be done about each of them, in their order. */
export function removalChanges(leavers: readonly Leaver[], sight: Sight, ifExists: boolean): EngineChange[] {
  return leavers.map((leaver) => {
    const changes = changesOfLeaver(leaver);
    const { target, apiKeys } = leaver;
    if (changes.length > 0) return leaveOf(target, changes, { observed: sight.observed, apiKeys });
    return { kind: 'settled', target, known: [], result: settled(leaver, ifExists) };
  });
}

/** Why nothing is done. */
function settled({ person, target, rows: [finding] }: Leaver, ifExists: boolean): Result {
  const user = person?.user === undefined ? {} : { user: person.user };
  if (finding !== undefined) {
    const why = finding.why.split('; ').filter((one) => one !== 'named');
    return blocked(target, [finding.what, ...why].join('; '), user);
  }
  if (person !== undefined) return { target, ...user, outcome: 'already_gone' };
  return { target, outcome: 'not_found', ...(ifExists ? {} : { error: strangerError(target, ['invite people']) }) };
}

export function isAdministratorOf({ person }: Leaver): boolean {
  return person !== undefined && isAdministrator(person);
}

/** How somebody is called in a question. */
export function leaverName({ person, target }: Leaver): string {
  return person === undefined ? target : nameOf(person.email, person.invited_as);
}
