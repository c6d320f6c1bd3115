import { type Known, knownOf } from '../changes/known.ts';
import { foundById } from '../changes/plan.ts';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { collect, type Invitations } from '../invitations/client.ts';
import { foldEmail } from '../invitations/email.ts';
import { isEmptyFilter, matcher } from '../invitations/filter.ts';
import { type Invitation, textAt } from '../invitations/invitation.ts';
import { type Found, findTargets, parseTargets, preferred, type Target } from '../invitations/targets.ts';
import { type FilterOptions, filterOf } from './filters.ts';
import { pickTarget } from './picker.ts';
import { wordsAndLines } from './words.ts';

export interface Selection {
  readonly found: readonly Found[];
  /** Exactly one target was named. */
  readonly single: boolean;
}

export interface Choice {
  readonly typed: readonly string[];
  readonly options: FilterOptions;
  /** An unknown id is an empty find, not a failure of the command. */
  readonly missingIsFine: boolean;
  /** What is done to them, for the question that offers a list. */
  readonly verb: string;
}

/** The invitations that a command is about: those named, or those a filter matches. Neither never means all. */
export async function choose(ctx: Context, choice: Choice): Promise<Selection> {
  const filter = filterOf(choice.options);
  const byFilter = !isEmptyFilter(filter);
  if (byFilter && choice.typed.length > 0) {
    throw new CliError('usage', 'name targets or give filters, not both', { hints: ['invite list'] });
  }
  if (byFilter)
    return { found: foundById(await collect((await ctx.invitations()).list(filter, { whole: true }))), single: false };
  const typed = choice.typed.length > 0 ? choice.typed : [await pickTarget(ctx, `${choice.verb} which?`, fitting)];
  const targets = parseTargets(await wordsAndLines(typed, ctx.host.stdin, ctx.signal));
  return findThem(ctx, targets, {
    single: typed.length === 1 && typed[0] !== '-',
    missingIsFine: choice.missingIsFine,
  });
}

/** States in which something can be done to an invitation. */
const fitting = ['pending', 'staged', 'expired', 'unknown'] as const;

interface Finding extends Pick<Choice, 'missingIsFine'> {
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
export async function choosePeople(ctx: Context, choice: Choice): Promise<Selection> {
  const { found, single } = await choose(ctx, choice);
  const now = ctx.host.clock.now();
  // Whoever was named by their address has been looked up whole already.
  const byId = found.filter(({ target }) => target.kind === 'id');
  const emails = [...new Set(byId.flatMap((one) => emailOf(one, now) ?? []))];
  const known = await knownPeople(await ctx.invitations(), emails, now);
  const people = found.map((one) => ({ ...one, invitations: mergedWith(one, known, now) }));
  if (choice.typed.length > 0) return { found: people, single };
  const fits = matcher(filterOf(choice.options), now);
  return { single, found: onePerPerson(people, now).filter((one) => fits(preferred(one.invitations, now) ?? {})) };
}

async function knownPeople(
  invitations: Invitations,
  emails: readonly string[],
  now: number,
): Promise<Pick<Known, 'of'>> {
  const [only, ...more] = emails;
  if (only === undefined) return { of: () => [] };
  if (more.length > 0) return knownOf(invitations, new Set(emails.map(foldEmail)), now);
  const found = await invitations.findByEmail(only);
  return { of: () => found };
}

function emailOf({ invitations }: Found, now: number): string | undefined {
  return textAt(preferred(invitations, now) ?? {}, 'email');
}

/** What is known of the person; the list may lag behind the invitation that was asked for. */
function mergedWith(one: Found, known: Pick<Known, 'of'>, now: number): readonly Invitation[] {
  const email = emailOf(one, now);
  const others = email === undefined ? [] : known.of(email);
  const ids = new Set(others.map((other) => textAt(other, 'id')));
  return [...others, ...one.invitations.filter((invitation) => !ids.has(textAt(invitation, 'id')))];
}

function onePerPerson(found: readonly Found[], now: number): Found[] {
  const people = new Map<string, Found>();
  for (const one of found) {
    const email = foldEmail(emailOf(one, now) ?? one.target.text);
    if (!people.has(email)) people.set(email, one);
  }
  return [...people.values()];
}
