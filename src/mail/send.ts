import { hasEmail } from '../api/filter.ts';
import { type AuthType, type Invitation, isLive, stateOf } from '../api/invitation.ts';
import { currentInvitation } from '../api/targets.ts';
import { CliError } from '../errors.ts';
import { UnknownOutcome, unlessMissing } from '../http/failure.ts';
import { textAt } from '../text/json-fields.ts';
import type { Tools } from './change.ts';
import { settlingTime } from './claims.ts';
import { UnconfirmedMail } from './mails.ts';
import type { Result } from './result.ts';

interface InvitationRequest {
  readonly email: string;
  readonly authType?: AuthType | undefined;
  /** All invitations of this e-mail before it is sent. */
  readonly known: readonly Invitation[];
  /** Something was sent before whose end is unknown: then this is the last one for a while. */
  readonly isAgain: boolean;
}

type Posted = Pick<Result, 'invitation' | 'reconciled' | 'warnings'>;

/** Milliseconds after a mail was sent at which it is looked for if its answer was lost: a list may lag by seconds. */
export const lookTimes = [1000, 3500, 8500] as const;

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
  await beforePost(mail.isAgain);
  const first = await attempt(mail, tools);
  if (!('lost' in first)) return first;
  const found = await appeared(mail, first, tools);
  if (found !== undefined) return reconciled(found, first);
  const isPending = mail.known.some((one) => isLive(one, tools.clock.now())) && !wasRefused(first.lost);
  if (first.answered || isPending || mail.isAgain) throw unknownEnd(mail, first, tools);
  try {
    await beforePost(true);
  } catch {
    throw unknownEnd(mail, first, tools);
  }
  const second = await attempt(mail, tools, 'again');
  if (!('lost' in second)) return second;
  const late = await appeared(mail, second, tools);
  if (late !== undefined) return reconciled(late, second);
  throw unknownEnd(mail, second, tools);
}

function unknownEnd({ email }: InvitationRequest, { lost, answered }: Lost, { clock }: Tools): UnconfirmedMail {
  const error = new UnconfirmedMail(email, lost, answered);
  const reason = `${error.details.reason}; ${triableAt(clock.now() + settlingTime)}`;
  return error.with({ reason });
}

/** @param time Milliseconds since 1970. */
export function triableAt(time: number): string {
  return `it can be tried again at ${new Date(time).toISOString()}`;
}

/** Nothing came back, or a 2xx (`answered`) that does not show our invitation: then the mail has probably left. */
interface Lost {
  readonly lost: CliError;
  readonly answered: boolean;
  readonly warnings?: readonly string[];
}

function reconciled(invitation: Invitation, { warnings }: Lost): Posted {
  return { invitation, reconciled: true, warnings };
}

async function attempt(mail: InvitationRequest, { invitations }: Tools, which?: 'again'): Promise<Posted | Lost> {
  try {
    const invitation = await invitations.create(mail.email, mail.authType);
    if (invitation === undefined || textAt(invitation, 'id') === undefined) return unreadable();
    const answered = textAt(invitation, 'email');
    if (answered !== undefined && !hasEmail(invitation, mail.email)) return somebodyElses(mail, answered);
    return { invitation };
  } catch (error) {
    if (error instanceof UnknownOutcome) return { lost: error, answered: hasArrived(error) };
    // The first one had arrived after all; the second was refused because of it.
    if (which === 'again' && error instanceof CliError && error.code === 'already_exists')
      return { lost: error, answered: true };
    throw error;
  }
}

/** The access token had expired or was withdrawn; the next one is another one. */
function wasRefused({ details }: CliError): boolean {
  return details.http_status === 401;
}

function unreadable(): Lost {
  const lost = new CliError('bad_response', 'the API took the invitation, but its answer does not show it');
  return { lost, answered: true };
}

function somebodyElses({ email }: InvitationRequest, answered: string): Lost {
  return { ...unreadable(), warnings: [`asked to invite "${email}", the API answered about "${answered}"`] };
}

/** Looks for an invitation of this e-mail that was not there before. */
async function appeared(mail: InvitationRequest, { answered }: Lost, tools: Tools): Promise<Invitation | undefined> {
  const { invitations, clock, deadline } = tools;
  try {
    let passed = 0;
    for (const time of lookTimes) {
      await clock.sleep(time - passed, deadline);
      passed = time;
      const found = await invitations.findByEmail(mail.email);
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

/** New by its id, or the one known before but touched since; by the server's own times, for our clock may be wrong. */
function isFresh(invitation: Invitation, known: readonly Invitation[], now: number): boolean {
  if (!isLive(invitation, now) && stateOf(invitation, now) !== 'accepted') return false;
  const before = known.find((one) => textAt(one, 'id') === textAt(invitation, 'id'));
  if (before === undefined) return true;
  const touched = (one: Invitation) => [
    textAt(one, 'metadata', 'updated_at'),
    textAt(one, 'expires_at'),
    textAt(one, 'status'),
  ];
  return touched(before).join() !== touched(invitation).join();
}

/** A 2xx whose body was lost says that it was done. */
function hasArrived({ details: { http_status = 0 } }: CliError): boolean {
  return http_status >= 200 && http_status < 300;
}
