import { Command } from 'commander';
import { authListCommand } from './auth/list.ts';
import { authLoginCommand } from './auth/login.ts';
import { authLogoutCommand } from './auth/logout.ts';
import { authStatusCommand } from './auth/status.ts';
import { authUseCommand } from './auth/use.ts';
import type { CommandFactory } from './shared/command.ts';

const mounts: readonly CommandFactory[] = [
  authLoginCommand,
  authLogoutCommand,
  authStatusCommand,
  authListCommand,
  authUseCommand,
];

export const authCommand: CommandFactory = (bind) => {
  const auth = new Command('auth')
    .summary('keys and profiles')
    .description('Store keys as profiles, and say which is used.');
  for (const mount of mounts) auth.addCommand(mount(bind));
  return auth;
};
