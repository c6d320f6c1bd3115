import { foldEmail } from '../api/email.ts';
import { organizationName } from '../api/organizations.ts';
import type { Context } from '../cli/context.ts';
import { printerBesideResults } from '../cli/printer.ts';
import { CliError } from '../errors.ts';
import type { Change as EngineChange } from '../mail/change.ts';
import { blocked } from '../mail/remove.ts';
import type { Result } from '../mail/result.ts';
import { viewOf } from '../output/view.ts';
import { decide } from './decide.ts';
import { type ApiKeys, unwanted } from './decide-person.ts';
import { type Desired, Ignored } from './desired.ts';
import type { Sight } from './observe.ts';
import { nameOf, standingOf } from './observed.ts';
import { leaveOf } from './phases.ts';
import { type Change, isChange, type Plan, type Row } from './plan.ts';
import { isAdministrator, type RosterRow, rolesInWords, rosterOf, rowsNamed, strangerError } from './roster.ts';
import { type Limits, refusalsOf } from './safety.ts';

/** What becomes of one person who is to be taken out; nothing if they are gone already. */
export interface Leaver {
  /** Undefined for somebody who is neither a member nor was ever invited. */
  readonly person: RosterRow | undefined;
  /** As typed, otherwise the e-mail. */
  readonly target: string;
  readonly changes: readonly Change[];
  /** What forbids every change. */
  readonly finding?: Row | undefined;
  readonly apiKeys: ApiKeys;
}

/** A target, and the rows of those whom it names: several users may have one address. */
export interface Chosen {
  readonly target: string;
  readonly rows: readonly RosterRow[];
}

/** Those who are named, each once; `rows` is empty for somebody who is nowhere. */
export function namedPeople(names: readonly string[], sight: Sight): Chosen[] {
  const found = new Map<string, Chosen>();
  for (const name of names) {
    const rows = rowsNamed(name, sight);
    const [first] = rows;
    const key = first === undefined ? foldEmail(name) : (first.user?.id ?? foldEmail(first.email));
    if (!found.has(key)) found.set(key, { target: first?.email ?? name, rows });
  }
  return [...found.values()];
}

/** Those whom the filters leave, as far as there is anything of them to take away. */
export function matchingPeople(matches: (row: RosterRow) => boolean, limit: number | undefined, sight: Sight) {
  const how = { apiKeys: new Map(), withApiKeys: true, why: '' };
  return rosterOf(sight)
    .filter((row) => matches(row) && decisionOf([row], sight, how).length > 0)
    .slice(0, limit)
    .map((row): Chosen => ({ target: row.email, rows: [row] }));
}

/**
 * Decides about each of them. Reads the API keys of members: in one pass of many, otherwise by a request each.
 * @param options.why Why they are to go, for the table.
 */
export async function decideRemoval(
  chosen: readonly Chosen[],
  sight: Sight,
  { limits, why }: { readonly limits: Limits; readonly why: string },
): Promise<Leaver[]> {
  const members = chosen.flatMap(({ rows }) => rows).filter(({ state }) => state === 'member');
  const apiKeys = await sight.tools.apiKeys.ownedBy([...new Set(members.flatMap(({ user }) => user?.id ?? []))]);
  return chosen.map(({ target, rows }) => {
    const decided = decisionOf(rows, sight, { apiKeys, withApiKeys: limits.with_api_keys, why });
    const changes = decided.filter(isChange);
    return { person: rows[0], target, changes, finding: changes.length > 0 ? undefined : decided[0], apiKeys };
  });
}

/** Names somebody who was found, for the next look. */
export function nameForLook({ person, target }: Leaver): string {
  return person?.state === 'member' ? (person.user?.id ?? target) : target;
}

