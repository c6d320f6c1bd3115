import { type Invitation, isLive, type State, stateOf } from '../api/invitation.ts';
import { currentInvitation } from '../api/targets.ts';
import { textAt } from '../text/json-fields.ts';

/** What `create` does for an e-mail address, and the outcome that it reports. */
export type CreateDecision =
  | { readonly act: 'post'; readonly outcome: 'created' | 'reinvited' }
  | {
      readonly act: 'nothing';
      readonly outcome: 'already_invited' | 'already_member';
      readonly invitation: Invitation;
    }
  | { readonly act: 'nothing'; readonly outcome: 'already_member'; readonly user: string };

/** The user of who is there already. */
export function userIn(decision: CreateDecision): string | undefined {
  if ('user' in decision) return decision.user;
  return 'invitation' in decision ? textAt(decision.invitation, 'user', 'id') : undefined;
}

/** For somebody who has no invitation: one decision, of which a large import has many. */
export const firstMail: CreateDecision = { act: 'post', outcome: 'created' };

interface CreateDecisionOptions {
  /** `--again`: send a mail even if the person is already invited. */
  readonly again?: boolean;
  /** The person accepted an invitation once and is no longer a member. */
  readonly hasLeft?: boolean;
}

/**
 * Whether to send a POST. Each one mails a person, also if their invitation is still pending.
 * @param found All invitations of this e-mail.
 */
export function decideCreate(
  found: readonly Invitation[],
  now: number,
  { again = false, hasLeft = false }: CreateDecisionOptions = {},
): CreateDecision {
  const current = (...states: State[]) =>
    currentInvitation(
      found.filter((one) => states.includes(stateOf(one, now))),
      now,
    );
  const live = current('pending', 'staged');
  if (live !== undefined && !again) return { act: 'nothing', outcome: 'already_invited', invitation: live };
  const accepted = current('accepted');
  if (accepted !== undefined && live === undefined && !hasLeft)
    return { act: 'nothing', outcome: 'already_member', invitation: accepted };
  // An undocumented status may mean that it can still be accepted: better no mail than two.
  const unknown = current('unknown');
  if (unknown !== undefined && !again) return { act: 'nothing', outcome: 'already_invited', invitation: unknown };
  return found.length === 0 ? firstMail : { act: 'post', outcome: 'reinvited' };
}

export type DeleteDecision =
  | { readonly act: 'delete_invitation'; readonly invitation: Invitation }
  | { readonly act: 'nothing'; readonly outcome: 'already_deleted'; readonly invitation: Invitation }
  | { readonly act: 'refuse'; readonly code: 'already_accepted' | 'not_found' }
  | { readonly act: 'refuse'; readonly code: 'ambiguous'; readonly live: readonly Invitation[] };

/** What `delete` does for a target. If several of its invitations can still be accepted, a person has to choose. */
export function decideDelete(found: readonly Invitation[], now: number): DeleteDecision {
  const live = found.filter((one) => isLive(one, now));
  if (live.length > 1) return { act: 'refuse', code: 'ambiguous', live };
  const invitation = currentInvitation(found, now);
  if (invitation === undefined) return { act: 'refuse', code: 'not_found' };
  const state = stateOf(invitation, now);
  if (state === 'accepted') return { act: 'refuse', code: 'already_accepted' };
  if (state === 'deactivated') return { act: 'nothing', outcome: 'already_deleted', invitation };
  return { act: 'delete_invitation', invitation };
}

export type ResendDecision =
  | { readonly act: 'post'; readonly invitation: Invitation }
  | { readonly act: 'refuse'; readonly code: 'already_accepted' | 'not_found' | 'not_possible' };

/** What `resend` does for a target. The API has no endpoint to resend: the same e-mail is posted again. */
export function decideResend(found: readonly Invitation[], now: number): ResendDecision {
  const invitation = currentInvitation(found, now);
  if (invitation === undefined) return { act: 'refuse', code: 'not_found' };
  const state = stateOf(invitation, now);
  if (state === 'accepted') return { act: 'refuse', code: 'already_accepted' };
  return state === 'deactivated' ? { act: 'refuse', code: 'not_possible' } : { act: 'post', invitation };
}
