import { createCommand, foldEmail } from '../api/email.ts';
import { hasEmail } from '../api/filter.ts';
import { authTypes, currentInvitation, type Invitation, isLive, stateOf } from '../api/invitation.ts';
import { notFound, parseTarget } from '../api/targets.ts';
import { onlyUser } from '../api/users.ts';
import { CliError } from '../errors.ts';
import { isConflict, UnknownOutcome, unlessFailed, unlessMissing } from '../http/failure.ts';
import { textAt } from '../text/json-fields.ts';
import { shellQuote } from '../text/suggest.ts';
import { formatSecond } from '../text/times.ts';
import {
  type CreateChange,
  type CreateDecision,
  type ResendChange,
  type ResendDecision,
  type Tools,
  userIn,
} from './change.ts';
import { type PastMails, settlingTime } from './claims.ts';
import { isFresh, isStale, isTouchedSince, looksFor, lookTimes } from './look.ts';
import { type Turn, UnconfirmedMail } from './mails.ts';
import { decideCreate, decideResend } from './plan.ts';
import { type Result, withOutcome } from './result.ts';
import { missingRoles, withRoles } from './roles.ts';

/** Invites one person, or not, as decided; then grants the roles, in every case, so that running it again converges. */
export async function create(change: CreateChange, tools: Tools): Promise<Result> {
  const invited = await invite(change, tools);
  const { invitation, user } = invited;
  // Nobody has a user before the mail has left.
  const isUnsent = tools.isDry && invitation === undefined && user === undefined;
  if (!isUnsent) return withRoles(invited, change, tools);
  return { ...invited, roles: withOutcome(missingRoles(change, tools.clock.now()), 'granted') };
}

async function invite(change: CreateChange, tools: Tools): Promise<Result> {
  const { target: email, decision } = change;
  if (decision.act === 'nothing') return found(change, decision);
  return tools.mails.inTurn(email, decision.outcome, async (turn) => {
    const ready = change.again ? change : await decideInTurn(change, turn, tools);
    return ready.decision.act === 'nothing' ? found(ready, ready.decision) : post(ready, turn, tools);
  });
}

async function post(change: CreateChange, turn: Turn, tools: Tools): Promise<Result> {
  const { target, decision, known, authType } = change;
  const isAgain = turn.past.unknownAt !== undefined;
  const outcome = decision.act === 'post' ? decision.outcome : 'created';
  const auth_type = authType && authTypes[authType];
  if (tools.isDry) return { target, outcome };
  try {
    return {
      target,
      outcome,
      ...(await postInvitation({ email: target, auth_type, known, isAgain }, turn.post, tools)),
    };
  } catch (error) {
    // Whoever is there in spite of a lost answer was there before.
    const refusal = error instanceof UnconfirmedMail ? error.details.cause : error;
    if (isConflict(refusal)) return onConflict(change, refusal, tools, error);
    throw error;
  }
}

type Nothing = Extract<CreateDecision, { act: 'nothing' }>;

function found({ target, mayHaveLeft }: CreateChange, { act: _, ...there }: Nothing): Result {
  const doubt = `"${target}" accepted an invitation before; this key may not look up whether they are still a member`;
  return { target, ...there, warnings: mayHaveLeft ? [doubt] : [] };
}

/**
 * Decides again where the decision rests on an old look, where another process went first, or where this machine mailed
 * the person not long ago. Throws `outcome_unknown` where a mail may be on its way, and a second one was sent already.
 */
async function decideInTurn(change: CreateChange, { past, hasWaited }: Turn, tools: Tools): Promise<CreateChange> {
  const { target, known } = change;
  const { invitations, recentList, clock } = tools;
  const { id, unknownAt, blockedUntil } = past;
  if (unknownAt === undefined) {
    const isOld = isStale(change, clock);
    if (id === undefined && !hasWaited && !isOld) return change;
    const listed = hasWaited ? await invitations.findByEmail(target) : isOld ? await recentList(target) : known;
    return decideAgain(change, listed, id, tools);
  }
  let ready = change;
  for await (const found of looksFor(target, unknownAt, tools)) {
    ready = await decideAgain(change, found, id, tools);
    if (ready.decision.act === 'nothing') return ready;
  }
  if (blockedUntil !== undefined && blockedUntil > clock.now()) throw onItsWay(target, past);
  return ready;
}

/**
 * @param listed The invitations that the list shows now.
 * @param sent The id of the one that this machine sent: it is read by it, for that does not lag as a list may.
 */
