import { knownRoles } from '../../roles/role.ts';
import { commands, page, prose, terms } from './page.ts';

export function rolesTopic(): string {
  return page(
    prose('A role can be granted together with the invitation: it waits for the person to accept.'),
    commands(
      'invite create ann@example.com --role EnvironmentAdmin@env-abc',
      'invite create ann@example.com --role CloudClusterAdmin@env-abc/lkc-123',
    ),
    `Behind the @ stands how far it reaches:\n${terms([
      ['nothing', 'the whole organization'],
      ['@env-abc', 'an environment'],
      ['@env-abc/lkc-123', 'a cluster; lsrc-… is a schema registry, lksqlc-… a ksqlDB'],
      ['@env-abc/lkc-123/topic=orders', 'something in a cluster'],
      ['@crn://…', 'whatever a Confluent Resource Name can name'],
    ])}`,
    prose(`Known names: ${knownRoles.join(', ')}. Another name is passed on, for the API knows best; one that looks like a
      slip of a known name is refused before anything is sent.`),
    prose(`A role that is there already counts as granted. If a role is refused, the invitation stands, the exit code is 9,
      and the error shows the command that repeats just that.`),
  );
}
