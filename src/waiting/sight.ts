import { CliError } from '../errors.ts';
import type { Invitations } from '../invitations/client.ts';
import { type Invitation, stateOf } from '../invitations/invitation.ts';
import { type Found, findMany, findOne, notFound, preferred, type Target } from '../invitations/targets.ts';
import { type Goal, type Judgement, judge, type Seen } from './judge.ts';

/** What one look found out about one target. */
export interface Sight {
  readonly target: Target;
  /** As it was last seen. */
  readonly invitation: Invitation;
  readonly state: Seen;
  readonly judgement: Judgement;
}

export interface Eyes {
  readonly invitations: Invitations;
  readonly goal: Goal;
  now(): number;
}

/** The first look. Throws `not_found` that names everything that is not there. */
export async function firstLook(targets: readonly Target[], eyes: Eyes): Promise<Sight[]> {
  const [only, ...more] = targets;
  if (only === undefined) return [];
  const found = more.length === 0 ? [await findOne(eyes.invitations, only)] : await findMany(eyes.invitations, targets);
  const missing = found.filter(({ invitations }) => invitations.length === 0).map(({ target }) => target);
  const [first] = missing;
  if (first === undefined) return found.map((one) => sightOf(one, eyes));
  if (missing.length === 1) throw notFound(first);
  throw new CliError('not_found', `${missing.length} of ${targets.length} are not there`, {
    reason: missing.map(({ text }) => `"${text}"`).join('\n'),
    hints: ['invite list'],
  });
}

/** Another look: what was there and is not any more is gone. One by its own request, more in one pass over the list. */
export async function lookAgain(before: readonly Sight[], eyes: Eyes): Promise<Sight[]> {
  const found = await findAgain(
    before.map(({ target }) => target),
    eyes.invitations,
  );
  return before.map((sight, index) => {
    const { invitations = [] } = found[index] ?? {};
    if (invitations.length > 0) return sightOf({ target: sight.target, invitations }, eyes);
    return { ...sight, state: 'gone', judgement: judge('gone', eyes.goal) };
  });
}

async function findAgain(targets: readonly Target[], invitations: Invitations): Promise<Found[]> {
  const [only, ...more] = targets;
  if (only === undefined || more.length > 0) return findMany(invitations, targets);
  if (only.kind === 'email') return [{ target: only, invitations: await invitations.findByEmail(only.text) }];
  try {
    return [await findOne(invitations, only)];
  } catch (error) {
    // The API says either of what is not there, and this was allowed before.
    const isGone = error instanceof CliError && (error.code === 'not_found' || error.code === 'forbidden');
    if (isGone) return [{ target: only, invitations: [] }];
    throw error;
  }
}

function sightOf({ target, invitations }: Found, { goal, now }: Eyes): Sight {
  const invitation = preferred(invitations, now()) ?? {};
  const state = stateOf(invitation, now());
  return { target, invitation, state, judgement: judge(state, goal) };
}