/** What is left to do about each of them after a second look: less than was asked about, never more. */
export function sinceAsked(asked: readonly Leaver[], now: readonly Leaver[]): Leaver[] {
  return asked.map((before): Leaver => {
    if (before.changes.length === 0) return before;
    // Who is not found any more is looked up once more before anything is sent.
    const after = now.find((one) => isSamePerson(one, before)) ?? before;
    const seen = new Set(before.changes.map(({ action }) => action));
    const isMore =
      after.changes.some(({ action }) => !seen.has(action)) || (isAdministratorOf(after) && !isAdministratorOf(before));
    // API keys that are new are seen when they are read once more, just before the user is deleted.
    const { target, apiKeys } = before;
    return { ...after, target, apiKeys, ...(isMore ? { changes: [], finding: changedMeanwhile(after, target) } : {}) };
  });
}

function isSamePerson(one: Leaver, other: Leaver): boolean {
  const user = one.person?.user?.id;
  return (user !== undefined && user === other.person?.user?.id) || foldEmail(one.target) === foldEmail(other.target);
}

function changedMeanwhile({ changes: [change] }: Leaver, email: string): Row {
  const what = 'more would be removed than was confirmed';
  return { action: 'blocked', email, state: change?.state ?? 'unknown', what, why: 'they have changed meanwhile' };
}

interface DecisionOptions {
  readonly apiKeys: ApiKeys;
  readonly withApiKeys: boolean;
  readonly why: string;
}

/** A file that lists nobody and manages nothing. */
const nobody: Desired = { managed: 'none', reinvite: 0, ignore: [], people: [] };

/** As a plan decides about somebody whose end has come by name: changes, or a finding that forbids them. */
function decisionOf(rows: readonly RosterRow[], sight: Sight, options: DecisionOptions): Row[] {
  const { observed, now } = sight;
  const [row, ...others] = rows;
  if (row === undefined) return [];
  const { person, email } = row;
  const standing = standingOf(person, now);
  const { state } = standing;
  const ambiguous = (what: string, why: string): Row[] => [
    { action: 'ambiguous', email, state: 'ambiguous', what, why },
  ];
  if (others.length > 0) {
    const users = rows.map(({ user }) => user?.id).join(', ');
    return ambiguous(`several users have this address: ${users}`, 'name one of them by id');
  }
  if (state === 'ambiguous') {
    const ids = standing.ids.join(', ');
    return ambiguous(`several invitations are open: ${ids}`, 'invite delete revokes one of them by its id');
  }
  const ignored = new Ignored([], observed.organization);
  const input = { desired: nobody, observed, now, file: '', allowUnknownRoles: false, ignored, email };
  const decided = [...unwanted({ ...input, ...options, person, standing }, 'named')];
  if (decided.length === 0 || observed.hasRoles) return decided;
  return [{ action: 'blocked', email, state, what: 'their roles could not be read', why: options.why }];
}

