import type { Change, Tools } from '../../changes/change.ts';
import { organizationIn, placeIn } from '../../confluent/crn.ts';
import { once } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { type Invitation, textAt } from '../../invitations/invitation.ts';
import { currentInvitation } from '../../invitations/targets.ts';

/** A question names at most this many, and counts the others. */
export const named = 10;

/** A question about the invitations of one person, or of several. */
export type QuestionAbout = (people: string, isPlural: boolean) => string;

/** A question that names the people it is about, each with its note. */
export function describePeople(
  question: QuestionAbout,
  changes: readonly Change[],
  notes: ReadonlyMap<string, string> = new Map(),
): string {
  const names = changes.slice(0, named).map((change) => {
    const note = notes.get(change.target);
    return note === undefined ? nameOf(change) : `${nameOf(change)}, with ${note}`;
  });
  if (changes.length === 1) return question(names[0] ?? '', false);
  const more = changes.length > named ? [`  and ${changes.length - named} more`] : [];
  return [question(`these ${changes.length} people`, true), ...names.map((name) => `  ${name}`), ...more].join('\n');
}

function nameOf({ target, known }: Change): string {
  const invitation = currentInvitation(known, 0) ?? {};
  const email = textAt(invitation, 'email');
  const id = textAt(invitation, 'id');
  if (email === undefined) return target;
  return id === undefined ? email : `${email} (${id})`;
}

/** For more people than the question names, a yes is typed too quickly: the number shows that it was read. */
export function confirmationPhrase(count: number): { phrase?: string } {
  return count > named ? { phrase: String(count) } : {};
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
  for (const { target, known } of changes.slice(0, named)) {
    const invitation = currentInvitation(known, 0) ?? {};
    const user = textAt(invitation, 'user', 'id');
    if (user === undefined) continue;
    try {
      const bindings = [];
      for (const organization of await organizationsOf(invitation))
        bindings.push(...(await roles.of(user, organization)));
      const words = bindings.map(({ role_name, crn_pattern }) =>
        crn_pattern === '' ? role_name : `${role_name} on ${placeIn(crn_pattern)}`,
      );
      if (words.length > 0) notes.set(target, words.join(', '));
    } catch (error) {
      if (error instanceof CliError && error.code !== 'cancelled') return notes;
      throw error;
    }
  }
  return notes;
}
