import { type Command, Option } from 'commander';
import { type BindAction, CliCommand, type CommandDefinition, readLine } from './cli/command.ts';
import { globalFlags, version } from './cli/global-options.ts';
import { layOutHelp } from './help/layout.ts';

/** A command as the help of the program shows it: the only place for its names and summary. */
interface CommandEntry {
  /** Its name, its alias, and its arguments in the help of the program, as in `get|show [id|email]`. */
  readonly usage: string;
  readonly summary: string;
  /** Its file is loaded when the command is called, so that a new command does not slow the start of the others. */
  load(): Promise<{ readonly definition: CommandDefinition }>;
}

function entry(usage: string, summary: string, load: CommandEntry['load']): CommandEntry {
  return { usage, summary, load };
}

export const commandGroups: Readonly<Record<string, readonly CommandEntry[]>> = {
  'Invitations:': [
    entry('create [email...]', 'invite people', () => import('./commands/create.ts')),
    entry('get|show [id|email]', 'show one invitation', () => import('./commands/get.ts')),
    entry('list|ls', 'list invitations', () => import('./commands/list.ts')),
    entry('delete|rm [id|email...]', 'revoke invitations', () => import('./commands/delete.ts')),
    entry('resend [id|email...]', 'mail invitations again', () => import('./commands/resend.ts')),
    entry('import [file]', 'invite everybody in a file', () => import('./commands/import.ts')),
    entry('wait [id|email...]', 'wait until invitations are accepted', () => import('./commands/wait.ts')),
    entry('report', 'counts, ages, time to acceptance', () => import('./commands/report.ts')),
  ],
  'People:': [
    entry('people [email|user-id...]', 'list members and invited people', () => import('./commands/people.ts')),
    entry('trace <email|user-id>', 'show everything about one person', () => import('./commands/trace.ts')),
    entry('remove [email|user-id...]', 'take people out of the organization', () => import('./commands/remove.ts')),
    entry('role', 'grant or revoke roles of one person', () => import('./commands/role.ts')),
  ],
  'Files of people:': [
    entry('validate <file...>', 'check files of people, offline', () => import('./commands/validate.ts')),
    entry('plan <file...>', 'compare a file of people with the organization', () => import('./commands/plan.ts')),
    entry('apply <file...>', 'make the organization match the file', () => import('./commands/apply.ts')),
    entry('export', 'print the organization as a file of people', () => import('./commands/export.ts')),
  ],
  'Setup:': [
    entry('auth', 'manage API keys and profiles', () => import('./commands/auth.ts')),
    entry('sandbox', 'manage the built-in API for trials and tests', () => import('./commands/sandbox.ts')),
    entry('doctor', 'diagnose the setup', () => import('./commands/doctor.ts')),
    entry('completion <shell>', 'print a completion script', () => import('./commands/completion.ts')),
    entry('help [command|topic...]', 'explain a command or a topic', () => import('./commands/help.ts')),
  ],
};

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
  for (const [group, entries] of Object.entries(commandGroups)) {
    for (const one of entries) {
      const [name, ...aliases] = namesOf(one);
      const command = new CliCommand(name).summary(one.summary).aliases(aliases);
      if (wanted === 'all' || wanted.includes(one)) (await one.load()).definition(command, bind);
      else for (const argument of one.usage.split(' ').slice(1)) command.argument(argument);
      program.addCommand(command.helpGroup(group));
    }
  }
  inheritSettings(program);
  return program;
}

function namesOf({ usage }: CommandEntry): string[] {
  return usage.replace(/ .*/, '').split('|');
}

/** The command that is called, and with it those that it tells of. */
function wantedCommands(program: Command, argv: readonly string[]): readonly CommandEntry[] | 'all' {
  const [operand] = readLine(program, argv).operands;
  if (operand === 'help') return 'all';
  const called = Object.values(commandGroups)
    .flat()
    .filter((one) => namesOf(one).some((name) => name === operand));
  // The line that is being completed.
  const line = operand === 'completion' && argv.includes('--') ? argv.slice(argv.indexOf('--') + 1) : [];
  const others = line.length === 0 ? [] : wantedCommands(program, line);
  return others === 'all' ? 'all' : [...called, ...others];
}

function rootCommand(output: HelpOutput): CliCommand {
  const columns = () => output.columns?.() ?? 80;
  const program = layOutHelp(new CliCommand('invite'))
    .description('Manage the invitations of a Confluent Cloud organization.')
    .exitOverride()
    .configureOutput({
      writeOut: output.write,
      writeErr: output.write,
      outputError: () => {},
      getOutHelpWidth: columns,
      getErrHelpWidth: columns,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .helpCommand(false);
  // Every command takes them, before or after its name.
  for (const [group, flags] of Object.entries(globalFlags))
    for (const [flag, help] of Object.entries(flags)) program.addOption(new Option(flag, help).helpGroup(group));
  return program
    .optionsGroup('Other options:')
    .version(version, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show help')
    .addExamples(
      'invite -p sandbox create ann@example.com',
      'invite list --status sent',
      'invite delete ann@example.com',
    );
}

/** `addCommand` does not pass settings on: they are copied to every subcommand. */
function inheritSettings(command: Command): void {
  for (const child of command.commands) {
    child.copyInheritedSettings(command);
    inheritSettings(child);
  }
}