/** Throws `unsafe_plan` with every reason to refuse to take these people out. */
export function checkRemoval(leavers: readonly Leaver[], sight: Sight, limits: Limits): void {
  const rows = leavers.flatMap(({ changes, finding }): readonly Row[] => (finding === undefined ? changes : [finding]));
  const admins = leavers.filter((leaver) => leaver.changes.length > 0 && isAdministratorOf(leaver));
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
export function removalChanges(leavers: readonly Leaver[], { observed }: Sight, ifExists: boolean): EngineChange[] {
  return leavers.map((leaver) => {
    const { target, changes, apiKeys } = leaver;
    if (changes.length > 0) return leaveOf(target, changes, { observed, apiKeys });
    return { kind: 'settled', target, known: [], result: settled(leaver, ifExists) };
  });
}

/** Why nothing is done. */
function settled({ person, target, finding }: Leaver, ifExists: boolean): Result {
  const user = person?.user ? { user: person.user.id } : {};
  if (finding !== undefined) {
    const why = finding.why.split('; ').filter((one) => one !== 'named');
    return blocked(target, [finding.what, ...why].join('; '), user);
  }
  if (person !== undefined) return { target, ...user, outcome: 'already_gone' };
  return { target, outcome: 'not_found', ...(ifExists ? {} : { error: strangerError(target, ['invite people']) }) };
}

function isAdministratorOf({ person }: Leaver): boolean {
  return person !== undefined && isAdministrator(person.person);
}

/** How somebody is called in a question. */
function leaverName({ person, target }: Leaver): string {
  return person === undefined ? target : nameOf(person.email, person.invited_as);
}

interface RemovalQuestion {
  readonly leavers: readonly Leaver[];
  readonly sight: Sight;
  /** `--yes`. */
  readonly yes: boolean;
  /** Throws if the safety rules forbid it, which no answer changes. */
  readonly check: () => void;
}

/**
 * Shows who is to go with all that they have, then asks. Nothing is asked if nobody is left to be taken out. Returns
 * whether a person was asked.
 */
export async function confirmRemoval(ctx: Context, { leavers, sight, yes, check }: RemovalQuestion): Promise<boolean> {
  if (!yes && ctx.prompter() !== undefined && leavers.some(({ person }) => person !== undefined))
    await printerBesideResults(ctx).list(leaverView, [leavers]);
  check();
  const going = leavers.filter(({ changes }) => changes.length > 0);
  const [only] = going;
  if (only === undefined) return false;
  const phrase = going.length === 1 && only.person?.state === 'member' ? only.target : String(going.length);
  const { profile } = ctx.identity();
  return ctx.confirm({ message: removalQuestion(leavers, { ...sight, profile }), answered: yes, phrase });
}

/** Names administrators and owners of API keys, however many they are: the others are in the table. */
export function removalQuestion(
  leavers: readonly Leaver[],
  { organization, profile }: Pick<Sight, 'organization'> & { readonly profile: string | undefined },
): string {
  const going = leavers.filter(({ changes }) => changes.length > 0);
  const [only, ...more] = going;
  const who = only !== undefined && more.length === 0 ? leaverName(only) : `${going.length} people`;
  const owners = going.filter((leaver) => keyCount(leaver) !== '0');
  const named = {
    administrators: going.filter(isAdministratorOf).map(leaverName),
    'owners of API keys, which are deleted with them': owners.map((one) => `${leaverName(one)} (${keyCount(one)})`),
    'left alone': leavers.flatMap((one) => (one.finding ? `${leaverName(one)} (${one.finding.what})` : [])),
  };
  return [
    `remove ${who} from organization ${organizationName(organization)}?`,
    ...Object.entries(named).flatMap(([title, names]) => (names.length > 0 ? `  ${title}: ${names.join(', ')}` : [])),
    ...(profile === undefined ? [] : [`  with the profile "${profile}"`]),
  ].join('\n');
}

/** `?` if they may not be read. */
function keyCount({ person, apiKeys }: Leaver): string {
  if (person?.state !== 'member') return '0';
  const keys = apiKeys.get(person.user?.id ?? '') ?? 'unreadable';
  return keys === 'unreadable' ? '?' : String(keys.length);
}

const leaverView = viewOf<Leaver>([], {
  columns: [
    { title: '   ACTION', field: 'action', rank: 1 },
    { title: 'EMAIL', field: 'email', rank: 0, narrowest: 12 },
    { title: 'STATE', field: 'state', rank: 3 },
    { title: 'ROLES', field: 'roles', rank: 2 },
    { title: 'API KEYS', field: 'api_keys', rank: 4 },
    { title: 'WHY', field: 'why', rank: 5 },
  ],
  record: (leaver) => {
    const { person, changes, finding } = leaver;
    const roles = person === undefined ? '' : rolesInWords(person.roles);
    const why = finding?.why ?? changes[0]?.why ?? (person === undefined ? 'unknown' : 'gone already');
    return {
      ...{ action: actionOf(leaver), email: leaverName(leaver), state: person?.state ?? 'none' },
      ...{ roles: roles || 'none', api_keys: keyCount(leaver), why },
    };
  },
});

function actionOf({ person, changes, finding }: Leaver): string {
  if (person === undefined) return '   not found';
  if (finding !== undefined) return ' ! blocked';
  const actions: readonly string[] = changes.map(({ action }) => action);
  const main = ['remove', 'withdraw', 'revoke'].find((one) => actions.includes(one));
  return main === undefined ? '   already gone' : ` - ${main}`;
}
