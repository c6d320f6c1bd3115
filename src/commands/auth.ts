import { authListCommand } from './auth/list.ts';
import { authLoginCommand } from './auth/login.ts';
import { authLogoutCommand } from './auth/logout.ts';
import { authStatusCommand } from './auth/status.ts';
import { authUseCommand } from './auth/use.ts';
import type { CommandDefinition, CommandFactory } from './shared/command.ts';

const subcommands: readonly CommandFactory[] = [
  authLoginCommand,
  authLogoutCommand,
  authStatusCommand,
  authListCommand,
  authUseCommand,
];

export const authCommand: CommandDefinition = (command, bind) => {
  command.description('Store API keys as profiles, and show which one is used.');
  for (const subcommand of subcommands) command.addCommand(subcommand(bind));
  return command;
};
