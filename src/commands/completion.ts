import { Argument, Command } from 'commander';
import { completionCandidatesCommand } from '../completion/complete.ts';
import { type Shell, scriptFor, shells } from '../completion/shells.ts';
import type { CommandSpec } from '../completion/spec.ts';
import type { Context } from '../context.ts';
import { type CommandFactory, examples } from './shared/command.ts';

export const completionCommand: CommandFactory = (bind) => {
  const command = new Command('completion');
  return command
    .summary('what makes a shell complete invite')
    .description(
      'Print the script that makes a shell complete invite: commands, options, their values, and the e-mails and ids of invitations that a command can do something with.',
    )
    .usage('[options] <shell>')
    .addArgument(new Argument('<shell>', 'the shell that you type in').choices(shells))
    .addHelpText(
      'after',
      examples(
        'invite completion bash > ~/.local/share/bash-completion/completions/invite',
        'invite completion zsh > ~/.zfunc/_invite',
        'invite completion fish > ~/.config/fish/completions/invite.fish',
        'invite completion powershell >> $PROFILE',
      ),
    )
    .addHelpText('after', setup)
    .addCommand(completionCandidatesCommand(bind), { hidden: true })
    .action(bind((ctx, shell: Shell) => completion(ctx, shell, () => specOfAll(command.parent ?? command))));
};

const setup = `
Once:
  bash        mkdir -p ~/.local/share/bash-completion/completions
              without the package bash-completion: write ~/.invite.bash instead,
              and put ". ~/.invite.bash" into ~/.bashrc
  zsh         mkdir -p ~/.zfunc
              and into ~/.zshrc, before compinit: fpath=(~/.zfunc $fpath)
  fish        mkdir -p ~/.config/fish/completions
  powershell  New-Item -Force $PROFILE, if there is none

Then open a new shell. E-mails and ids are asked of the API, for at most 400 ms,
and remembered for a minute; never for a profile with a secret_command, which
might ask for something. INVITE_COMPLETION_OFFLINE=1 turns that off.`;

export async function completion(ctx: Context, shell: Shell, spec: () => Promise<CommandSpec>): Promise<void> {
  await ctx.host.stdout.write(await scriptFor(shell, await spec()));
}

async function specOfAll(program: Command): Promise<CommandSpec> {
  const { specOf } = await import('../completion/spec.ts');
  const { vocabularyOf } = await import('../completion/vocabulary.ts');
  return specOf(program, vocabularyOf(program));
}
