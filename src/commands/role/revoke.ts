import { Option } from 'commander';
import { CliCommand, type CommandFactory } from '../../cli/command.ts';
import { addSafetyOptions } from '../../membership/plan-options.ts';
import { type RoleOptions, revokeRoles, roleArgument } from '../../membership/role-change.ts';

export const roleRevokeCommand: CommandFactory = (bind) =>
  addSafetyOptions(new CliCommand('revoke'), 'minAdmins', 'self')
    .summary('revoke roles of one person')
    .description(
      'Revoke roles of a member, of somebody who is invited, or of somebody whose invitation has ended. Your own ' +
        'administrative roles and those of the last administrators are not revoked.',
    )
    .argument('<email|user-id>', 'the person')
    .argument('<role[@scope]...>', 'the roles')
    .addOption(new Option('--strict', 'fail if they do not have one of the roles'))
    .addChangeOptions()
    .addExamples(
      'invite role revoke ann@example.com MetricsViewer',
      'invite role revoke u-abc123 EnvironmentAdmin@env-abc --dry-run',
    )
    .action(
      bind((ctx, person: string, roles: string[], options: RoleOptions) =>
        revokeRoles(ctx, person, roles.map(roleArgument), options),
      ),
    );
