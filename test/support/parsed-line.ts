import type { Command } from 'commander';
import { type BindAction, formatsOf, refuseSwallowedOptions } from '../../src/cli/command.ts';
import { resolveGlobals } from '../../src/cli/global-options.ts';
import { buildProgram } from '../../src/program.ts';

/** Parses a line, without `invite`, as the program would, and runs nothing. Rejects unless exactly one command would run. */
export async function parseLine(line: readonly string[]): Promise<void> {
  let runs = 0;
  const bind: BindAction =
    () =>
    async (...words) => {
      const command = words.at(-1) as Command;
      refuseSwallowedOptions(command);
      resolveGlobals(command.optsWithGlobals(), {}, formatsOf(command));
      runs += 1;
    };
  const program = await buildProgram(bind, { write: () => {} }, line);
  await program.parseAsync(line, { from: 'user' });
  if (runs !== 1) throw new Error(`${runs} commands would run`);
}
