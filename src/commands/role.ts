import type { CommandDefinition } from '../cli/command.ts';
import { roleGrantCommand } from './role/grant.ts';
import { roleRevokeCommand } from './role/revoke.ts';

export const definition: CommandDefinition = (command, bind) => {
  for (const subcommand of [roleGrantCommand, roleRevokeCommand]) command.addCommand(subcommand(bind));
  return command.description('Grant roles to one person, or revoke them. Typed again, nothing more happens.');
};
