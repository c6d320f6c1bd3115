import { Argument, Command, Option } from 'commander';
import type { CommandDefinition, CommandFactory } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { topics } from '../help/layout.ts';

const loaders = {
  bash: () => import('../../completions/invite.bash?raw'),
  zsh: () => import('../../completions/_invite?raw'),
  fish: () => import('../../completions/invite.fish?raw'),
  powershell: () => import('../../completions/invite.ps1?raw'),
} as const;

type Shell = keyof typeof loaders;

export const shells = Object.keys(loaders) as readonly Shell[];

export async function scriptFor(shell: Shell): Promise<string> {
  return (await loaders[shell]()).default;
}

export const definition: CommandDefinition = (command, bind) =>
  command
    .description(
      'Print the script that makes a shell complete invite: commands, options, their values, and the e-mails and ids of invitations that fit the command.',
    )
    .usage('[options] <shell>')
    .addArgument(new Argument('<shell>', 'the shell that you use').choices(shells))
    .addExamples(
      'invite completion bash > ~/.local/share/bash-completion/completions/invite',
      'invite completion zsh > ~/.zfunc/_invite',
      'invite completion fish > ~/.config/fish/completions/invite.fish',
      'invite completion powershell >> $PROFILE',
    )
    .addNote(setup)
    .addCommand(completeCommand(bind), { hidden: true })
    .action(bind(async (ctx, shell: Shell) => ctx.host.stdout.write(await scriptFor(shell))));

const setup = `Setup, once:
  bash        mkdir -p ~/.local/share/bash-completion/completions
              without the package bash-completion: write ~/.invite.bash instead,
              and put ". ~/.invite.bash" into ~/.bashrc
  zsh         mkdir -p ~/.zfunc
              and into ~/.zshrc, before compinit: fpath=(~/.zfunc $fpath)
  fish        mkdir -p ~/.config/fish/completions
  powershell  New-Item -Force $PROFILE, if there is none

Then open a new shell. The script asks this program for candidates, and the
program asks the API for e-mails and ids: for at most 400 ms, cached for a
minute, and never for a profile with a secret_command, which might prompt.
INVITE_COMPLETION_OFFLINE=1 turns that off.`;

interface CompleteOptions {
  readonly refresh?: string;
}

/** What the scripts call. It prints a directive, then one candidate per line with its meaning after a tab, and no errors. */
const completeCommand: CommandFactory = (bind) => {
  const command = new Command('complete');
  return command
    .description('Print the candidates for the word at the cursor.')
    .argument('[words...]', 'the words before the cursor, then = and the word at it')
    .addOption(new Option('--refresh <what>', 'print nothing, fetch candidates for the next time'))
    .action(
      bind(async (ctx, words: string[], options: CompleteOptions) => {
        try {
          await printCandidates(ctx, { ...options, words, program: command.parent?.parent ?? command });
        } catch {
          // An error message would end up in the line that is being typed.
        }
      }),
    );
};

interface Line extends CompleteOptions {
  readonly words: readonly string[];
  readonly program: Command;
}

async function printCandidates(ctx: Context, { words: line, program, refresh: what }: Line): Promise<void> {
  // The = keeps shells from dropping a word that is still empty.
  const words = line.slice(0, -1);
  if (what !== undefined) {
    const { refresh } = await import('../completion/live.ts');
    return refresh(ctx, { what, words });
  }
  const { complete, cursorOf } = await import('../completion/complete.ts');
  const found = await complete({
    ctx,
    ...cursorOf(program, words, (line.at(-1) ?? '').replace(/^=/, '')),
    settings: async () => (await import('./sandbox.ts')).settingWords(),
    topics: topics.map(({ name, summary }) => ({ text: name, meaning: summary })),
  });
  const lines = found.candidates.map(({ text, meaning }) => `${text}\t${meaning}\n`);
  await ctx.host.stdout.write(`${found.directive}\n${lines.join('')}`);
  if (found.late === undefined) return;
  // The shell waits for this process, which an open connection would keep alive.
  await ctx.host.startAgain(['completion', 'complete', '--refresh', found.late, '--', ...line]);
  ctx.host.exit(0);
}
