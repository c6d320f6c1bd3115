import type { Change, Tools } from '../changes/change.ts';
import { CliError } from '../errors.ts';
import { type Invitation, textAt } from '../invitations/invitation.ts';
import { preferred } from '../invitations/targets.ts';
import { once } from '../once.ts';
import { organizationIn, placeIn } from '../roles/crn.ts';
import { named } from './who.ts';

/**
 * The role bindings that go with each of those that a question names, in words. It is a courtesy: where the API will
 * not tell, the question is asked without.
 */
export async function bindingsOf(changes: readonly Change[], { roles }: Tools): Promise<Map<string, string>> {
  const told = new Map<string, string>();
  // An invitation need not say which organization it is for.
  const visible = once(() => roles.organizations());
  const organizationsOf = (invitation: Invitation) => {
    const own = organizationIn(textAt(invitation, 'metadata', 'resource_name') ?? '');
    return own === undefined ? visible() : [own];
  };
  for (const { target, known } of changes.slice(0, named)) {
    const invitation = preferred(known, 0) ?? {};
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