async function decideAgain(
  change: CreateChange,
  listed: readonly Invitation[],
  sent: string | undefined,
  { invitations, clock }: Tools,
): Promise<CreateChange> {
  const { hasLeft = false } = change;
  const now = clock.now();
  const read = sent === undefined ? undefined : await unlessMissing(invitations.get(sent));
  // Deleted since, with its organization perhaps: then the list is right.
  const own = read !== undefined && hasEmail(read, change.target) ? read : undefined;
  const known = own === undefined ? listed : [...listed.filter((one) => textAt(one, 'id') !== sent), own];
  const former = new Set(change.known.map((one) => textAt(one, 'id')));
  const isNew = (one: Invitation) => !former.has(textAt(one, 'id'));
  // What they had accepted before they left counts no more.
  const current = known.filter((one) => !hasLeft || isNew(one) || one === own || stateOf(one, now) !== 'accepted');
  const decision = decideCreate(current, now, { hasLeft: hasLeft && !current.some(isNew) });
  return { ...change, known, decision };
}

/** 409: the person is in the organization, or was invited while we looked. It says neither which nor who. */
async function onConflict(change: CreateChange, conflict: CliError, tools: Tools, failure: unknown): Promise<Result> {
  const { target, hasLeft = false } = change;
  const { users, clock } = tools;
  const now = clock.now();
  const { location } = conflict.details;
  const all = await thereInstead(target, location, tools);
  const live = all.find((one) => isLive(one, now));
  if (live !== undefined) return { target, outcome: 'already_invited', invitation: live };
  if (hasLeft) throw refusedFormer(change, conflict, now);
  const accepted = all.find((one) => stateOf(one, now) === 'accepted');
  const about = { target, outcome: 'already_member', location, invitation: accepted } as const;
  const own = textAt(accepted ?? {}, 'user', 'id');
  const ids = own === undefined ? (await unlessMissing(users.byEmail()))?.get(target) : undefined;
  if (ids !== undefined) return { ...about, user: onlyUser(ids) };
  const id = own ?? users.idAt(location);
  const { gone, unsure } = await users.absent([{ email: target, id }]);
  if (failure !== conflict && gone.size + unsure.size > 0) throw failure;
  if (gone.size > 0) {
    const why = 'the API shows neither a pending invitation nor a member of this address, but says';
    throw explained(conflict, target, why, [`check with: invite get ${shellQuote(target)}`]);
  }
  const doubt = `the API reports that "${target}" already exists; this key may not look up whether as a member`;
  const warnings = unsure.size === 0 ? [] : [doubt];
  return { ...about, user: accepted === undefined ? id : undefined, warnings };
}

/** The invitations of somebody whom the API does not invite. Where it finds none, one pass over the list serves all. */
async function thereInstead(email: string, location: string | undefined, { invitations, recentList, clock }: Tools) {
  const areLive = (some: readonly Invitation[]) => some.some((one) => isLive(one, clock.now()));
  const named = await invitations.at(location);
  const own = named !== undefined && hasEmail(named, email) ? [named] : [];
  if (areLive(own)) return own;
  const all = [...own, ...(await invitations.search(email))];
  return areLive(all) ? all : [...all, ...(await recentList(email))];
}

function explained(conflict: CliError, target: string, why: string, hints: readonly string[]): CliError {
  return conflict.with({ reason: `${why}: ${conflict.details.reason ?? 'already there'}`, hints, target });
}

function refusedFormer({ target, known }: CreateChange, conflict: CliError, now: number): CliError {
  const accepted = known.filter((one) => stateOf(one, now) === 'accepted');
  const user = textAt(currentInvitation(accepted, now) ?? {}, 'user', 'id');
  const who = user === undefined ? 'the user' : `the user "${user}"`;
  return explained(conflict, target, `${who} who accepted is gone, and the API refuses this address`, [
    'another address of theirs can be invited',
    `what is left of this one: invite trace ${shellQuote(target)}`,
  ]);
}

type Post = Extract<ResendDecision, { act: 'post' }>;

/** Mails one invitation again, the way it was sent first. */
export async function resend(change: ResendChange, tools: Tools): Promise<Result> {
  const { target, decision } = change;
  if (decision.act === 'refuse') throw refusalToResend(target, decision.code);
  const email = foldEmail(textAt(decision.invitation, 'email') ?? target);
  const sent = await tools.mails.inTurn(email, 'resent', (turn) => resendInTurn(change, decision, turn, tools));
  if (!tools.isDry) return withRoles(sent, { ...change, roles: [] }, tools);
  const now = tools.clock.now();
  const again: CreateChange = { ...change, kind: 'create', roles: [], decision: decideCreate(change.known, now) };
  return { ...sent, roles: withOutcome(missingRoles(again, now), 'granted') };
}

