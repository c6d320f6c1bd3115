import type { CommandDefinition } from '../cli/command.ts';
import { authLoginCommand } from './auth/login.ts';
import { authListCommand, authLogoutCommand, authUseCommand } from './auth/profiles.ts';
import { authStatusCommand } from './auth/status.ts';

export const definition: CommandDefinition = (command, bind) => {
  const subcommands = [authLoginCommand, authLogoutCommand, authStatusCommand, authListCommand, authUseCommand];
  for (const subcommand of subcommands) command.addCommand(subcommand(bind));
  return command.description('Store API keys as profiles, and show which one is used.');
};
