import { Option } from 'commander';
import { CliCommand, type CommandFactory } from '../../cli/command.ts';
import { allowUnknownRolesOption } from '../../cli/invite-options.ts';
import { grantRoles, type RoleOptions, roleArgument } from '../../membership/role-change.ts';

export const roleGrantCommand: CommandFactory = (bind) =>
  new CliCommand('grant')
    .summary('grant roles to one person')
    .description(
      'Grant roles to a member or to somebody who is invited. A role that they have is left as it is. Granting ' +
        'OrganizationAdmin or AccountAdmin asks for confirmation.',
    )
    .argument('<email|user-id>', 'the person')
    .argument('<role[@scope]...>', 'the roles')
    .addOption(new Option('--strict', 'fail if they have one of the roles already'))
    .addOption(allowUnknownRolesOption())
    .addChangeOptions()
    .addExamples(
      'invite role grant ann@example.com MetricsViewer',
      'invite role grant ann@example.com EnvironmentAdmin@env-abc DeveloperRead@env-abc/lkc-123',
    )
    .action(
      bind((ctx, person: string, roles: string[], options: RoleOptions) =>
        grantRoles(ctx, person, roles.map(roleArgument), options),
      ),
    );