async function resendInTurn(change: ResendChange, decided: Post, turn: Turn, tools: Tools): Promise<Result> {
  const { target } = change;
  const { clock } = tools;
  const { blockedUntil, unknownAt } = turn.past;
  const email = textAt(decided.invitation, 'email') ?? target;
  const seen = await seenInTurn(change, email, turn, tools);
  if ('sent' in seen) return { target, outcome: 'already_invited', invitation: seen.sent };
  const { known = change.known } = seen;
  const decision = seen.known === undefined ? decided : decideResend(known, clock.now());
  if (decision.act === 'refuse') throw refusalToResend(target, decision.code);
  // Of two mails the second expires when the first was accepted: only who has left since is mailed again.
  const there = decideCreate(known, clock.now());
  if (there.outcome === 'already_member') {
    const { gone } = await tools.users.absent([{ email, id: userIn(there) }]);
    if (gone.size === 0) throw refusalToResend(target, 'already_accepted');
  }
  if (blockedUntil !== undefined && blockedUntil > clock.now()) throw onItsWay(email, turn.past);
  const isMember = async () => (await unlessMissing(tools.users.byEmail()))?.has(email) === true;
  if (tools.isDry) {
    if (await isMember()) throw refusalToResend(target, 'already_exists');
    return { target, outcome: 'resent', invitation: decision.invitation };
  }
  try {
    const auth_type = textAt(decision.invitation, 'auth_type');
    const mail = { email, auth_type, known, isAgain: unknownAt !== undefined };
    return { target, outcome: 'resent', ...(await postInvitation(mail, turn.post, tools)) };
  } catch (error) {
    if (!isConflict(error)) throw error;
    if (await isMember()) throw refusalToResend(target, 'already_exists');
    throw isLive(decision.invitation, clock.now()) ? refusedAgain(email, error) : error;
  }
}

/**
 * What an e-mail has now, or the invitation that was sent to it since it was looked up: by another process that was
 * faster than we are, or by one whose end is unknown. Nothing if what was seen before still counts.
 */
async function seenInTurn(
  change: ResendChange,
  email: string,
  { past: { id, sentAt = 0, unknownAt }, hasWaited }: Turn,
  tools: Tools,
): Promise<{ readonly known?: readonly Invitation[] } | { readonly sent: Invitation }> {
  const { invitations, recentList, clock } = tools;
  const { lookedAt = clock.monotonic() } = change;
  const isMailed = clock.monotonic() - lookedAt > clock.now() - sentAt;
  if (unknownAt === undefined && !isMailed && !hasWaited && !isStale(change, clock)) return {};
  const own = isMailed && id !== undefined ? await unlessMissing(invitations.get(id)) : undefined;
  if (own !== undefined && isLive(own, clock.now())) return { sent: own };
  if (unknownAt === undefined) return { known: await (hasWaited ? invitations.findByEmail(email) : recentList(email)) };
  let known: readonly Invitation[] = [];
  for await (known of looksFor(email, unknownAt, tools)) {
    const sent = known.find((one) => isLive(one, clock.now()) && isTouchedSince(one, unknownAt));
    if (sent !== undefined) return { sent };
  }
  return { known };
}

/** Something was sent whose end is unknown, and nothing shows whether it has arrived. */
export function onItsWay(
  email: string,
  { unknownAt = 0, blockedUntil = unknownAt + settlingTime }: PastMails,
  hints: readonly string[] = [`to send one anyway: ${createCommand(email, '--again')}`],
): CliError {
  const since = new Date(unknownAt).toISOString();
  return new CliError('outcome_unknown', `a mail to "${email}" may be on its way since ${since}`, {
    reason: `it was sent from this machine, and nothing that the API shows confirms it; ${triableAt(blockedUntil)}`,
    hints: [`check with: invite get ${shellQuote(email)}`, ...hints],
    target: email,
  });
}

/** The API answers 409 for somebody who was mailed a short while ago. */
function refusedAgain(email: string, conflict: CliError): CliError {
  return explained(conflict, email, 'the invitation is pending, and the API does not send it again', [
    `for a new one: invite delete ${shellQuote(email)}`,
    `then: ${createCommand(email)}`,
  ]);
}

const whyNotAgain = {
  already_accepted: 'the invitation was already accepted',
  already_exists: 'they are a member already',
  not_possible: 'the invitation was revoked',
};

function refusalToResend(target: string, code: keyof typeof whyNotAgain | 'not_found'): CliError {
  if (code === 'not_found') return notFound(parseTarget(target));
  const reason = whyNotAgain[code];
  const hints = code === 'not_possible' && target.includes('@') ? [createCommand(target)] : [];
  return new CliError(code, `cannot mail "${target}" again`, { reason, hints, target });
}

interface InvitationRequest {
  readonly email: string;
  /** As the API has it, which may know others than we do. */
  readonly auth_type?: string | undefined;
  /** All invitations of this e-mail before it is sent. */
  readonly known: readonly Invitation[];
  /** Something was sent before whose end is unknown: then this is the last one for a while. */
  readonly isAgain: boolean;
}

