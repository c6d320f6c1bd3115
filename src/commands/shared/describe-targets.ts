import type { Change, Tools } from '../../changes/change.ts';
import { organizationIn, placeIn } from '../../confluent/crn.ts';
import { CliError } from '../../errors.ts';
import { type Invitation, textAt } from '../../invitations/invitation.ts';
import { currentInvitation } from '../../invitations/targets.ts';
import { once } from '../../once.ts';

/** How many a question names; of the others it says how many they are. */
export const named = 10;

/** A question that names those it is about, with what there is to say of each. */
export function describePeople(
  verb: string,
  changes: readonly Change[],
  notes: ReadonlyMap<string, string> = new Map(),
): string {
  const names = changes.slice(0, named).map((change) => {
    const note = notes.get(change.target);
    return note === undefined ? nameOf(change) : `${nameOf(change)}, with ${note}`;
  });
  if (changes.length === 1) return `${verb} ${names[0]}?`;
  const more = changes.length > named ? [`  and ${changes.length - named} more`] : [];
  return [`${verb} these ${changes.length}?`, ...names.map((name) => `  ${name}`), ...more].join('\n');
}

function nameOf({ target, known }: Change): string {
  const invitation = currentInvitation(known, 0) ?? {};
  const email = textAt(invitation, 'email');
  const id = textAt(invitation, 'id');
  if (email === undefined) return target;
  return id === undefined ? email : `${email} (${id})`;
}

/** Over that, a yes is too quickly typed: the number shows that it was read. */
export function confirmationPhrase(count: number): { phrase?: string } {
  return count > named ? { phrase: String(count) } : {};
}

/**
 * The role bindings that go with each of those that a question names, in words. It is a courtesy: where the API will
 * not tell, the question is asked without.
 */
export async function describeBindings(changes: readonly Change[], { roles }: Tools): Promise<Map<string, string>> {
  const told = new Map<string, string>();
  // An invitation need not say which organization it is for.
  const visible = once(() => roles.organizations());
  const organizationsOf = (invitation: Invitation) => {
    const own = organizationIn(textAt(invitation, 'metadata', 'resource_name') ?? '');
    return own === undefined ? visible() : [own];
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
      if (words.length > 0) told.set(target, words.join(', '));
    } catch (error) {
      if (error instanceof CliError && error.code !== 'cancelled') return told;
      throw error;
    }
  }
  return told;
}
