import { CliError } from '../errors.ts';
import { type AuthType, authTypes, textAt } from '../invitations/invitation.ts';
import { notFound, parseTarget } from '../invitations/targets.ts';
import { shellQuote } from '../output/shell.ts';
import type { ResendChange, Tools } from './change.ts';
import { post } from './post.ts';
import type { Result } from './result.ts';

const authTypeNames = Object.keys(authTypes) as AuthType[];

/** Mails one invitation again, the way it was sent first. */
export async function resend({ target, decision, known }: ResendChange, tools: Tools): Promise<Result> {
  if (decision.act === 'refuse') throw refusal(target, decision.code);
  const email = textAt(decision.invitation, 'email') ?? target;
  const authType = authTypeNames.find((name) => authTypes[name] === textAt(decision.invitation, 'auth_type'));
  return { target, outcome: 'resent', ...(await post({ email, authType, known }, tools)) };
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
