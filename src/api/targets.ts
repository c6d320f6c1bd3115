import { CliError, type FailureDetails } from '../errors.ts';
import { isMissing, unlessMissing } from '../http/failure.ts';
import { textAt } from '../text/json-fields.ts';
import { lazyPattern, truncate } from '../text/sanitize.ts';
import { shellQuote } from '../text/suggest.ts';
import { addressIn, checkEmails, foldEmail } from './email.ts';
import { hasEmail } from './filter.ts';
import { fewPeople, type Invitation, inTurns, wholeInvitations } from './invitation.ts';
import type { Invitations } from './invitations.ts';

/** An invitation on the command line: by its e-mail if the text has an `@`, otherwise by its id. */
export type Target = { readonly kind: 'email' | 'id'; readonly text: string };

/** A target and the invitations it names: at most one for an id, any number for an e-mail. */
export interface TargetMatch {
  readonly target: Target;
  readonly invitations: readonly Invitation[];
}

/** The documented maximum length of an id; an address is no longer. */
const maxLength = 255;

/** Characters that no id contains. */
const notInIds = lazyPattern(String.raw`[/\s\p{C}]`, 'u');

function neither(target: string): CliError {
  return new CliError('usage', `"${target}" is neither an id nor an e-mail address`, { target });
}

