import type { Change } from '../changes/change.ts';
import { textAt } from '../invitations/invitation.ts';
import { preferred } from '../invitations/targets.ts';

/** How many a question names; of the others it says how many they are. */
export const named = 10;

/** A question that names those it is about, with what there is to say of each. */
export function people(
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
  const invitation = preferred(known, 0) ?? {};
  const email = textAt(invitation, 'email');
  const id = textAt(invitation, 'id');
  if (email === undefined) return target;
  return id === undefined ? email : `${email} (${id})`;
}

/** Over that, a yes is too quickly typed: the number shows that it was read. */
export function countPhrase(count: number): { phrase?: string } {
  return count > named ? { phrase: String(count) } : {};
}
