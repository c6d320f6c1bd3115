import { type KnownInvitations, matchesById, readKnownInvitations } from '../../changes/plan.ts';
import type { Context } from '../../context.ts';
import { CliError } from '../../errors.ts';
import type { Input } from '../../host.ts';
import { readStream } from '../../import/source.ts';
import { collect, type Invitations } from '../../invitations/client.ts';
import { foldEmail } from '../../invitations/email.ts';
import { filterOf, isEmptyFilter, matcher } from '../../invitations/filter.ts';
import { type Invitation, type State, stateOf, textAt } from '../../invitations/invitation.ts';
import {
  currentInvitation,
  findTargets,
  parseTargets,
  type Target,
  type TargetMatch,
} from '../../invitations/targets.ts';
import { clean } from '../../text/sanitize.ts';
import { relativeTime } from '../../text/times.ts';
import type { FilterOptions } from './filters.ts';

export interface Selection {
  readonly found: readonly TargetMatch[];
  /** Exactly one target was named. */
  readonly single: boolean;
}

export interface SelectOptions {
  readonly typed: readonly string[];
  readonly options: FilterOptions;
  /** An unknown id is an empty find, not a failure of the command. */
  readonly missingIsFine: boolean;
  /** What is done to them, for the question that offers a list. */
  readonly verb: string;
}

/** The invitations that a command is about: those named, or those a filter matches. Neither never means all. */
export async function selectTargets(ctx: Context, choice: SelectOptions): Promise<Selection> {
  const filter = filterOf(choice.options);
  const byFilter = !isEmptyFilter(filter);
  if (byFilter && choice.typed.length > 0) {
    throw new CliError('usage', 'name targets or give filters, not both', { hints: ['invite list'] });
  }
  if (byFilter)
    return {
      found: matchesById(await collect((await ctx.invitations()).list(filter, { whole: true }))),
      single: false,
    };
  const typed = choice.typed.length > 0 ? choice.typed : [await pickTarget(ctx, `${choice.verb} which?`, fitting)];
  const targets = parseTargets(await readArgs(typed, ctx.host.stdin, ctx.signal));
  return findThem(ctx, targets, {
    single: typed.length === 1 && typed[0] !== '-',
    missingIsFine: choice.missingIsFine,
  });
}

/** States in which something can be done to an invitation. */
const fitting = ['pending', 'staged', 'expired', 'unknown'] as const;

interface Finding extends Pick<SelectOptions, 'missingIsFine'> {
  readonly single: boolean;
}

async function findThem(ctx: Context, targets: readonly Target[], { single, missingIsFine }: Finding) {
  const invitations = await ctx.invitations();
  try {
    return { found: await findTargets(invitations, targets), single };
  } catch (error) {
    const isMissing = error instanceof CliError && error.code === 'not_found';
    // One target is asked for by itself, and so the API may say that it is not there.
    if (isMissing && (missingIsFine || !single))
      return { found: targets.map((target) => ({ target, invitations: [] })), single };
    throw error;
  }
}

/**
 * The people that a command is about, each with all their invitations: of somebody with an expired invitation and a
 * newer one, the newer one counts. A filter chooses those whose invitation that counts fits it.
 */
export async function selectPeople(ctx: Context, choice: SelectOptions): Promise<Selection> {
  const { found, single } = await selectTargets(ctx, choice);
  const now = ctx.host.clock.now();
  // Whoever was named by their address has been looked up whole already.
  const byId = found.filter(({ target }) => target.kind === 'id');
  const emails = [...new Set(byId.flatMap((one) => emailOf(one, now) ?? []))];
  const known = await knownPeople(await ctx.invitations(), emails, now);
  const people = found.map((one) => ({ ...one, invitations: mergedWith(one, known, now) }));
  if (choice.typed.length > 0) return { found: people, single };
  const fits = matcher(filterOf(choice.options), now);
  return {
    single,
    found: onePerPerson(people, now).filter((one) => fits(currentInvitation(one.invitations, now) ?? {})),
  };
}

