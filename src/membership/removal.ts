import { foldEmail, nameOf } from '../api/email.ts';
import { organizationName } from '../api/organizations.ts';
import type { Context } from '../cli/context.ts';
import type { Change as EngineChange } from '../mail/change.ts';
import { blocked } from '../mail/remove.ts';
import type { Result } from '../mail/result.ts';
import { sizeOf } from './decide.ts';
import { type ApiKeys, type PersonInput, unwanted } from './decide-person.ts';
import { type Desired, Ignored } from './desired.ts';
import type { Sight } from './observe.ts';
import { standingOf } from './observed.ts';
import { leaveOf } from './phases.ts';
import { isChange, isFinding, type Row } from './plan.ts';
import { isAdministrator, type RosterRow, rosterOf, rowKey, rowNamed, strangerError } from './roster.ts';
import { checkSafety, type Limits } from './safety.ts';
import { drawPlan } from './show-plan.ts';

/** What becomes of one person who is to be taken out. */
export interface Leaver {
  /** Undefined for somebody who is neither a member nor was ever invited. */
  readonly person: RosterRow | undefined;
  /** As typed, otherwise the e-mail. */
  readonly target: string;
  /** As a plan has them: changes, or the finding that forbids them; none for somebody who is gone already. */
  readonly rows: readonly Row[];
  readonly apiKeys: ApiKeys;
}

export type Chosen = Pick<Leaver, 'person' | 'target'>;

export function namedPeople(names: readonly string[], sight: Sight): Chosen[] {
  const found = new Map<string, Chosen>();
  for (const name of names) {
    const person = rowNamed(name, sight);
    const key = person === undefined ? foldEmail(name) : rowKey(person);
    if (!found.has(key)) found.set(key, { target: person?.email ?? name, person });
  }
  return [...found.values()];
}

/** Those whom the filters leave, as far as there is anything of them to take away. */
export function matchingPeople(matches: (row: RosterRow) => boolean, limit: number | undefined, sight: Sight) {
  const how = { apiKeys: new Map(), withApiKeys: true, why: '' };
  return rosterOf(sight)
    .filter((row) => matches(row) && removalRows(row, sight, how).length > 0)
    .slice(0, limit)
    .map((person): Chosen => ({ target: person.email, person }));
}

export function chosenAgain(chosen: readonly Chosen[], sight: Sight): Chosen[] {
  return chosen.map(({ person, target }) => {
    const name = person?.state === 'member' ? (person.user?.id ?? target) : target;
    return { target, person: rowNamed(name, sight) };
  });
}

interface RemovalOptions {
  readonly limits: Limits;
  /** Why they are to go, for the table. */
  readonly why: string;
  /** They are not in a file of e-mails: that says nothing of somebody who has none. */
  readonly isByAbsence?: boolean | undefined;
}

/** Decides about each of them. Reads the API keys of members: in one pass of many, otherwise by a request each. */
export async function decideRemoval(
  chosen: readonly Chosen[],
  sight: Sight,
  { limits, why, isByAbsence }: RemovalOptions,
): Promise<Leaver[]> {
  const users = chosen.flatMap(({ person }) => (person?.state === 'member' && person.user ? person.user.id : []));
  const apiKeys = await sight.tools.apiKeys.ownedBy([...new Set(users)]);
  const how = { apiKeys, withApiKeys: limits.with_api_keys, why, isByAbsence };
  return chosen.map(({ person, target }) => {
    return { person, target, apiKeys, rows: person === undefined ? [] : removalRows(person, sight, how) };
  });
}

/** What is left to do about each of them after a second look: less than was asked about, never more. */
export function sinceAsked(asked: readonly Leaver[], now: readonly Leaver[]): Leaver[] {
  return asked.map((before, index): Leaver => {
    const after = now[index];
    // Who is not found any more is looked up once more before anything is sent.
    if (!before.rows.some(isChange) || after?.person === undefined) return before;
    const seen = new Set(before.rows.map(({ action }) => action));
    const changes = after.rows.filter(isChange);
    const isMore = changes.some(({ action }) => !seen.has(action)) || (isAdmin(after) && !isAdmin(before));
    // API keys that are new are seen when they are read once more, just before the user is deleted.
    return { ...before, person: after.person, rows: isMore ? [changedMeanwhile(after)] : after.rows };
  });
}

function changedMeanwhile({ rows: [row], target: email }: Leaver): Row {
  const what = 'more would be removed than was confirmed';
  const why = 'they have changed meanwhile';
  return { action: 'blocked', email, state: row?.state ?? 'unknown', what, why, isUnwanted: true };
}

const nobody: Desired = { managed: 'none', reinvite: 0, ignore: [], people: [] };

/** As a plan decides about somebody whose end has come by name. */
function removalRows(
  { person, email, user }: RosterRow,
  sight: Sight,
  how: Pick<PersonInput, 'apiKeys' | 'withApiKeys' | 'why'> & Pick<RemovalOptions, 'isByAbsence'>,
): Row[] {
  const { observed, now } = sight;
  const standing = standingOf(person, now);
  const finding = (action: 'ambiguous' | 'blocked', what: string, why: string): Row[] => [
    { action, email, state: standing.state, what, why, isUnwanted: true },
  ];
  if (standing.state === 'ambiguous') {
    const ids = standing.ids.join(', ');
    return person.users.length > 1
      ? finding('ambiguous', `several users have this address: ${ids}`, 'name one of them by id')
      : finding('ambiguous', `several invitations are open: ${ids}`, 'invite delete revokes one of them by its id');
  }
  const ignored = new Ignored([], observed.organization);
  const input = { desired: nobody, observed, now, file: '', allowUnknownRoles: false, ignored, email };
  // An invitation that has ended may have left some behind.
  const isUnnamed = user === null && ['expired', 'deactivated'].includes(standing.state);
  if (isUnnamed || (!observed.hasRoles && standing.state !== 'left'))
    return finding('blocked', 'their roles could not be read', how.why);
  return [...unwanted({ ...input, ...how, person, standing }, how.isByAbsence ? 'absent' : 'named')];
}

