import { organizationIn, roleOn } from '../api/crn.ts';
import type { Invitation } from '../api/invitation.ts';
import { currentInvitation } from '../api/targets.ts';
import { once } from '../cli/context.ts';
import { CliError } from '../errors.ts';
import { textAt } from '../text/json-fields.ts';
import type { Change, Tools } from './change.ts';

/** A question names at most this many, and counts the others. */
export const maxNamed = 10;

/** A question about one person, or about several. */
export type QuestionAbout = (people: string, isPlural: boolean) => string;

/** The question with the names of the people it is about. */
export function questionAbout(question: QuestionAbout, names: readonly string[], max = maxNamed): string {
  if (names.length === 1) return question(names[0] ?? '', false);
  const lines = names.slice(0, max).map((name) => `  ${name}`);
  const more = names.length > max ? [`  and ${names.length - max} more`] : [];
  return [question(`these ${names.length} people`, true), ...lines, ...more].join('\n');
}

/** The question with the people that changes are about, each with its note. */
export function describePeople(
  question: QuestionAbout,
  changes: readonly Change[],
  notes: ReadonlyMap<string, string> = new Map(),
): string {
  const names = changes.map((change) => {
    const note = notes.get(change.target);
    return note === undefined ? invitationName(change) : `${invitationName(change)}, with ${note}`;
  });
  return questionAbout(question, names);
}

function invitationName({ target, known }: Change): string {
  const invitation = currentInvitation(known, 0) ?? {};
  const email = textAt(invitation, 'email');
  const id = textAt(invitation, 'id');
  if (email === undefined) return target;
  return id === undefined ? email : `${email} (${id})`;
}

/** Of more people than the question names, the number has to be typed: a yes is typed without reading. */
export function confirmationPhrase(count: number): string | undefined {
  return count > maxNamed ? String(count) : undefined;
}

/**
 * The role bindings that are deleted with each of those that a question names, in words. Where the API does not tell,
 * the question is asked without them.
 */
export async function describeBindings(changes: readonly Change[], { roles }: Tools): Promise<Map<string, string>> {
  const notes = new Map<string, string>();
  // An invitation need not say which organization it is for.
  const visibleOrganizations = once(() => roles.organizations());
  const organizationsOf = (invitation: Invitation) => {
    const own = organizationIn(textAt(invitation, 'metadata', 'resource_name') ?? '');
    return own === undefined ? visibleOrganizations() : [own];
  };
  for (const { target, known } of changes.slice(0, maxNamed)) {
    const invitation = currentInvitation(known, 0) ?? {};
    const user = textAt(invitation, 'user', 'id');
    if (user === undefined) continue;
    try {
      const bindings = [];
      for (const organization of await organizationsOf(invitation))
        bindings.push(...(await roles.of(user, organization)));
      const words = bindings.map((binding) => (binding.crn_pattern === '' ? binding.role_name : roleOn(binding)));
      if (words.length > 0) notes.set(target, words.join(', '));
    } catch (error) {
      if (error instanceof CliError && error.code !== 'cancelled') return notes;
      throw error;
    }
  }
  return notes;
}
