import { foldEmail } from '../api/email.ts';
import { filterOf, isEmptyFilter, matcher } from '../api/filter.ts';
import { currentInvitation, type Invitation, stateInWords, stateOf, usableStates } from '../api/invitation.ts';
import { collect } from '../api/invitations.ts';
import { isAdminRole, roleOn } from '../api/roles.ts';
import { findTargets, parseTargets, type Target, type TargetMatch } from '../api/targets.ts';
import { type Context, requirePrompter } from '../cli/context.ts';
import type { FilterOptions } from '../cli/filter-options.ts';
import { CliError, ifPossible } from '../errors.ts';
import { look } from '../files/read.ts';
import { decode, readStdin } from '../people/source.ts';
import type { Choice } from '../terminal/picker.ts';
import { textAt } from '../text/json-fields.ts';
import { clean } from '../text/sanitize.ts';
import { shellQuote } from '../text/suggest.ts';
import { firstOf } from '../text/times.ts';
import type { Change, DeleteChange, ResendChange, RolesOf, Tools } from './change.ts';
import { invitationsOf, lookAndAsk } from './look.ts';
import { mailsOf } from './mails.ts';
import { type FoundTargets, matchesById } from './plan.ts';
import { organizationFor, readRolesOf, wereRead } from './roles.ts';

interface Selection extends FoundTargets {
  /** Exactly one target was named. */
  readonly single: boolean;
}

/** What a question calls that which a command does. */
const verbs = { delete: 'revoke', resend: 'mail again', wait: 'wait for' } as const;

interface ChooseOptions {
  readonly typed: readonly string[];
  readonly options: FilterOptions;
  readonly command: keyof typeof verbs;
}

interface SelectOptions extends ChooseOptions {
  /** An unknown id is an empty find, not a failure of the command. */
  readonly allowMissing: boolean;
  readonly tools: Tools;
}

interface Chosen {
  readonly targets: readonly Target[];
  readonly single: boolean;
  readonly matched?: readonly Invitation[];
}

/** What a command is about: the targets named, or the invitations that a filter matches. If neither is given, that does not mean all. */
export async function chooseTargets(ctx: Context, choice: ChooseOptions): Promise<Chosen> {
  const { limit } = choice.options;
  const filter = filterOf(choice.options);
  const isFiltered = !isEmptyFilter(filter);
  const isNamed = choice.typed.length > 0;
  if (isNamed && (isFiltered || limit !== undefined)) {
    throw new CliError('usage', `name targets or give ${isFiltered ? 'filters' : '--limit'}, not both`);
  }
  if (limit !== undefined && !isFiltered) {
    throw new CliError('usage', '--limit needs a filter', { hints: [`--limit ${limit} --status expired`] });
  }
  if (isFiltered) {
    const matched = await collect((await ctx.invitations()).list(filter, { whole: limit === undefined }), limit);
    return { targets: matchesById(matched).map(({ target }) => target), single: false, matched };
  }
  const typed = isNamed ? choice.typed : await pickTargets(ctx, choice.command);
  refuseFileNames(typed, choice.command);
  const targets = parseTargets(await readArgs(typed, ctx));
  return { targets, single: typed.length === 1 && typed[0] !== '-' };
}

/**
 * Looks up the invitations that a change is about, as often as it is called. A filter chooses only among those that it
 * chose the first time: nobody was asked about others.
 */
export async function targetSelector(ctx: Context, choice: SelectOptions): Promise<() => Promise<Selection>> {
  const chosen = await chooseTargets(ctx, choice);
  const { invitations, clock } = choice.tools;
  const { single } = chosen;
  const ids = new Set(chosen.matched?.map((one) => textAt(one, 'id')));
  let { matched } = chosen;
  return async () => {
    const lookedAt = clock.monotonic();
    if (chosen.matched === undefined) return { found: await findNamed(chosen, choice), single, lookedAt };
    const listed = matched ?? (await collect(invitations.list(filterOf(choice.options), { whole: true })));
    matched = undefined;
    return { found: matchesById(listed.filter((one) => ids.has(textAt(one, 'id')))), single, lookedAt };
  };
}

