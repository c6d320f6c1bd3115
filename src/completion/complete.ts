import { Command, Option } from 'commander';
import type { CommandFactory } from '../commands/shared/command.ts';
import type { Context } from '../context.ts';
import type { CompletionRequest } from './live.ts';

interface CandidatesOptions {
  readonly typed?: string;
  readonly refresh?: boolean;
}

/** What the scripts call. It prints candidates, one a line with its meaning after a tab, and never a complaint. */
export const completionCandidatesCommand: CommandFactory = (bind) =>
  new Command('candidates')
    .description('Print the candidates that a completion script asks for.')
    .argument('<what>', 'profiles, or what the invitations are wanted for')
    .argument('[words...]', 'the line before the cursor')
    .addOption(new Option('--typed <text>', 'the beginning of the candidate'))
    .addOption(new Option('--refresh', 'print nothing, remember for the next time'))
    .action(bind(printCandidates));

export async function printCandidates(
  ctx: Context,
  what: string,
  words: string[],
  options: CandidatesOptions,
): Promise<void> {
  const question = { what, words, typed: options.typed ?? '' };
  try {
    await print(ctx, question, options);
  } catch {
    // In the middle of a line that is being typed no complaint is of use.
  }
}

async function print(
  ctx: Context,
  question: CompletionRequest,
  { refresh: isRefresh = false }: CandidatesOptions,
): Promise<void> {
  const { complete: answer, refresh } = await import('./live.ts');
  if (isRefresh) return refresh(ctx, question);
  const { words, isLate } = await answer(ctx, question);
  if (words.length > 0) await ctx.host.stdout.write(words.map(({ text, meaning }) => `${text}\t${meaning}\n`).join(''));
  if (isLate) await leave(ctx, question);
}

/** The shell waits for the end, which a connection that is still being made would put off. */
async function leave({ host }: Context, { what, words }: CompletionRequest): Promise<void> {
  await host.startAgain(['completion', 'candidates', what, '--refresh', '--', ...words]);
  host.exit(0);
}
