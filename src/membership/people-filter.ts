import { type Command, Option } from 'commander';
import { EmailMap, isInDomains, parseDomains } from '../api/email.ts';
import { nonEmpty } from '../api/filter.ts';
import { findOrganization } from '../api/organizations.ts';
import { checkName, checkOrganization, parseRole, type Role } from '../api/roles.ts';
import type { Context } from '../cli/context.ts';
import { refuseForeignRoles, refuseTypo, roleOption } from '../cli/invite-options.ts';
import { CliError } from '../errors.ts';
import { unlessFailed } from '../http/failure.ts';
import { parseColumns } from '../people/columns.ts';
import { likelyTelling } from '../people/guess.ts';
import { isWish } from '../people/headings.ts';
import { openToday, type PeopleSource } from '../people/open.ts';
import { fieldOfTelling } from '../people/profile.ts';
import { absent, countsByReason } from '../people/rows.ts';
import { isPeopleFile, topKeys } from '../people/table.ts';
import type { PeopleFlags } from '../people/understand.ts';
import { invalidArgument, shellQuote } from '../text/suggest.ts';
import { type Listed, listedTest } from './decide.ts';
import { isPast } from './desired.ts';
import { type PeopleSource as DocumentSource, readDesired, readPeopleFile } from './file.ts';
import type { ReadOptions } from './observe.ts';
import { isPresent, type Observed, personNamed, type ScopedRole, userIdsOf } from './observed.ts';
import { isAdministrator, type PersonState, personStates, type RosterRow, strangerError } from './roster.ts';

/** The filters of people, as Commander parsed them; each one narrows what the others leave. The flags are for `notIn`. */
export interface PeopleFilters extends Pick<PeopleFlags, 'columns' | 'skipRowsWithoutEmail'> {
  readonly state?: readonly PersonState[];
  /** Any of them. */
  readonly role?: readonly Role[];
  readonly admins?: boolean;
  readonly withoutRoles?: boolean;
  readonly sso?: boolean;
  readonly domain?: readonly string[];
  readonly invitedBy?: string;
  readonly notIn?: string;
}

const names = ['state', 'role', 'admins', 'withoutRoles', 'sso', 'domain', 'invitedBy', 'notIn'] as const;

export function isFiltered(filters: PeopleFilters): boolean {
  return names.some((name) => filters[name] !== undefined);
}

export function addPeopleFilters<C extends Command>(command: C): C {
  const states = new Option('--state <state>', 'in this state (repeatable, or with commas)').choices(personStates);
  const options = [
    states.argParser((text, before: readonly PersonState[] = []) => [...before, ...text.split(',').map(stateNamed)]),
    roleOption('with any of these roles, in this scope if one is given', asRoleFilter),
    new Option('--admins', 'with OrganizationAdmin or AccountAdmin'),
    new Option('--without-roles', 'without any role; members and pending people, unless --state names others'),
    new Option('--sso', 'who sign in by single sign-on'),
    new Option('--domain <domain,...>', 'with an address in one of these domains (repeatable)').argParser(parseDomains),
    new Option('--invited-by <email|user-id>', 'invited by this user or service account').argParser(nonEmpty),
    new Option('--not-in <file>', 'who are not in this file, in any format that import reads').argParser(nonEmpty),
    new Option('--columns <field=heading,...>', 'with --not-in: which columns hold email, status and until').argParser(
      parseColumns,
    ),
    new Option('--skip-rows-without-email', 'with --not-in: leave out rows without an address'),
  ];
  for (const option of options) command.addOption(option.helpGroup('Filters:'));
  return command;
}

function stateNamed(word: string): PersonState {
  const state = personStates.find((one) => one === word.trim());
  if (state === undefined) throw invalidArgument(word.trim(), '--state', personStates);
  return state;
}

/** A name alone is a role in any scope. */
function asRoleFilter(text: string): Role {
  const role = text.includes('@') ? parseRole(text) : { role_name: text.trim() };
  checkName(role.role_name);
  refuseTypo(role.role_name);
  return role;
}

type Matcher = (row: RosterRow) => boolean;