/** Characters that no address contains, but a line with several of them, or copied from a document, does. */
const notInEmails = /[\s,;:"<>\xad“”„«»\u200b-\u200f\u202a-\u202e\u2060-\u206f]/;

/** Throws `invalid_email` with all of them: what was never an address would be passed over as somebody who is not there. */
function checkAddresses(typed: readonly string[]): void {
  const addresses = typed.map(addressIn).filter((text) => text.includes('@'));
  checkEmails(
    addresses.filter((text) => notInEmails.test(text)),
    { allowUnicode: true },
  );
}

function targetIn(typed: string): Target {
  const text = addressIn(typed);
  if (text.length > maxLength) throw neither(truncate(text, maxLength));
  if (text.includes('@')) return { kind: 'email', text };
  if (text === '' || text === '.' || text === '..' || notInIds().test(text)) throw neither(text);
  return { kind: 'id', text };
}

/** Throws `usage` if it is neither: an id with a slash would reach another resource. */
export function parseTarget(typed: string): Target {
  checkAddresses([typed]);
  return targetIn(typed);
}

/** The targets without duplicates; e-mails are compared ignoring case. */
export function parseTargets(typed: readonly string[]): Target[] {
  checkAddresses(typed);
  const targets = new Map<string, Target>();
  for (const target of typed.map(targetIn)) {
    if (!targets.has(targetKey(target))) targets.set(targetKey(target), target);
  }
  return [...targets.values()];
}

function targetKey({ kind, text }: Target): string {
  return kind === 'email' ? foldEmail(text) : text;
}

/**
 * The id of an invitation that this machine sent recently, by an e-mail or by that id: a list may lack it, but it can be
 * read by its id.
 */
export type RecentMails = (target: string) => Promise<string | undefined>;

/** Finds one target by a request of its own. Throws the failure of the API for an unknown id. */
export async function findOne(invitations: Invitations, target: Target, mails: RecentMails): Promise<TargetMatch> {
  if (target.kind === 'email') {
    const listed = await invitations.findByEmail(target.text);
    return withRecent(invitations, { target, invitations: listed }, mails);
  }
  try {
    return { target, invitations: [await invitations.get(target.text)] };
  } catch (error) {
    throw isMissing(error) && !looksLikeId(target.text) ? error.with(takenForId(target.text, error.details)) : error;
  }
}

/**
 * Finds many targets in one pass over the list, which ends early if all targets are ids and have been found. Those that a
 * list of several pages does not show are looked for once more.
 */
export async function findMany(
  invitations: Invitations,
  targets: readonly Target[],
  mails: RecentMails,
): Promise<TargetMatch[]> {
  const found = new Map(targets.map((target) => [targetKey(target), new Map<unknown, Invitation>()]));
  const learn = (invitation: Invitation) => {
    const id = textAt(invitation, 'id');
    for (const key of [foldEmail(textAt(invitation, 'email') ?? ''), id ?? ''])
      found.get(key)?.set(id ?? invitation, invitation);
  };
  const isFound = (target: Target) => found.get(targetKey(target))?.size !== 0;
  for await (const batch of invitations.list()) {
    batch.forEach(learn);
    if (targets.every((target) => target.kind === 'id' && isFound(target))) break;
  }
  const unseen = targets.filter((target) => !isFound(target)).map(({ text }) => text);
  for await (const batch of lookOnceMore(invitations, unseen)) batch.forEach(learn);
  const matches: TargetMatch[] = [];
  for (const target of targets) {
    const whole = await wholeInvitations(invitations, [...(found.get(targetKey(target))?.values() ?? [])]);
    matches.push(await withRecent(invitations, { target, invitations: whole }, mails));
  }
  return matches;
}

/**
 * A row may slip from one page of a list to the one before when somebody deletes another meanwhile, and is in neither.
 * Looks once more for those whom a list does not show, if it had several pages, before they are mailed because of it, or
 * said not to be there.
 * @param targets E-mails and ids.
 */
export async function* lookOnceMore(
  invitations: Invitations,
  targets: readonly string[],
): AsyncGenerator<readonly Invitation[], void> {
  if (!invitations.isPaged()) return;
  if (targets.length > fewPeople) return yield* invitations.list({}, { whole: true });
  yield* await inTurns(targets, async (text) => {
    if (text.includes('@')) return invitations.search(text);
    const one = await unlessMissing(invitations.get(text));
    return one === undefined ? [] : [one];
  });
}

/** One target by a request of its own, several in one pass over the list. */
export async function findTargets(
  invitations: Invitations,
  targets: readonly Target[],
  mails: RecentMails,
): Promise<TargetMatch[]> {
  const [only, ...more] = targets;
  if (only === undefined) return [];
  return more.length === 0 ? [await findOne(invitations, only, mails)] : findMany(invitations, targets, mails);
}

/** Adds the invitation that this machine sent, read by its id, if the list does not contain it. */
async function withRecent(client: Invitations, match: TargetMatch, mails: RecentMails): Promise<TargetMatch> {
  const { target, invitations } = match;
  const isSought = !invitations.some(({ state }) => target.kind === 'id' || state === 'pending' || state === 'staged');
  const id = isSought ? await mails(target.text) : undefined;
  if (id === undefined || invitations.some((one) => textAt(one, 'id') === id)) return match;
  const recent = await unlessMissing(client.get(id));
  const isTheirs = recent !== undefined && (target.kind === 'id' || hasEmail(recent, target.text));
  return isTheirs ? { target, invitations: [...invitations, recent] } : match;
}

/** All known ids do; the format is not documented. */
function looksLikeId(text: string): boolean {
  return text.startsWith('i-');
}

function takenForId(text: string, { reason, hints = [] }: FailureDetails = {}): FailureDetails {
  const [explanation, hint] = text.startsWith('u-')
    ? [`"${text}" is the id of a user, not of an invitation`, `invite list --user ${shellQuote(text)}`]
    : [`"${text}" was taken for an id: an e-mail address has an @`, `invite list --email ${shellQuote(`${text}*`)}`];
  return {
    reason: reason === undefined ? explanation : `${reason}\n${explanation}`,
    hints: [...hints, hint],
  };
}

export function notFound({ kind, text }: Target): CliError {
  const what = kind === 'email' ? `no invitation of "${text}"` : `no invitation "${text}"`;
  const details = { target: text, hints: [kind === 'email' ? `invite people ${shellQuote(text)}` : 'invite list'] };
  const isId = kind === 'email' || looksLikeId(text);
  return new CliError('not_found', what, isId ? details : { ...details, ...takenForId(text) });
}
