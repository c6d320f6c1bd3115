import { type Invitation, type State, stateOf, states } from '../api/invitation.ts';
import { textAt } from '../text/json-fields.ts';
import { clean } from '../text/sanitize.ts';
import { relativeTime } from '../text/times.ts';

/** A possible word and its meaning; both are plain text of one line. */
export interface Candidate {
  readonly text: string;
  readonly meaning: string;
}

/** More than anybody reads; once a letter or two are typed, all that match are among them. */
const maxCandidates = 1000;

/** Characters; a server may send more than fits any line. */
const maxMeaningLength = 200;

const live: readonly State[] = ['pending', 'staged'];

/** The states in which a command can use an invitation. */
const usableStates = new Map<string, readonly State[]>([
  ['get', states],
  ['email', states],
  ['delete', states.filter((state) => state !== 'accepted')],
  ['resend', [...live, 'expired']],
  ['wait', live],
  ['sandbox', live],
]);

interface CandidateRequest {
  /** The command, or `email` where only an address will do. */
  readonly what: string;
  readonly now: number;
  /** The word at the cursor, as far as it is typed. */
  readonly typed: string;
  /** The words on the line. */
  readonly words: readonly string[];
}

/** The e-mails, then the ids, of the invitations that the command can use. */
export function candidates(known: readonly Invitation[], request: CandidateRequest): Candidate[] {
  const usable = known.filter((one) => fits(one, request));
  const emails = distinct(usable.map((one) => candidate(textAt(one, 'email'), describe(one, request.now))));
  const wantsIds = request.what !== 'email' && request.what !== 'sandbox';
  const ids = usable.map((one) =>
    candidate(textAt(one, 'id'), `${textAt(one, 'email') ?? '-'}, ${describe(one, request.now)}`),
  );
  return [...emails, ...(wantsIds ? ids : [])].filter(({ text }) => isOffered(text, request)).slice(0, maxCandidates);
}

function fits(invitation: Invitation, { what, now, words }: CandidateRequest): boolean {
  const isNamed = words.includes(textAt(invitation, 'id') ?? '') || words.includes(textAt(invitation, 'email') ?? '');
  const wanted = usableStates.get(what) ?? [];
  return !isNamed && wanted.includes(stateOf(invitation, now));
}

/** The names of profiles, without those that the line names already. */
export function profileCandidates(
  names: readonly string[],
  request: Pick<CandidateRequest, 'typed' | 'words'>,
): Candidate[] {
  return names.map((text) => ({ text, meaning: '' })).filter(({ text }) => isOffered(text, request));
}

function candidate(text = '', meaning: string): Candidate {
  return { text, meaning: clean(meaning.slice(0, maxMeaningLength)) };
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

function describe(invitation: Invitation, now: number): string {
  const state = stateOf(invitation, now);
  const expires = textAt(invitation, 'expires_at');
  if (expires === undefined || (state !== 'pending' && state !== 'expired')) return state;
  return state === 'pending'
    ? `pending, expires ${relativeTime(expires, now)}`
    : `expired ${relativeTime(expires, now)}`;
}

/**
 * What a shell cannot insert as one literal word is not offered: control characters, blanks, and a leading dash. If the
 * typed word has quotes or escapes, only the shell can tell what matches it.
 */
function isOffered(text: string, { typed, words }: Pick<CandidateRequest, 'typed' | 'words'>): boolean {
  if (!/^[^-\s\p{C}][^\s\p{C}]{0,253}$/u.test(text) || words.includes(text)) return false;
  return !/^[\w@.+-]*$/.test(typed) || text.startsWith(typed);
}
