import { type Invitation, type State, stateOf, states, textAt } from '../invitations/invitation.ts';
import { clean } from '../text/sanitize.ts';
import { relativeTime } from '../text/times.ts';

/** What may stand in a place, and what it means; both plain text of one line. */
export interface Candidate {
  readonly text: string;
  readonly meaning: string;
}

/** More than anybody reads; with a letter or two typed, all that fit are among them. */
const most = 1000;

/** Characters; a server may send more than fits any line. */
const longestMeaning = 200;

const live: readonly State[] = ['pending', 'staged'];

/** What invitations are wanted for, and the states in which they serve. */
const fitting = new Map<string, readonly State[]>([
  ['get', states],
  ['email', states],
  ['delete', states.filter((state) => state !== 'accepted')],
  ['resend', [...live, 'expired']],
  ['wait', live],
  ['sandbox', live],
]);

export interface CandidateRequest {
  /** The command, or `email` where only an address will do. */
  readonly what: string;
  readonly now: number;
  /** As much of the candidate as stands there, as it stands there. */
  readonly typed: string;
  /** What is on the line already. */
  readonly words: readonly string[];
  /** The users of accepted invitations can be deleted, too. */
  readonly removesUser: boolean;
}

/** The e-mails, and then the ids, of the invitations that fit. */
export function candidates(known: readonly Invitation[], wish: CandidateRequest): Candidate[] {
  const fit = known.filter((one) => fits(one, wish));
  const emails = distinct(fit.map((one) => word(textAt(one, 'email'), about(one, wish.now))));
  const wantsIds = wish.what !== 'email' && wish.what !== 'sandbox';
  const ids = fit.map((one) => word(textAt(one, 'id'), `${textAt(one, 'email') ?? '-'}, ${about(one, wish.now)}`));
  return [...emails, ...(wantsIds ? ids : [])].filter(({ text }) => isOffered(text, wish)).slice(0, most);
}

function fits(invitation: Invitation, { what, removesUser, now, words }: CandidateRequest): boolean {
  const isNamed = words.includes(textAt(invitation, 'id') ?? '') || words.includes(textAt(invitation, 'email') ?? '');
  const wanted = removesUser ? states : (fitting.get(what) ?? []);
  return !isNamed && wanted.includes(stateOf(invitation, now));
}

/** The names of profiles, without those that the line names already. */
export function profileCandidates(
  names: readonly string[],
  wish: Pick<CandidateRequest, 'typed' | 'words'>,
): Candidate[] {
  return names.map((text) => ({ text, meaning: '' })).filter(({ text }) => isOffered(text, wish));
}

function word(text = '', meaning: string): Candidate {
  return { text, meaning: clean(meaning.slice(0, longestMeaning)) };
}

/** An e-mail with several invitations is offered once. */
function distinct(words: readonly Candidate[]): Candidate[] {
  const found = new Map<string, Candidate>();
  for (const one of words) {
    const isRepeated = found.has(one.text);
    found.set(one.text, isRepeated ? { ...one, meaning: 'several invitations' } : one);
  }
  return [...found.values()];
}

function about(invitation: Invitation, now: number): string {
  const state = stateOf(invitation, now);
  const expires = textAt(invitation, 'expires_at');
  if (expires === undefined || (state !== 'pending' && state !== 'expired')) return state;
  return state === 'pending'
    ? `pending, expires ${relativeTime(expires, now)}`
    : `expired ${relativeTime(expires, now)}`;
}

/**
 * What a shell cannot put on the line as one word that means itself is not offered: control characters and blanks, and
 * a dash in front. Where what is typed has quotes or escapes, the shell alone can tell what goes on with it.
 */
function isOffered(text: string, { typed, words }: Pick<CandidateRequest, 'typed' | 'words'>): boolean {
  if (!/^[^-\s\p{C}][^\s\p{C}]{0,253}$/u.test(text) || words.includes(text)) return false;
  return !/^[\w@.+-]*$/.test(typed) || text.startsWith(typed);
}
