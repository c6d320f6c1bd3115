import { type Invitation, isLive, stateOf } from './invitation.ts';
import { currentInvitation } from './targets.ts';

/** What is to be done for an e-mail that somebody wants invited, and how it is called once done. */
export type CreateDecision =
  | { readonly act: 'post'; readonly outcome: 'created' | 'reinvited' }
  | {
      readonly act: 'nothing';
      readonly outcome: 'already_invited' | 'already_member';
      readonly invitation: Invitation;
    };

export interface CreateWish {
  /** `--again`: mail also somebody who is invited already. */
  readonly again?: boolean;
  /** Whoever accepted is no member any more. */
  readonly hasLeft?: boolean;
}

/**
 * Looks before it mails: a POST is a mail to a person, and a second one of a pending invitation mails them again.
 * @param found All invitations of this e-mail.
 */
export function decideCreate(found: readonly Invitation[], now: number, wish: CreateWish = {}): CreateDecision {
  const again = { act: 'post', outcome: found.length === 0 ? 'created' : 'reinvited' } as const;
  const live = currentInvitation(
    found.filter((one) => isLive(one, now)),
    now,
  );
  if (live !== undefined && !wish.again) return { act: 'nothing', outcome: 'already_invited', invitation: live };
  const accepted = currentInvitation(
    found.filter((one) => stateOf(one, now) === 'accepted'),
    now,
  );
  if (accepted !== undefined && live === undefined && !wish.hasLeft)
    return { act: 'nothing', outcome: 'already_member', invitation: accepted };
  const strange = currentInvitation(
    found.filter((one) => stateOf(one, now) === 'unknown'),
    now,
  );
  // A status that is not documented may well be one that is still open: better no mail than two.
  if (strange !== undefined && !wish.again) return { act: 'nothing', outcome: 'already_invited', invitation: strange };
  return again;
}

export type DeleteDecision =
  | { readonly act: 'delete_invitation'; readonly invitation: Invitation }
  | { readonly act: 'delete_user'; readonly invitation: Invitation }
  | { readonly act: 'refuse'; readonly code: 'already_accepted' | 'not_found' }
  | { readonly act: 'refuse'; readonly code: 'ambiguous'; readonly live: readonly Invitation[] };

export interface DeleteWish {
  /** `--remove-user`: where the invitation was accepted, delete the user. */
  readonly removeUser: boolean;
}

/** What a wish to delete comes to. Several live invitations of one e-mail are for a person to choose from. */
export function decideDelete(found: readonly Invitation[], { removeUser }: DeleteWish, now: number): DeleteDecision {
  const live = found.filter((one) => isLive(one, now));
  if (live.length > 1) return { act: 'refuse', code: 'ambiguous', live };
  const invitation = currentInvitation(found, now);
  if (invitation === undefined) return { act: 'refuse', code: 'not_found' };
  if (stateOf(invitation, now) !== 'accepted') return { act: 'delete_invitation', invitation };
  return removeUser ? { act: 'delete_user', invitation } : { act: 'refuse', code: 'already_accepted' };
}

export type ResendDecision =
  | { readonly act: 'post'; readonly invitation: Invitation }
  | { readonly act: 'refuse'; readonly code: 'already_accepted' | 'not_found' | 'not_possible' };

/** There is no endpoint to send a mail again: the same e-mail is posted once more. */
export function decideResend(found: readonly Invitation[], now: number): ResendDecision {
  const invitation = currentInvitation(found, now);
  if (invitation === undefined) return { act: 'refuse', code: 'not_found' };
  const state = stateOf(invitation, now);
  if (state === 'accepted') return { act: 'refuse', code: 'already_accepted' };
  return state === 'deactivated' ? { act: 'refuse', code: 'not_possible' } : { act: 'post', invitation };
}
