import type { Context } from '../context.ts';
import { untilAborted, withTimeout } from '../host/timeout.ts';
import { type Invitations, invitationsClient } from '../invitations/client.ts';
import type { Invitation } from '../invitations/invitation.ts';
import { type Identity, sandboxName } from '../profiles/profile.ts';
import { resolveIdentity } from '../profiles/resolve.ts';
import { completionCache } from './cache.ts';
import { type Candidate, candidates, profileCandidates } from './candidates.ts';
import { valueOnLine } from './line.ts';

/** Milliseconds from the start of the program in which candidates must be there, of 400 for the whole of a Tab. */
const timeBudget = 330;

/** Milliseconds for a refresh in the background. */
const refreshTimeout = 20_000;

/** The most invitations that are read and cached; nobody completes in a longer list. */
const mostInvitations = 10_000;

export interface CompletionRequest {
  /** `profiles`, or the command that the invitations are for. */
  readonly what: string;
  readonly typed: string;
  /** The words before the cursor. */
  readonly words: readonly string[];
}

interface CompletionResponse {
  readonly words: readonly Candidate[];
  /** Not everything arrived in time: a refresh should fetch it for the next time, and a request may still be running. */
  readonly isLate: boolean;
}

/** Candidates from the profiles, the cache or the API. Never prompts; throws on failure. */
export async function liveCandidates(ctx: Context, request: CompletionRequest): Promise<CompletionResponse> {
  const { typed, what, words } = request;
  if (what === 'profiles') {
    const names = [...Object.keys(ctx.store().read().profiles), sandboxName];
    return { words: profileCandidates(names, { typed, words }), isLate: false };
  }
  const { invitations, isLate } = await known(ctx, identityFor(ctx, request));
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

/** Fetches the invitations into the cache, unless another process does or has just done so. */
export async function refresh(ctx: Context, request: CompletionRequest): Promise<void> {
  const identity = identityFor(ctx, request);
  if (identity.kind === 'sandbox' || !mayConnect(ctx, identity)) return;
  const cache = completionCache(ctx.host, identity);
  await cache.exclusively(async () => {
    if (cache.read() !== undefined) return;
    const { invitations, isLate } = await gather(ctx, identity, refreshTimeout);
    if (!isLate) cache.write(invitations);
  });
}

interface Known {
  readonly invitations: readonly Invitation[];
  readonly isLate: boolean;
}

async function known(ctx: Context, identity: Identity): Promise<Known> {
  if (!mayConnect(ctx, identity)) return { invitations: [], isLate: false };
  // Never cached: it answers at once, and what was done a moment ago shows.
  if (identity.kind === 'sandbox') return { ...(await gather(ctx, identity, timeLeft(ctx))), isLate: false };
  const cache = completionCache(ctx.host, identity);
  const cached = cache.read();
  if (cached !== undefined) return { invitations: cached, isLate: false };
  const fetched = await gather(ctx, identity, timeLeft(ctx));
  if (!fetched.isLate) cache.write(fetched.invitations);
  return fetched;
}

/** Not offline, and not with a secret_command, which might prompt for a password. */
function mayConnect({ host }: Context, { secret }: Identity): boolean {
  const offline = host.env.INVITE_COMPLETION_OFFLINE;
  return (offline === undefined || offline === '0') && !('command' in secret);
}

/** The monotonic clock starts with the program. At least 50 ms, so that a fast answer always counts. */
function timeLeft({ host }: Context): number {
  return Math.max(timeBudget - host.clock.monotonic(), 50);
}

function identityFor(ctx: Context, { what, words }: CompletionRequest): Identity {
  const { env } = ctx.host;
  const flags = what === 'sandbox' ? { profile: sandboxName } : connectionFlags(words);
  return resolveIdentity({ flags, env, config: () => ctx.store().read() });
}

/** The profile and the endpoint on the line. */
function connectionFlags(words: readonly string[]) {
  const profile = valueOnLine(words, { long: '--profile', short: '-p' });
  const endpoint = valueOnLine(words, { long: '--endpoint' });
  return {
    ...(profile === undefined ? {} : { profile }),
    ...(endpoint === undefined ? {} : { endpoint }),
  };
}

/** The invitations that arrive in time. */
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