async function findNamed({ targets, single }: Chosen, { allowMissing, tools }: SelectOptions) {
  try {
    return await findTargets(tools.invitations, targets, mailsOf(tools));
  } catch (error) {
    const isMissing = error instanceof CliError && error.code === 'not_found';
    // One target is asked for by itself, and so the API may say that it is not there.
    if (isMissing && (allowMissing || !single)) return targets.map((target) => ({ target, invitations: [] }));
    throw error;
  }
}

/**
 * The people that a command is about, each with all their invitations: if somebody has an expired invitation and a
 * newer one, the newer one is the current one. A filter chooses those whose current invitation matches it.
 */
export async function peopleSelector(ctx: Context, choice: SelectOptions): Promise<() => Promise<Selection>> {
  const select = await targetSelector(ctx, choice);
  return async () => peopleOf(ctx, choice, await select());
}

async function peopleOf(ctx: Context, choice: SelectOptions, selection: Selection): Promise<Selection> {
  const { found } = selection;
  const now = ctx.now();
  // Who was named by e-mail has been looked up already, with all their invitations.
  const emailIn = ({ target, invitations: [one = {}] }: TargetMatch) =>
    target.kind === 'id' ? textAt(one, 'email') : undefined;
  const known = await invitationsOf([...new Set(found.flatMap((match) => emailIn(match) ?? []))], choice.tools);
  const people = found.map((match) => {
    const email = emailIn(match);
    if (email === undefined) return match;
    const listed = known.of(email);
    const ids = new Set(listed.map((one) => textAt(one, 'id')));
    // The list may not show the one that was asked for yet.
    return { ...match, invitations: [...listed, ...match.invitations.filter((one) => !ids.has(textAt(one, 'id')))] };
  });
  if (choice.typed.length > 0) return { ...selection, found: people };
  const matches = matcher(filterOf(choice.options), now);
  const byEmail = new Map(people.map((one) => [foldEmail(emailIn(one) ?? one.target.text), one]));
  return {
    ...selection,
    found: [...byEmail.values()].filter(({ invitations }) => matches(currentInvitation(invitations, now) ?? {})),
  };
}

/** Throws `usage` for a word that is no target but the name of a file. */
export function refuseFileNames(words: readonly string[], command: string): void {
  const name = words.find(
    (word) => /[./\\]/.test(word) && !word.includes('@') && ifPossible(() => look(word))?.isFile(),
  );
  if (name === undefined) return;
  // Who leaves the company has to go from the organization, whether or not they were invited.
  const commands = command === 'delete' ? ['remove', command] : [command];
  throw new CliError('usage', `"${name}" is the name of a file, not an e-mail or an id`, {
    hints: commands.map((one) => `invite ${one} - < ${shellQuote(name)}`),
    target: name,
  });
}

/** The words of the command line; `-` stands for the lines of stdin. Empty lines are ignored. */
export async function readArgs(words: readonly string[], ctx: Context): Promise<string[]> {
  const all: string[] = [];
  for (const word of words) {
    if (word !== '-') all.push(word);
    else for (const line of await linesOfStdin(ctx)) all.push(line);
  }
  return all;
}

