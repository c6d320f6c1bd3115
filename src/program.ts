import { Command, Option } from 'commander';
import { type BindAction, examples } from './commands/shared/command.ts';
import {
  type CommandEntry,
  invitationEntries,
  loadCommand,
  membershipEntries,
  placeholder,
  setupEntries,
} from './commands/shared/registry.ts';
import { firstOperand } from './commands/shared/usage-errors.ts';
import { globalOptions, version } from './context/global-options.ts';
import { layOutHelp } from './help/layout.ts';

interface HelpOutput {
  write(text: string): void;
  /** The width of the terminal; undefined where there is none. */
  columns?(): number | undefined;
}

/**
 * The command line grammar. Of the commands only the one that `argv` calls is loaded, the others are named for the help;
 * without `argv` all are. Commander neither exits nor prints: it throws, and its output goes to `output`.
 */
export async function buildProgram(bind: BindAction, output: HelpOutput, argv?: readonly string[]): Promise<Command> {
  const program = rootCommand(output);
  const wanted = argv === undefined ? 'all' : wantedCommands(program, argv);
  const made = (entry: CommandEntry) =>
    wanted === 'all' || wanted.includes(entry) ? loadCommand(entry, bind) : placeholder(entry);
  for (const entry of invitationEntries) program.addCommand((await made(entry)).helpGroup('Invitations:'));
  for (const entry of membershipEntries) program.addCommand((await made(entry)).helpGroup('Membership:'));
  for (const entry of setupEntries) program.addCommand((await made(entry)).helpGroup('Setup:'));
  inheritSettings(program);
  return program;
}

/** The command that is called, and the one that its arguments are about. */
function wantedCommands(program: Command, argv: readonly string[]): readonly CommandEntry[] | 'all' {
  const entries = [...invitationEntries, ...membershipEntries, ...setupEntries];
  const find = (args: readonly string[]) => {
    const operand = firstOperand(program, args);
    return entries.find(({ name, alias }) => operand !== undefined && (name === operand || alias === operand));
  };
  const called = find(argv);
  const about = called?.about?.(argv) ?? [];
  if (about === 'all') return 'all';
  return [called, find(about)].filter((entry) => entry !== undefined);
}

function rootCommand(output: HelpOutput): Command {
  const columns = () => output.columns?.() ?? 80;
  const program = layOutHelp(new Command('invite'), columns)
    .description('Manage the invitations of a Confluent Cloud organization.')
    .exitOverride()
    .configureOutput({
      ...{ writeOut: output.write, writeErr: output.write, outputError: () => {} },
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

/** `addCommand` does not pass settings on: they are copied to every subcommand. */
function inheritSettings(command: Command): void {
  for (const child of command.commands) {
    child.copyInheritedSettings(command);
    inheritSettings(child);
  }
}