type Posted = Pick<Result, 'invitation' | 'reconciled' | 'warnings'>;

/**
 * Sends the mail once, and never blindly twice: where the answer was lost, the invitation is looked for first, and only
 * if none appears is it sent a second and last time. Where one is pending anyway a look-up proves nothing, and it is not
 * sent again, unless only its access token was refused. Throws `outcome_unknown` if it cannot be confirmed.
 * @param beforePost Called before each POST, with whether one whose end is unknown may have been sent before.
 */
export async function postInvitation(
  mail: InvitationRequest,
  beforePost: (again: boolean) => Promise<void>,
  tools: Tools,
): Promise<Posted> {
  tools.signal.throwIfAborted();
  await beforePost(mail.isAgain);
  for (let isSecond = false; ; isSecond = true) {
    const answer = await postOnce(mail, tools, isSecond);
    if (!('lost' in answer)) return answer;
    const { lost, answered, warnings } = answer;
    const invitation = await appeared(mail, answered, tools);
    if (invitation !== undefined) return { invitation, reconciled: true, warnings };
    // The access token had expired or was withdrawn; the next one is another one.
    const wasRefused = lost.details.http_status === 401;
    const isPending = mail.known.some((one) => isLive(one, tools.clock.now())) && !wasRefused;
    const isBlocked = isSecond || mail.isAgain || answered;
    const isLast = isBlocked || isPending || tools.isOnce || tools.signal.aborted;
    if (!isLast && (await unlessFailed(beforePost(true).then(() => true)))) continue;
    const reason = `${lost.toRecord().message}; ${triableAt(tools.clock.now() + settlingTime)}`;
    throw new UnconfirmedMail(mail.email, lost, answered, isBlocked ? { reason } : {});
  }
}

/** By the minute, so that one outage gives many people one reason. @param time Milliseconds since 1970. */
function triableAt(time: number): string {
  return `it can be tried again at ${formatSecond(Math.ceil(time / 60_000) * 60_000)}`;
}

/** Nothing came back, or a 2xx (`answered`) that does not show our invitation: then the mail has probably left. */
interface Lost {
  readonly lost: CliError;
  readonly answered: boolean;
  readonly warnings?: readonly string[];
}

async function postOnce(
  mail: InvitationRequest,
  { invitations, signal }: Tools,
  isSecond: boolean,
): Promise<Posted | Lost> {
  try {
    // The end of the first one is unknown: whoever calls the second one off would not learn it.
    const invitation = await invitations.create(mail.email, mail.auth_type, isSecond ? undefined : signal);
    if (invitation === undefined || textAt(invitation, 'id') === undefined)
      return { lost: unreadable('does not show it'), answered: true };
    const email = textAt(invitation, 'email');
    if (email === undefined || hasEmail(invitation, mail.email)) return { invitation };
    const warnings = [`asked to invite "${mail.email}", the API answered about "${email}"`];
    return { lost: unreadable(`is about "${email}"`), answered: true, warnings };
  } catch (error) {
    if (error instanceof UnknownOutcome) {
      const { http_status = 0 } = error.details;
      // A 2xx whose body was lost says that it was done.
      return { lost: error, answered: http_status >= 200 && http_status < 300 };
    }
    // The first one had arrived after all; the second was refused because of it.
    if (isSecond && error instanceof CliError && error.code === 'already_exists')
      return { lost: error, answered: true };
    throw error;
  }
}

function unreadable(words: string): CliError {
  return new CliError('bad_response', `the API took the invitation, but its answer ${words}`);
}

async function appeared(mail: InvitationRequest, answered: boolean, tools: Tools): Promise<Invitation | undefined> {
  const { invitations, clock, deadline } = tools;
  try {
    let passed = 0;
    for (const time of lookTimes) {
      await clock.sleep(time - passed, deadline);
      passed = time;
      // The whole list is read only where nothing shows at last.
      const find = time === lookTimes.at(-1) ? invitations.findByEmail : invitations.search;
      const found = await find(mail.email);
      const fresh = found.find((one) => isFresh(one, mail.known, clock.now()));
      if (fresh !== undefined) return fresh;
    }
    return await reissued(mail, tools);
  } catch (error) {
    throw new UnconfirmedMail(mail.email, error, answered);
  }
}

/** The invitation that was there before, if it was mailed again: read by its id, which does not lag as a list may. */
async function reissued({ known }: InvitationRequest, { invitations, clock }: Tools): Promise<Invitation | undefined> {
  const id = textAt(currentInvitation(known, clock.now()) ?? {}, 'id');
  if (id === undefined) return undefined;
  const invitation = await unlessMissing(invitations.get(id));
  return invitation !== undefined && isFresh(invitation, known, clock.now()) ? invitation : undefined;
}