async function knownPeople(
  invitations: Invitations,
  emails: readonly string[],
  now: number,
): Promise<Pick<KnownInvitations, 'of'>> {
  const [only, ...more] = emails;
  if (only === undefined) return { of: () => [] };
  if (more.length > 0) return readKnownInvitations(invitations, new Set(emails.map(foldEmail)), now);
  const found = await invitations.findByEmail(only);
  return { of: () => found };
}

function emailOf({ invitations }: TargetMatch, now: number): string | undefined {
  return textAt(currentInvitation(invitations, now) ?? {}, 'email');
}

/** What is known of the person; the list may lag behind the invitation that was asked for. */
function mergedWith(one: TargetMatch, known: Pick<KnownInvitations, 'of'>, now: number): readonly Invitation[] {
  const email = emailOf(one, now);
  const others = email === undefined ? [] : known.of(email);
  const ids = new Set(others.map((other) => textAt(other, 'id')));
  return [...others, ...one.invitations.filter((invitation) => !ids.has(textAt(invitation, 'id')))];
}

function onePerPerson(found: readonly TargetMatch[], now: number): TargetMatch[] {
  const people = new Map<string, TargetMatch>();
  for (const one of found) {
    const email = foldEmail(emailOf(one, now) ?? one.target.text);
    if (!people.has(email)) people.set(email, one);
  }
  return [...people.values()];
}

const never = new AbortController().signal;

/** The words of the command line; a `-` among them stands for the lines of stdin. Empty lines do not count. */
export async function readArgs(words: readonly string[], stdin: Input, signal = never): Promise<string[]> {
  const all: string[] = [];
  for (const word of words) {
    if (word !== '-') all.push(word);
    else for (const line of await linesOf(stdin, signal)) all.push(line);
  }
  return all;
}

/** As `invite list -o id` writes them, or a file with a mark in front and Windows line ends. */
async function linesOf(stdin: Input, signal: AbortSignal): Promise<string[]> {
  const { bytes } = await readStream(stdin.stream, signal);
  const text = bytes.toString('utf8').replace(/^\ufeff/, '');
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** More than anybody would scroll through; whoever has more types a part of the address. */
const mostOffered = 5_000;

/** More than anybody would hear read out. */
const mostRead = 20;

/**
 * The id, or the e-mail, of the invitation that a person chooses from a list of those in a fitting state. Throws `usage` where nobody
 * can be asked: a missing target never means all.
 */
export async function pickTarget(ctx: Context, question: string, fitting?: readonly State[]): Promise<string> {
  const desk = ctx.desk();
  if (desk === undefined) {
    throw new CliError('usage', 'missing target: name an id or an e-mail', {
      hints: ['invite list'],
    });
  }
  const now = ctx.host.clock.now();
  const choices = (await offered(ctx, fitting)).map((one) => ({
    name: lineOf(one, now),
    value: textAt(one, 'id') ?? '',
  }));
  if (choices.length === 0) throw new CliError('not_found', 'there is no invitation to choose from');
  const { askSearch, askText } = await import('../../terminal/prompt.ts');
  if (ctx.host.env.ACCESSIBLE === undefined) return askSearch(desk, question, choices);
  const more = choices.length > mostRead ? [`and ${choices.length - mostRead} more`] : [];
  ctx.say([...choices.slice(0, mostRead).map(({ name }) => name), ...more].join('\n'));
  return askText(desk, `${question} id or e-mail:`, { validate: (text) => text.trim() !== '' || 'type one of them' });
}

async function offered(ctx: Context, fitting: readonly State[] | undefined): Promise<Invitation[]> {
  const now = ctx.host.clock.now();
  const all: Invitation[] = [];
  for await (const batch of (await ctx.invitations()).list({}, { whole: true })) {
    all.push(...batch.filter((one) => fitting === undefined || fitting.includes(stateOf(one, now))));
    if (all.length >= mostOffered) break;
  }
  return all;
}

/** `ann@example.com  pending  created 3 days ago  i-7od91` */
function lineOf(invitation: Invitation, now: number): string {
  const created = textAt(invitation, 'metadata', 'created_at');
  const age = created === undefined ? [] : [`created ${relativeTime(created, now)}`];
  const words = [textAt(invitation, 'email') ?? '-', stateOf(invitation, now), ...age, textAt(invitation, 'id') ?? '-'];
  return clean(words.join('  '));
}
