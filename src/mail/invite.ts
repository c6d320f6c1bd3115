import { foldEmail } from '../api/email.ts';
import { hasEmail } from '../api/filter.ts';
import { type AuthType, authTypes, type Invitation, isLive, stateOf, wholeInvitations } from '../api/invitation.ts';
import { currentInvitation, notFound, parseTarget } from '../api/targets.ts';
import { CliError } from '../errors.ts';
import { Conflict, unlessMissing } from '../http/failure.ts';
import { textAt } from '../text/json-fields.ts';
import { shellQuote } from '../text/suggest.ts';
import type { CreateChange, ResendChange, Tools } from './change.ts';
import type { PastMails } from './claims.ts';
import { type CreateDecision, decideCreate, decideResend, type ResendDecision } from './decide.ts';
import { isStale } from './look.ts';
import { type Turn, UnconfirmedMail } from './mails.ts';
import { type Result, withOutcome } from './result.ts';
import { withRoles } from './roles.ts';
import { lookTimes, postInvitation, triableAt } from './send.ts';

/** Invites one person, or not, as decided; then grants the roles, in every case, so that running it again converges. */
export async function create(change: CreateChange, tools: Tools): Promise<Result> {
  const invited = await invite(change, tools);
  const { invitation, user } = invited;
  // Nobody has a user before the mail has left.
  const isUnsent = tools.isDry && invitation === undefined && user === undefined;
  return isUnsent ? { ...invited, roles: withOutcome(change.roles, 'granted') } : withRoles(invited, change, tools);
}

async function invite(change: CreateChange, tools: Tools): Promise<Result> {
  const { target: email, decision } = change;
  if (decision.act === 'nothing') return found(change, decision);
  return tools.mails.inTurn({ email, as: decision.outcome }, async (turn) => {
    const ready = change.again ? change : await decideInTurn(change, turn, tools);
    return ready.decision.act === 'nothing' ? found(ready, ready.decision) : post(ready, turn, tools);
  });
}

