import { foldEmail } from '../api/email.ts';
import { type AuthType, authTypes, isLive } from '../api/invitation.ts';
import { currentInvitation, notFound, parseTarget } from '../api/targets.ts';
import { CliError } from '../errors.ts';
import { Conflict } from '../http/failure.ts';
import { textAt } from '../text/json-fields.ts';
import { shellQuote } from '../text/shell.ts';
import type { ResendChange, Tools } from './change.ts';
import { decideResend, type ResendDecision } from './decide.ts';
import { isStale } from './look.ts';
import type { PastMails } from './mail-log.ts';
import type { Result } from './result.ts';
import { withFormerRoles } from './roles.ts';
import { postInvitation, triableAt } from './send.ts';
import { inTurn, type Turn } from './turn.ts';

type Post = Extract<ResendDecision, { act: 'post' }>;

const authTypeNames = Object.keys(authTypes) as AuthType[];

/** Mails one invitation again, the way it was sent first. */
export async function resend(change: ResendChange, tools: Tools): Promise<Result> {
  const { target, decision } = change;
  if (decision.act === 'refuse') throw refusal(target, decision.code);
  const email = foldEmail(textAt(decision.invitation, 'email') ?? target);
  const sent = await inTurn({ email, as: 'resent' }, tools, (turn) => resendInTurn(change, decision, turn, tools));
  return withFormerRoles(sent, change.known, tools);
}

async function resendInTurn(change: ResendChange, decided: Post, turn: Turn, tools: Tools): Promise<Result> {
  const { target } = change;
  const { invitations, recentList, clock } = tools;
  const email = textAt(decided.invitation, 'email') ?? target;
  let [known, decision] = [change.known, decided];
  if (turn.hasWaited || isStale(change, clock)) {
    await turn.pause();
    known = turn.hasWaited ? await invitations.findByEmail(email) : await recentList.of(email);
    const invitation = currentInvitation(known, clock.now());
    if (turn.hasWaited && turn.past.unknownAt === undefined && invitation !== undefined)
      return { target, outcome: 'already_invited', invitation };
    const again = decideResend(known, clock.now());
    if (again.act === 'refuse') throw refusal(target, again.code);
    decision = again;
  }
  const { blockedUntil, unknownAt } = turn.past;
  if (blockedUntil !== undefined && blockedUntil > clock.now()) throw onItsWay(email, turn.past);
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
export function onItsWay(email: string, { unknownAt = 0, blockedUntil = 0 }: PastMails): CliError {
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

function refusal(target: string, code: 'already_accepted' | 'not_found' | 'not_possible'): CliError {
  if (code === 'not_found') return notFound(parseTarget(target));
  const reasons = {
    already_accepted: 'the invitation was already accepted',
    not_possible: 'the invitation was revoked',
  };
  const again = code === 'not_possible' && target.includes('@') ? [`invite create ${shellQuote(target)}`] : [];
  return new CliError(code, `cannot mail "${target}" again`, { reason: reasons[code], hints: again, target });
}
