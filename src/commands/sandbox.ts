import { sandboxAcceptCommand } from './sandbox/accept.ts';
import { sandboxAddCommand } from './sandbox/add.ts';
import { sandboxExpireCommand } from './sandbox/expire.ts';
import { sandboxResetCommand } from './sandbox/reset.ts';
import { sandboxSeedCommand } from './sandbox/seed.ts';
import { sandboxStartCommand } from './sandbox/start.ts';
import type { CommandDefinition, CommandFactory } from './shared/command.ts';

const subcommands: readonly CommandFactory[] = [
  sandboxStartCommand,
  sandboxSeedCommand,
  sandboxAddCommand,
  sandboxAcceptCommand,
  sandboxExpireCommand,
  sandboxResetCommand,
];

export const sandboxCommand: CommandDefinition = (command, bind) => {
  command.description(
    'Manage the built-in imitation of the Confluent Cloud API, whose state is a local file. Use it with "-p sandbox".',
  );
  for (const subcommand of subcommands) command.addCommand(subcommand(bind));
  return command;
};