async function post(change: CreateChange, turn: Turn, tools: Tools): Promise<Result> {
  const { target, decision, known, authType } = change;
  const isAgain = turn.past.unknownAt !== undefined;
  const outcome = decision.act === 'post' ? decision.outcome : 'created';
  if (tools.isDry) return { target, outcome };
  try {
    return {
      target,
      outcome,
      ...(await postInvitation({ email: target, authType, known, isAgain }, turn.post, tools)),
    };
  } catch (error) {
    // Whoever is there in spite of a lost answer was there before.
    const refusal = error instanceof UnconfirmedMail ? error.details.cause : error;
    if (refusal instanceof Conflict) return inTheWay(change, refusal, tools, error);
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
async function decideInTurn(
  change: CreateChange,
  { past, hasWaited, pause }: Turn,
  tools: Tools,
): Promise<CreateChange> {
  const { target, known } = change;
  const { invitations, recentList, clock, deadline } = tools;
  const search = async () => wholeInvitations(invitations, await invitations.findByEmail(target));
  const { id, unknownAt, blockedUntil } = past;
  if (unknownAt === undefined) {
    const isOld = isStale(change, clock);
    if (id === undefined && !hasWaited && !isOld) return change;
    return decideAgain(change, hasWaited ? await search() : isOld ? await recentList(target) : known, id, tools);
  }
  await pause();
  const times = lookTimes.map((after) => unknownAt + after).filter((time) => time > clock.now());
  let ready = change;
  for (const time of times.length === 0 ? [0] : times) {
    await clock.sleep(Math.max(0, time - clock.now()), deadline);
    ready = await decideAgain(change, await search(), id, tools);
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
async function inTheWay(change: CreateChange, conflict: Conflict, tools: Tools, failure: unknown): Promise<Result> {
  const { target, hasLeft = false } = change;
  const { invitations, users, clock } = tools;
  const now = clock.now();
  const all = await wholeInvitations(invitations, await invitations.findByEmail(target));
  const live = all.find((one) => isLive(one, now));
  if (live !== undefined) return { target, outcome: 'already_invited', invitation: live };
  if (hasLeft) throw refusedFormer(change, conflict, now);
  const accepted = all.find((one) => stateOf(one, now) === 'accepted');
  const named = /\/iam\/v2\/users\/([^/?#]+)$/.exec(conflict.location ?? '')?.[1];
  const id = textAt(accepted ?? {}, 'user', 'id') ?? named;
  const { gone, unsure } = await users.absent([{ email: target, id }]);
  if (failure !== conflict && gone.size + unsure.size > 0) throw failure;
  if (gone.size > 0) throw unexplained(target, conflict);
  const doubt = `the API reports that "${target}" already exists; this key may not look up whether as a member`;
  const warnings = unsure.size === 0 ? [] : [doubt];
  return { target, outcome: 'already_member', location: conflict.location, invitation: accepted, warnings };
}

function unexplained(target: string, conflict: Conflict): CliError {
  return conflict.with({
    reason: `the API shows neither an invitation nor a member of this address, but says: ${conflict.details.reason ?? 'already there'}`,
    hints: [`check with: invite get ${shellQuote(target)}`],
    target,
  });
}

function refusedFormer(change: CreateChange, conflict: Conflict, now: number): CliError {
  const user = formerUser(change, now);
  const who = user === undefined ? 'the user' : `the user "${user}"`;
  return conflict.with({
    reason: `${who} who accepted is gone, and the API refuses this address: ${conflict.details.reason ?? 'already there'}`,
    hints: [
      `invite another address of theirs; invite trace ${shellQuote(change.target)} shows what is left of this one`,
    ],
    target: change.target,
  });
}

/** The user who accepted, for sentences. */
function formerUser({ known }: CreateChange, now: number): string | undefined {
  const accepted = known.filter((one) => stateOf(one, now) === 'accepted');
  return textAt(currentInvitation(accepted, now) ?? {}, 'user', 'id');
}

type Post = Extract<ResendDecision, { act: 'post' }>;

const authTypeNames = Object.keys(authTypes) as AuthType[];

/** Mails one invitation again, the way it was sent first. */
export async function resend(change: ResendChange, tools: Tools): Promise<Result> {
  const { target, decision } = change;
  if (decision.act === 'refuse') throw refusalToResend(target, decision.code);
  const email = foldEmail(textAt(decision.invitation, 'email') ?? target);
  const sent = await tools.mails.inTurn({ email, as: 'resent' }, (turn) => resendInTurn(change, decision, turn, tools));
  return withRoles(sent, { ...change, roles: [] }, tools);
}

async function resendInTurn(change: ResendChange, decided: Post, turn: Turn, tools: Tools): Promise<Result> {
  const { target } = change;
  const { invitations, recentList, clock } = tools;
  const email = textAt(decided.invitation, 'email') ?? target;
  let [known, decision] = [change.known, decided];
  if (turn.hasWaited || isStale(change, clock)) {
    await turn.pause();
    known = turn.hasWaited ? await invitations.findByEmail(email) : await recentList(email);
    const invitation = currentInvitation(known, clock.now());
    if (turn.hasWaited && turn.past.unknownAt === undefined && invitation !== undefined)
      return { target, outcome: 'already_invited', invitation };
    const again = decideResend(known, clock.now());
    if (again.act === 'refuse') throw refusalToResend(target, again.code);
    decision = again;
  }
  const { blockedUntil, unknownAt } = turn.past;
  if (blockedUntil !== undefined && blockedUntil > clock.now()) throw onItsWay(email, turn.past);
  if (tools.isDry) return { target, outcome: 'resent', invitation: decision.invitation };
  const authType = authTypeNames.find((name) => authTypes[name] === textAt(decision.invitation, 'auth_type'));
  try {
    const mail = { email, authType, known, isAgain: unknownAt !== undefined };
    return { target, outcome: 'resent', ...(await postInvitation(mail, turn.post, tools)) };
  } catch (error) {
    const isPending = isLive(decision.invitation, clock.now());
    throw error instanceof Conflict && isPending ? refusedAgain(email, error) : error;
  }
}

/** Something was sent whose end is unknown, and a second mail may be one too many. */
function onItsWay(email: string, { unknownAt = 0, blockedUntil = 0 }: PastMails): CliError {
  const since = new Date(unknownAt).toISOString();
  return new CliError('outcome_unknown', `a mail to "${email}" may be on its way since ${since}`, {
    reason: `it was sent from this machine, and the API shows no invitation of it; ${triableAt(blockedUntil)}`,
    hints: [
      `check with: invite get ${shellQuote(email)}`,
      `to send one anyway: invite create ${shellQuote(email)} --again`,
    ],
    target: email,
  });
}

/** The API answers 409 for somebody who was mailed a short while ago. */
function refusedAgain(email: string, conflict: Conflict): CliError {
  return conflict.with({
    reason: `the invitation is pending, and the API does not send it again: ${conflict.details.reason ?? 'conflict'}`,
    hints: [`for a new one: invite delete ${shellQuote(email)}`, `then: invite create ${shellQuote(email)}`],
    target: email,
  });
}

function refusalToResend(target: string, code: 'already_accepted' | 'not_found' | 'not_possible'): CliError {
  if (code === 'not_found') return notFound(parseTarget(target));
  const reasons = {
    already_accepted: 'the invitation was already accepted',
    not_possible: 'the invitation was revoked',
  };
  const again = code === 'not_possible' && target.includes('@') ? [`invite create ${shellQuote(target)}`] : [];
  return new CliError(code, `cannot mail "${target}" again`, { reason: reasons[code], hints: again, target });
}
