import type { Stats } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { asInvitation, type Invitation, stateInWords, stateOf, states, usableStates } from '../api/invitation.ts';
import { invitationsClient } from '../api/invitations.ts';
import type { Context } from '../cli/context.ts';
import { ifPossible, UnusableFile } from '../errors.ts';
import { withLock } from '../files/lock.ts';
import { readBytes } from '../files/read.ts';
import { makeFolder, replaceFile } from '../files/write.ts';
import { untilAborted, withTimeout } from '../host/timeout.ts';
import type { Host } from '../host.ts';
import { credentialId, type Identity, profileNames, sandboxName } from '../profiles/profile.ts';
import { resolveIdentity } from '../profiles/resolve.ts';
import { objectIn, textAt } from '../text/json-fields.ts';
import { clean } from '../text/sanitize.ts';

/** Milliseconds from the start of the program in which candidates must be there, of 400 for the whole of a Tab. */
const timeBudget = 330;

/** Milliseconds for a refresh in the background. */
const refreshTimeout = 20_000;

/** The most invitations that are read and cached; nobody completes in a longer list. */
const maxInvitations = 10_000;

/** A possible word and its meaning; both are plain text of one line. */
export interface Candidate {
  readonly text: string;
  readonly meaning: string;
}

export interface CompletionRequest {
  /** `profiles`, the command that the invitations are for, or `email` where only an address will do. */
  readonly what: string;
  readonly words: readonly string[];
}

/**
 * Candidates from the profiles, the cache or the API, whatever is typed. If not everything arrived in time, they are
 * late: a refresh should fetch it for the next time, and a request may still be running. Never prompts; throws on failure.
 */
export async function liveCandidates(ctx: Context, request: CompletionRequest) {
  if (request.what === 'profiles') {
    const names = profileNames(ctx.store().read()).filter((name) => isWord(name) && !request.words.includes(name));
    return { words: names.map((text) => ({ text, meaning: '' })), isLate: false };
  }
  const { invitations, isLate } = await known(ctx, identityFor(ctx, request));
  return { words: candidates(invitations, request, ctx.now()), isLate };
}

/** What a shell cannot insert as one literal word is not offered: control characters, blanks, and a leading dash. */
function isWord(text: string): boolean {
  return /^[^-\s\p{C}][^\s\p{C}]{0,253}$/u.test(text);
}

