import { Command, Option } from 'commander';
import { type BindAction, examples } from './commands/shared/command.ts';
import { type CommandEntry, invitationEntries, setupEntries } from './commands/shared/registry.ts';
import { firstOperand } from './commands/shared/usage-errors.ts';
import { globalOptions } from './context/global-options.ts';
import { version } from './context/version.ts';
import { layOutHelp } from './help/layout.ts';

export interface Voice {
  /** Takes the text of a help. */
  write(text: string): void;
  /** How wide a help may be; undefined where there is no terminal. */
  columns?(): number | undefined;
}

/**
 * The grammar, as much of it as the words need: commands that they do not call are only named. Without words, all of it.
 * Commander neither exits nor prints: it throws, and what it would print goes to the voice.
 */
export async function buildProgram(bind: BindAction, voice: Voice, argv?: readonly string[]): Promise<Command> {
  const program = root(voice);
  const wanted = argv === undefined ? 'all' : wantedCommands(program, argv);
  const made = async (entry: CommandEntry) =>
    wanted === 'all' || wanted.includes(entry) ? (await entry.read())(bind) : standIn(entry);
  for (const entry of invitationEntries) program.addCommand((await made(entry)).helpGroup('Invitations:'));
  for (const entry of setupEntries) program.addCommand((await made(entry)).helpGroup('Setup:'));
  inherit(program);
  return program;
}

/** The command that the words call, and the one that its own words are about. */
function wantedCommands(program: Command, argv: readonly string[]): readonly CommandEntry[] | 'all' {
  const entries = [...invitationEntries, ...setupEntries];
  const find = (words: readonly string[]) => {
    const word = firstOperand(program, words);
    return entries.find(({ name, alias }) => word !== undefined && (name === word || alias === word));
  };
  const called = find(argv);
  const about = called?.about?.(argv) ?? [];
  if (about === 'all') return 'all';
  return [called, find(about)].filter((entry) => entry !== undefined);
}

/** Looks like the command in the help of the program, and is never called. */
function standIn({ name, alias, words, summary }: CommandEntry): Command {
  const command = new Command(name).summary(summary);
  if (words !== undefined) command.arguments(words);
  return alias === undefined ? command : command.alias(alias);
}

function root(voice: Voice): Command {
  const columns = () => voice.columns?.() ?? 80;
  const program = layOutHelp(new Command('invite'), columns)
    .description('Manage the invitations of a Confluent Cloud organization.')
    .exitOverride()
    .configureOutput({
      ...{ writeOut: voice.write, writeErr: voice.write, outputError: () => {} },
      ...{
        getOutHelpWidth: columns,
        getErrHelpWidth: columns,
        getOutHasColors: () => false,
        getErrHasColors: () => false,
      },
    })
    .helpCommand(false);
  for (const option of globalOptionList()) program.addOption(option);
  program.optionsGroup('Other options:').version(version, '-V, --version', 'show the version');
  program.helpOption('-h, --help', 'show help');
  return program.addHelpText(
    'after',
    examples('invite -p sandbox create ann@example.com', 'invite list --status sent', 'invite delete ann@example.com'),
  );
}

/** The options that every command takes, before or after its name. */
function globalOptionList(): Option[] {
  return Object.values(globalOptions).flatMap(({ group, flags }) =>
    Object.entries(flags).map(([flag, help]) => new Option(flag, help).helpGroup(group)),
  );
}

/** `addCommand` passes no settings on: they are copied to every command below. */
function inherit(command: Command): void {
  for (const child of command.commands) {
    child.copyInheritedSettings(command);
    inherit(child);
  }
}
