import type { Context } from '../context.ts';
import { untilAborted, withTimeout } from '../host/timeout.ts';
import { type Invitations, invitationsClient } from '../invitations/client.ts';
import type { Invitation } from '../invitations/invitation.ts';
import { type Identity, sandboxName } from '../profiles/profile.ts';
import { resolveIdentity } from '../profiles/resolve.ts';
import { completionCache } from './cache.ts';
import { type Candidate, candidates, profileCandidates } from './candidates.ts';
import { valueOnLine } from './line.ts';

/** Milliseconds after the start of the program at which it must be on its way out, for somebody has pressed Tab: 400 in all. */
const timeBudget = 330;

/** Milliseconds for fetching what nobody waits for. */
const patienceUnseen = 20_000;

/** More than this is not remembered, and not read: a list so long is not completed in. */
const mostInvitations = 10_000;

export interface CompletionRequest {
  /** `profiles`, or what invitations are wanted for. */
  readonly what: string;
  readonly typed: string;
  /** The words before the cursor. */
  readonly words: readonly string[];
}

export interface CompletionResponse {
  readonly words: readonly Candidate[];
  /** Not everything came in time: it is worth fetching for the next time, and something may still be under way. */
  readonly isLate: boolean;
}

/** Candidates that only the time tells. Asks nobody anything, and throws whatever goes wrong. */
export async function liveCandidates(ctx: Context, question: CompletionRequest): Promise<CompletionResponse> {
  const { typed, what, words } = question;
  if (what === 'profiles') {
    const names = [...Object.keys(ctx.store().read().profiles), sandboxName];
    return { words: profileCandidates(names, { typed, words }), isLate: false };
  }
  const { invitations, isLate } = await known(ctx, identityFor(ctx, question));
  return {
    words: candidates(invitations, {
      words,
      removesUser: words.includes('--remove-user'),
      what,
      typed,
      now: ctx.host.clock.now(),
    }),
    isLate,
  };
}

/** Fetches all there is and remembers it, unless somebody does so already or has just done it. */
export async function refresh(ctx: Context, question: CompletionRequest): Promise<void> {
  const identity = identityFor(ctx, question);
  if (identity.kind === 'sandbox' || !mayAsk(ctx, identity)) return;
  const memory = completionCache(ctx.host, identity);
  await memory.alone(async () => {
    if (memory.recall() !== undefined) return;
    const { invitations, isLate } = await gather(ctx, identity, patienceUnseen);
    if (!isLate) memory.keep(invitations);
  });
}

interface Known {
  readonly invitations: readonly Invitation[];
  readonly isLate: boolean;
}

async function known(ctx: Context, identity: Identity): Promise<Known> {
  if (!mayAsk(ctx, identity)) return { invitations: [], isLate: false };
  // At hand, so that what was done a moment ago is to be seen.
  if (identity.kind === 'sandbox') return { ...(await gather(ctx, identity, timeLeft(ctx))), isLate: false };
  const memory = completionCache(ctx.host, identity);
  const remembered = memory.recall();
  if (remembered !== undefined) return { invitations: remembered, isLate: false };
  const fetched = await gather(ctx, identity, timeLeft(ctx));
  if (!fetched.isLate) memory.keep(fetched.invitations);
  return fetched;
}

/** A program that prints a secret may ask for a password first, and Tab is not the moment for that. */
function mayAsk({ host }: Context, { secret }: Identity): boolean {
  const offline = host.env.INVITE_COMPLETION_OFFLINE;
  return (offline === undefined || offline === '0') && !('command' in secret);
}

/** The monotonic clock begins with the program. However late it is, what answers at once is heard. */
function timeLeft({ host }: Context): number {
  return Math.max(timeBudget - host.clock.monotonic(), 50);
}

function identityFor(ctx: Context, { what, words }: CompletionRequest): Identity {
  const { env } = ctx.host;
  const flags = what === 'sandbox' ? { profile: sandboxName } : connectionFlags(words);
  return resolveIdentity({ flags, env, config: () => ctx.store().read() });
}

/** The profile and the endpoint that the line names. */
function connectionFlags(words: readonly string[]) {
  const profile = valueOnLine(words, { long: '--profile', short: '-p' });
  const endpoint = valueOnLine(words, { long: '--endpoint' });
  return {
    ...(profile === undefined ? {} : { profile }),
    ...(endpoint === undefined ? {} : { endpoint }),
  };
}

/** As many as come in time. */
async function gather(ctx: Context, identity: Identity, milliseconds: number): Promise<Known> {
  const { api } = await ctx.connectAs(identity);
  const { clock } = ctx.host;
  const invitations: Invitation[] = [];
  const collecting = collect(
    invitationsClient(api, () => clock.now()),
    invitations,
  );
  const timedOut = new Error('timed out');
  try {
    const limit = { clock, milliseconds, error: () => timedOut };
    await withTimeout(limit, (signal) => untilAborted(collecting, signal));
    return { invitations, isLate: false };
  } catch (error) {
    if (error !== timedOut) throw error;
    return { invitations: [...invitations], isLate: true };
  }
}

async function collect(source: Invitations, into: Invitation[]): Promise<void> {
  for await (const batch of source.list()) {
    into.push(...batch);
    if (into.length >= mostInvitations) break;
  }
}