/** Throws `unsafe_plan` with every reason to refuse to take these people out. */
export function checkRemoval(leavers: readonly Leaver[], sight: Sight, limits: Limits): void {
  const admins = leaving(leavers).filter(isAdmin);
  const hints = admins.length === 0 ? [] : [`administrators among them: ${admins.map(leaverName).join(', ')}`];
  const rows = leavers.flatMap((leaver) => leaver.rows);
  checkRows(rows, sight, limits, hints);
}

/** The same for changes that somebody asks for on the command line, who therefore counts no revocations. */
export function checkRows(
  rows: readonly Row[],
  { observed, now, caller }: Sight,
  limits: Limits,
  hints: readonly string[] = [],
): void {
  const plan = { rows, bindings_of_listed: 0, ...sizeOf(observed, now) };
  checkSafety({ plan, observed, limits: { ...limits, max_revocations: rows.length }, caller }, hints);
}

export function removalChanges(leavers: readonly Leaver[], { observed }: Sight, ifExists: boolean): EngineChange[] {
  return leavers.map((leaver) => {
    const { person, target, rows, apiKeys } = leaver;
    const changes = rows.filter(isChange);
    if (changes.length > 0) return leaveOf(target, changes, { observed, apiKeys });
    const invited_as = person?.invited_as;
    return { kind: 'settled', target, invited_as, known: [], result: settled(leaver, ifExists) };
  });
}

/** Why nothing is done. */
function settled({ person, target, rows: [finding] }: Leaver, ifExists: boolean): Result {
  const user = person?.user ? { user: person.user.id } : {};
  if (finding !== undefined) {
    const why = finding.why.split('; ').filter((one) => one !== 'named');
    return blocked(target, [finding.what, ...why].join('; '), user);
  }
  if (person !== undefined) return { target, ...user, outcome: 'already_gone' };
  const id = target.includes('@') ? undefined : target;
  const error = ifExists ? undefined : strangerError(target, ['invite people']);
  return { target, user: id, outcome: 'not_found', error };
}

function leaving(leavers: readonly Leaver[]): Leaver[] {
  return leavers.filter(({ rows }) => rows.some(isChange));
}

function isAdmin({ person }: Leaver): boolean {
  return person !== undefined && isAdministrator(person.person);
}

function leaverName({ person, target }: Leaver): string {
  return person === undefined ? target : nameOf(person.email, person);
}

/** Shows the plan, with all that they have, where a question follows. */
export async function showLeavers(ctx: Context, leavers: readonly Leaver[]): Promise<void> {
  const rows = leavers.flatMap((leaver) => leaver.rows);
  if (ctx.prompter() !== undefined && rows.length > 0) await drawPlan(ctx, { rows });
}

/** Nothing is asked if nobody is left to be taken out. Returns whether a person was asked. */
export async function confirmRemoval(ctx: Context, leavers: readonly Leaver[], sight: Sight, yes: boolean) {
  const [only, ...more] = leaving(leavers);
  if (only === undefined) return false;
  const isMember = only.person?.state === 'member' && more.length === 0;
  const phrase = isMember ? only.target : String(1 + more.length);
  const { profile } = ctx.identity();
  return ctx.confirm({ lines: removalQuestion(leavers, { ...sight, profile }), answered: yes, phrase });
}

/** Names administrators and owners of API keys, however many they are: the others are in the table. */
export function removalQuestion(
  leavers: readonly Leaver[],
  { organization, profile }: Pick<Sight, 'organization'> & { readonly profile: string | undefined },
): string[] {
  const going = leaving(leavers);
  const [only, ...more] = going;
  const who = only !== undefined && more.length === 0 ? leaverName(only) : `${going.length} people`;
  const owners = going.filter((leaver) => keyCount(leaver) !== '0');
  const named = {
    administrators: going.filter(isAdmin).map(leaverName),
    'owners of API keys, which are deleted with them': owners.map((one) => `${leaverName(one)} (${keyCount(one)})`),
    'left alone': leavers.flatMap((one) => {
      return one.rows.filter(isFinding).map(({ what }) => `${leaverName(one)} (${what})`);
    }),
  };
  return [
    `remove ${who} from organization ${organizationName(organization)}?`,
    ...Object.entries(named).flatMap(([title, names]) => (names.length > 0 ? `  ${title}: ${names.join(', ')}` : [])),
    ...(profile === undefined ? [] : [`  with the profile "${profile}"`]),
  ];
}

/** `?` if they may not be read. */
function keyCount({ person, apiKeys }: Leaver): string {
  if (person?.state !== 'member') return '0';
  const keys = apiKeys.get(person.user?.id ?? '') ?? 'unreadable';
  return keys === 'unreadable' ? '?' : String(keys.length);
}