/** Reads the file that a filter names. Throws `invalid_file` if it is not one of people. */
export async function prepareFilters(ctx: Context, filters: PeopleFilters) {
  const { notIn, role, admins, withoutRoles } = filters;
  const listed = notIn === undefined ? undefined : await listedIn(ctx, notIn, filters);
  return {
    /** Where it matters who has which role, they have to be readable. */
    reading: {
      mayLackRoles: [role, admins, withoutRoles].every((one) => one === undefined),
      seeksEveryRole: withoutRoles === true,
    } satisfies ReadOptions,
    /** Throws `not_found` if nobody is the inviter, and `usage` for a role that nobody can have. */
    matcher: (observed: Observed): Matcher => {
      const isListed = listed === undefined ? () => false : listedTest(listed, observed);
      const matches = matcherOf(filters, observed);
      return (row) => matches(row) && !isListed(row.person);
    },
  };
}

/** Whom a file lists as there, or ignores. Throws `invalid_file` if it lists nobody. */
async function listedIn(ctx: Context, file: string, flags: PeopleFlags): Promise<Listed> {
  const source = await readPeopleFile(ctx, file);
  const { name, text } = source;
  const isDocument = isPeopleFile(topKeys(text));
  const listed = isDocument ? await fromDocument(ctx, source) : await fromRows(ctx, { text, name }, flags);
  if (listed.people.length > 0) return listed;
  throw new CliError('invalid_file', `"${name}" lists nobody`, {
    reason: 'everybody would be missing from it',
    target: name,
  });
}

async function fromDocument(ctx: Context, source: DocumentSource): Promise<Listed> {
  const { people, ignore } = await readDesired(ctx, source, { allowUnicode: true });
  if (people.some(({ until }) => until !== undefined)) await askServer(ctx);
  return { people: people.filter(({ until }) => !isPast(until, ctx.now())), ignore };
}

/** Any answer tells the time of the server. */
async function askServer(ctx: Context): Promise<void> {
  await unlessFailed(findOrganization(await ctx.api()));
}

async function fromRows(ctx: Context, source: PeopleSource, flags: PeopleFlags): Promise<Listed> {
  let people = new EmailMap<{ email: string }>();
  const how = { act: 'read', allowUnicode: true, ignoresRoles: true, prompter: ctx.prompter() };
  const today = { now: ctx.now, ask: () => askServer(ctx) };
  const { leftOut, notes, understood } = await openToday(source, { ...flags, ...how }, today, () => {
    people = new EmailMap();
    return ({ email }) => people.set(email, { email });
  });
  for (const note of notes) ctx.say(note);
  for (const heading of understood.ignored) {
    const telling = likelyTelling(heading);
    if (telling === undefined || isWish(telling)) continue;
    const flag = shellQuote(`${fieldOfTelling(telling)}=${heading}`);
    ctx.say(`the column "${heading}" may say who is gone, and is not read; --columns ${flag} reads it`);
  }
  const missing = absent(leftOut, people);
  if (missing.length > 0) ctx.say(`counted as not in "${source.name}": ${countsByReason(missing)}`);
  return { people: [...people.values()], ignore: [] };
}

function matcherOf(filters: PeopleFilters, observed: Observed): Matcher {
  const { state, role, admins, withoutRoles, sso, domain, invitedBy } = filters;
  const { roles, organization, heldRoles } = observed;
  for (const one of role ?? []) checkOrganization(one, organization);
  const names = role?.map(({ role_name }) => role_name) ?? [];
  refuseForeignRoles(
    names.filter((name) => !heldRoles.has(name)),
    ['invite help roles'],
  );
  const wanted = role?.map((one) => (one.scope === undefined ? one.role_name : roles.ofRole(one, organization)));
  const isWanted = (held: ScopedRole) => wanted?.some((one) => one === held || one === held.role_name);
  const inviters = invitedBy === undefined ? undefined : inviterNamed(invitedBy, observed);
  return (row) =>
    (state === undefined || state.includes(row.state)) &&
    (wanted === undefined || row.person.bindings.some((binding) => isWanted(binding.role))) &&
    (!admins || isAdministrator(row.person)) &&
    // Nobody expects a role of those who are not there, unless they are asked for.
    (!withoutRoles || (row.roles.length === 0 && (state !== undefined || isPresent(row)))) &&
    (!sso || row.signs_in === 'sso') &&
    (domain === undefined || isInDomains(row.email, domain)) &&
    (inviters === undefined || inviters.has(row.creator ?? ''));
}

/** The ids of the users of an address; any other id is one of a user or service account. */
function inviterNamed(name: string, observed: Observed): ReadonlySet<string> {
  if (!name.includes('@')) return new Set([name]);
  const person = personNamed(name, observed);
  const ids = person === undefined ? [] : userIdsOf(person);
  if (ids.length > 0) return new Set(ids);
  throw strangerError(name, []);
}