/** As `invite list -o id` writes them; a file may begin with a BOM and have CRLF line endings. */
async function linesOfStdin(ctx: Context): Promise<string[]> {
  const { bytes, name } = await readStdin(ctx);
  const text = decode(bytes, name);
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/**
 * The id, or the e-mail, of the invitation that is chosen from a list. Throws `usage` if prompts are not possible: a
 * missing target does not mean all.
 */
export async function pickTarget(ctx: Context): Promise<string> {
  const { prompter, choices } = await choicesFor(ctx, 'get');
  const { askOne } = await import('../terminal/prompt.ts');
  return askOne(prompter, 'show which invitation?', choices);
}

async function pickTargets(ctx: Context, command: keyof typeof verbs): Promise<readonly string[]> {
  const { prompter, choices } = await choicesFor(ctx, command);
  const { askMany } = await import('../terminal/prompt.ts');
  return askMany(prompter, `${verbs[command]} which?`, choices);
}

async function choicesFor(ctx: Context, command: string) {
  const prompter = requirePrompter(ctx, 'missing target: name an id or an e-mail', ['invite list']);
  const choices: Choice[] = [];
  for await (const batch of (await ctx.invitations()).list({}, { whole: true })) {
    const now = ctx.now();
    const offered = batch.filter((one) => usableStates.get(command)?.includes(stateOf(one, now)));
    choices.push(...offered.map((one) => ({ name: choiceLine(one, now), value: textAt(one, 'id') ?? '' })));
  }
  if (choices.length === 0) throw new CliError('not_found', 'there is no invitation to choose from');
  return { prompter, choices };
}

/** `ann@example.com  pending, expires in 2 days  i-7od91` */
function choiceLine(invitation: Invitation, now: number): string {
  const words = [textAt(invitation, 'email') ?? '-', stateInWords(invitation, now), textAt(invitation, 'id') ?? '-'];
  return clean(words.join('  '));
}

/** A question names at most this many, and counts the others. */
export const maxNamed = 10;

export type QuestionAbout = (people: string, isPlural: boolean) => string;

export function questionAbout(question: QuestionAbout, names: readonly string[], max = maxNamed): string[] {
  if (names.length === 1) return [question(names[0] ?? '', false)];
  return [question(`these ${names.length} people`, true), ...firstOf(names, max).map((line) => `  ${line}`)];
}

/** An invitation that is to be revoked, or mailed again. */
interface AskedAbout extends Pick<Change, 'target' | 'known'> {
  readonly invitation: Invitation;
}

interface AskedChanges<C> {
  readonly select: () => Promise<Selection>;
  readonly plan: (selection: Selection) => readonly C[];
  readonly question: QuestionAbout;
  /** A line below the names. */
  readonly note?: string;
  readonly answered: boolean;
  readonly tools: Tools;
}

/**
 * What is to be done about the invitations that are chosen. Asks about those that would be revoked or mailed, with the
 * roles that hang on them, and looks again if that took its time.
 */
export async function askedChanges<C extends DeleteChange | ResendChange>(
  ctx: Context,
  { select, plan, question, note, answered, tools }: AskedChanges<C>,
) {
  const { seen } = await lookAndAsk({
    clock: tools.clock,
    look: async () => {
      const selection = await select();
      return { changes: plan(selection), single: selection.single };
    },
    ask: async ({ changes }) => {
      const asked = changes.flatMap(({ target, known, decision }) => {
        const isAsked = decision.act === 'post' || decision.act === 'delete_invitation';
        return isAsked ? [{ target, known, invitation: decision.invitation }] : [];
      });
      if (asked.length === 0 || tools.isDry) return false;
      const rolesOf = answered || ctx.prompter() === undefined ? undefined : await rolesOfPeople(asked, tools);
      const lines = [describePeople(question, asked, rolesOf), note ?? []].flat();
      return ctx.confirm({ lines, answered, phrase: confirmationPhrase(asked.length) });
    },
  });
  return seen;
}

export function describePeople(
  question: QuestionAbout,
  asked: readonly AskedAbout[],
  rolesOf: RolesOf = () => undefined,
): string[] {
  const people = asked.map((one) => ({ name: invitationName(one), roles: rolesOf(userOf(one) ?? '') ?? [] }));
  const isAdmin = ({ roles }: (typeof people)[number]) => roles.some(({ role_name }) => isAdminRole(role_name));
  const names = people
    .toSorted((one, other) => Number(isAdmin(other)) - Number(isAdmin(one)))
    .map(({ name, roles }) => (roles.length === 0 ? name : `${name}, with ${roles.map(roleOn).join(', ')}`));
  return questionAbout(question, names);
}

function userOf({ invitation }: AskedAbout): string | undefined {
  return textAt(invitation, 'user', 'id');
}

function invitationName({ target, invitation }: AskedAbout): string {
  const email = textAt(invitation, 'email');
  const id = textAt(invitation, 'id');
  if (email === undefined) return target;
  return id === undefined ? email : `${email} (${id})`;
}

/** Of more people than the question names, the number has to be typed: a yes is typed without reading. */
export function confirmationPhrase(count: number): string | undefined {
  return count > maxNamed ? String(count) : undefined;
}

/** Where the API does not tell, the question is asked without them. */
async function rolesOfPeople(asked: readonly AskedAbout[], tools: Tools): Promise<RolesOf | undefined> {
  const users = new Set(asked.flatMap((one) => userOf(one) ?? []));
  const known = asked.flatMap((one) => one.known);
  const organization = await organizationFor([], known, tools);
  const read = await readRolesOf(users, { roles: tools.roles, organization, areFormer: true });
  return wereRead(read) ? read : undefined;
}
