import { Command } from 'commander';
import { sandboxAcceptCommand } from './sandbox/accept.ts';
import { sandboxAddCommand } from './sandbox/add.ts';
import { sandboxExpireCommand } from './sandbox/expire.ts';
import { sandboxResetCommand } from './sandbox/reset.ts';
import { sandboxSeedCommand } from './sandbox/seed.ts';
import { sandboxStartCommand } from './sandbox/start.ts';
import type { CommandFactory } from './shared/command.ts';

const mounts: readonly CommandFactory[] = [
  sandboxStartCommand,
  sandboxSeedCommand,
  sandboxAddCommand,
  sandboxAcceptCommand,
  sandboxExpireCommand,
  sandboxResetCommand,
];

export const sandboxCommand: CommandFactory = (bind) => {
  const sandbox = new Command('sandbox')
    .summary('the built-in API, to try and to test with')
    .description(
      'An API of Confluent Cloud that lives in a file of yours. "-p sandbox" talks to it, these play the world.',
    );
  for (const mount of mounts) sandbox.addCommand(mount(bind));
  return sandbox;
};
