import { CliError } from '../errors.ts';
import { lazyPattern, truncate } from '../text/sanitize.ts';
import type { Invitations } from './client.ts';
import { foldEmail } from './email.ts';
import { type Invitation, isLive, textAt, timeAt } from './invitation.ts';

/** Somebody or something named on the command line: with an `@` an e-mail, else an id. */
export type Target = { readonly kind: 'email' | 'id'; readonly text: string };

/** A target and the invitations it means: at most one for an id, any number for an e-mail. */
export interface TargetMatch {
  readonly target: Target;
  readonly invitations: readonly Invitation[];
}

/** No id has more characters, by the API's promise, nor has an address. */
const longest = 255;

const inNoId = lazyPattern(String.raw`[/\s\p{C}]`, 'u');

function neither(target: string): CliError {
  return new CliError('usage', `"${target}" is neither an id nor an e-mail`, { target });
}

/** Throws `usage` on what can be neither: an id with a slash would reach another resource. */
export function parseTarget(typed: string): Target {
  const text = typed.trim();
  if (text.length > longest) throw neither(truncate(text, longest));
  if (text.includes('@')) return { kind: 'email', text };
  if (text === '' || text === '.' || text === '..' || inNoId().test(text)) throw neither(text);
  return { kind: 'id', text };
}

/** The targets without repetition; e-mails are compared without regard to case. */
export function parseTargets(typed: readonly string[]): Target[] {
  const targets = new Map<string, Target>();
  for (const target of typed.map(parseTarget)) {
    const key = target.kind === 'email' ? foldEmail(target.text) : target.text;
    if (!targets.has(key)) targets.set(key, target);
  }
  return [...targets.values()];
}

/** The one an e-mail means: the one that can still be accepted, else the newest. */
export function currentInvitation(found: readonly Invitation[], now: number): Invitation | undefined {
  const live = found.filter((invitation) => isLive(invitation, now));
  return newest(live.length > 0 ? live : found);
}

/** Finds one target by its own request. Throws what the API says of an unknown id. */
export async function findOne(invitations: Invitations, target: Target): Promise<TargetMatch> {
  if (target.kind === 'id') return { target, invitations: [await invitations.get(target.text)] };
  const found = await invitations.findByEmail(target.text);
  return { target, invitations: found };
}

/** Finds many targets in one pass over the list, which ends early when only ids were asked for and all are found. */
export async function findMany(invitations: Invitations, targets: readonly Target[]): Promise<TargetMatch[]> {
  const byEmail = new Map<string, Invitation[]>();
  const byId = new Map<string, Invitation[]>();
  for (const { kind, text } of targets)
    (kind === 'id' ? byId : byEmail).set(kind === 'id' ? text : foldEmail(text), []);
  let missing = byId.size;
  for await (const batch of invitations.list()) {
    for (const invitation of batch) {
      byEmail.get(foldEmail(textAt(invitation, 'email') ?? ''))?.push(invitation);
      missing -= byId.get(textAt(invitation, 'id') ?? '')?.push(invitation) === 1 ? 1 : 0;
    }
    if (missing === 0 && byEmail.size === 0) break;
  }
  return targets.map((target) => ({
    target,
    invitations: (target.kind === 'id' ? byId.get(target.text) : byEmail.get(foldEmail(target.text))) ?? [],
  }));
}

/** One by its own request, more in one pass over the list. */
export async function findTargets(invitations: Invitations, targets: readonly Target[]): Promise<TargetMatch[]> {
  const [only, ...more] = targets;
  if (only === undefined) return [];
  return more.length === 0 ? [await findOne(invitations, only)] : findMany(invitations, targets);
}

export function notFound(target: Target): CliError {
  const what = target.kind === 'email' ? `no invitation of "${target.text}"` : `no invitation "${target.text}"`;
  return new CliError('not_found', what, { target: target.text, hints: ['invite list'] });
}

function newest(invitations: readonly Invitation[]): Invitation | undefined {
  const created = (invitation: Invitation) => timeAt(invitation, 'metadata', 'created_at') ?? 0;
  return invitations.reduce<Invitation | undefined>(
    (best, one) => (best === undefined || created(one) > created(best) ? one : best),
    undefined,
  );
}