/** Fetches the invitations into the cache, unless another process does or has just done so. */
export async function refresh(ctx: Context, request: CompletionRequest): Promise<void> {
  const identity = identityFor(ctx, request);
  if (identity.kind === 'sandbox' || !mayConnect(ctx, identity)) return;
  const cache = completionCache(ctx.host, identity);
  await cache.exclusively(async () => {
    if (cache.read() !== undefined) return;
    const { invitations, isLate } = await gather(ctx, identity, refreshTimeout);
    if (!isLate) await cache.write(invitations);
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
  if (!fetched.isLate) await cache.write(fetched.invitations);
  return fetched;
}

/** Not offline, and not with a program of the profile, which might prompt for a password. */
function mayConnect({ host }: Context, identity: Identity): boolean {
  const offline = host.env.INVITE_COMPLETION_OFFLINE;
  const isProgram =
    (identity.kind === 'key' && 'command' in identity.secret) ||
    (identity.kind === 'pool' && identity.token.from === 'command');
  return (offline === undefined || offline === '0') && !isProgram;
}

/** The monotonic clock starts with the program. At least 50 ms, so that a fast answer always counts. */
function timeLeft({ host }: Context): number {
  return Math.max(timeBudget - host.clock.monotonic(), 50);
}

const identityOptions = { profile: { type: 'string', short: 'p' }, endpoint: { type: 'string' } } as const;

/** The identity that the line has, as far as it is typed. */
function identityFor(ctx: Context, { what, words }: CompletionRequest): Identity {
  const { values } = parseArgs({ args: [...words], options: identityOptions, strict: false });
  const [profile, endpoint] = [values.profile, values.endpoint].map((value) =>
    typeof value === 'string' ? value : undefined,
  );
  const flags = what === 'sandbox' ? { profile: sandboxName } : { profile, endpoint };
  return resolveIdentity({ flags, env: ctx.host.env, config: () => ctx.store().read() });
}

/** The invitations that arrive in time. */
async function gather(ctx: Context, identity: Identity, milliseconds: number): Promise<Known> {
  const { api } = await ctx.connectAs(identity);
  const { clock } = ctx.host;
  const invitations: Invitation[] = [];
  const collect = async () => {
    for await (const batch of invitationsClient(api, () => clock.now()).list()) {
      invitations.push(...batch);
      if (invitations.length >= maxInvitations) break;
    }
  };
  const timedOut = new Error('timed out');
  try {
    const limit = { clock, milliseconds, error: () => timedOut };
    await withTimeout(limit, (signal) => untilAborted(collect(), signal));
    return { invitations, isLate: false };
  } catch (error) {
    if (error !== timedOut) throw error;
    return { invitations: [...invitations], isLate: true };
  }
}

/** Milliseconds for which the invitations of a profile are cached. */
const maxAge = 60_000;

/** A larger file is not ours. */
const maxBytes = 8 * 1024 * 1024;

/** The fields that candidates need; the rest is not stored. */
const storedFields = ['id', 'email', 'status', 'expires_at'];

/** The invitations of an identity, for a minute, in a file that only its user can read. */
function completionCache(host: Host, identity: Identity) {
  const { profile, endpoint } = identity;
  const folder = join(host.stateDir, 'completion');
  const path = join(folder, `${profile ?? 'environment'}.json`);
  // The profile or the variables may hold another key than a minute ago. Nothing derived from an access token is stored;
  // two tokens within a minute are rarely of two organizations.
  const owner = `${identity.kind === 'key' ? identity.api_key : credentialId(identity)} ${endpoint.href}`;
  return {
    /** Runs while no other process does so for this identity. Throws `locked` at once if one does. */
    exclusively: async (act: () => Promise<void>) => {
      makeFolder(folder);
      await withLock(`${path}.lock`, { clock: host.clock, processes: host.processes, wait: 0 }, act);
    },
    /** Undefined if there is nothing fresh, or the file cannot be read. */
    read: () => {
      const ours = host.uid === undefined ? {} : { owner: host.uid, check: refuseShared };
      const options = { maxBytes, noFollow: true, ...ours };
      return ifPossible(() => parse(readBytes(path, options).toString(), owner, host.clock.now()));
    },
    write: async (invitations: readonly Invitation[]) => {
      const record = { version: 1, owner, at: host.clock.now(), invitations: invitations.map(storedPart) };
      makeFolder(folder);
      await replaceFile(path, [JSON.stringify(record)]);
    },
  };
}

function storedPart(invitation: Invitation): Invitation {
  return Object.fromEntries(Object.entries(invitation).filter(([field]) => storedFields.includes(field)));
}

/** What others could read, they may know; what we write, they cannot. */
function refuseShared(_: number, { mode }: Stats): void {
  if ((mode & 0o077) !== 0) throw new UnusableFile('it is readable by others');
}

function parse(text: string, owner: string, now: number): Invitation[] | undefined {
  const { version, owner: known, at, invitations } = objectIn(text) ?? {};
  if (version !== 1 || known !== owner || typeof at !== 'number' || !Array.isArray(invitations)) return undefined;
  // A clock that was set back must not keep it for ever.
  return at <= now && now - at < maxAge ? invitations.map((one) => asInvitation(one, now)) : undefined;
}

/** The e-mails, then the ids, of the invitations that the command can use and the line does not name. */
export function candidates(all: readonly Invitation[], request: CompletionRequest, now: number): Candidate[] {
  const { what, words } = request;
  const usable = all.filter(
    (one) =>
      (usableStates.get(what) ?? states).includes(stateOf(one, now)) &&
      ![textAt(one, 'id'), textAt(one, 'email')].some((name) => words.includes(name ?? '')),
  );
  const emails = distinctCandidates(usable.map((one) => candidate(textAt(one, 'email'), stateInWords(one, now))));
  const ids = usable.map((one) =>
    candidate(textAt(one, 'id'), `${textAt(one, 'email') ?? '-'}, ${stateInWords(one, now)}`),
  );
  return [...emails, ...(what === 'email' ? [] : ids)].filter(({ text }) => isWord(text));
}

/** Characters; a server may send more than fits any line. */
const maxMeaningLength = 200;

function candidate(text = '', meaning: string): Candidate {
  return { text, meaning: clean(meaning.slice(0, maxMeaningLength)) };
}

/** An e-mail with several invitations is offered once. */
function distinctCandidates(words: readonly Candidate[]): Candidate[] {
  const found = new Map<string, Candidate>();
  for (const one of words) {
    const isRepeated = found.has(one.text);
    found.set(one.text, isRepeated ? { ...one, meaning: 'several invitations' } : one);
  }
  return [...found.values()];
}
