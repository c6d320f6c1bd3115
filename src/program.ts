import { type Command, Option } from 'commander';
import { type BindAction, CliCommand, type CommandDefinition } from './cli/command.ts';
import { globalOptions, version } from './cli/global-options.ts';
import { firstOperand } from './cli/usage-errors.ts';
import { layOutHelp } from './help/layout.ts';

/**
 * A command as the help of the program shows it: the only place for its name, alias and summary. Its file is loaded when
 * the command is called, so that a new command does not slow the start of the others.
 */
interface CommandEntry {
  /** Its name, and its arguments in the help of the program, as in `create [email...]`. */
  readonly usage: string;
  readonly alias?: string;
  readonly summary: string;
  /** Another command line that this one needs to understand: its command is loaded, too; `all` of them for help. */
  about?(argv: readonly string[]): readonly string[] | 'all';
  load(): Promise<{ readonly definition: CommandDefinition }>;
}

/** All commands, by group, in the order of the help. */
export const commandGroups: Readonly<Record<string, readonly CommandEntry[]>> = {
  'Invitations:': [
    { usage: 'create [email...]', summary: 'invite people', load: () => import('./commands/create.ts') },
    {
      usage: 'get [id|email]',
      alias: 'show',
      summary: 'show one invitation',
      load: () => import('./commands/get.ts'),
    },
    { usage: 'list', alias: 'ls', summary: 'list invitations', load: () => import('./commands/list.ts') },
    {
      usage: 'delete [id|email...]',
      alias: 'rm',
      summary: 'revoke invitations',
      load: () => import('./commands/delete.ts'),
    },
    { usage: 'resend [id|email...]', summary: 'mail invitations again', load: () => import('./commands/resend.ts') },
    { usage: 'import [file]', summary: 'invite everybody in a file', load: () => import('./commands/import.ts') },
    {
      usage: 'wait [id|email...]',
      summary: 'wait until invitations are accepted',
      load: () => import('./commands/wait.ts'),
    },
    { usage: 'report', summary: 'counts, ages, time to acceptance', load: () => import('./commands/report.ts') },
  ],
  'People:': [
    {
      usage: 'people [email|user-id...]',
      summary: 'list members and invited people',
      load: () => import('./commands/people.ts'),
    },
    {
      usage: 'trace <email|user-id>',
      summary: 'show everything about one person',
      load: () => import('./commands/trace.ts'),
    },
    {
      usage: 'remove [email|user-id...]',
      summary: 'take people out of the organization',
      load: () => import('./commands/remove.ts'),
    },
    { usage: 'role', summary: 'grant or revoke roles of one person', load: () => import('./commands/role.ts') },
  ],
  'Files of people:': [
    {
      usage: 'validate <file...>',
      summary: 'check files of people, offline',
      load: () => import('./commands/validate.ts'),
    },
    {
      usage: 'plan <file...>',
      summary: 'compare a file of people with the organization',
      load: () => import('./commands/plan.ts'),
    },
    {
      usage: 'apply <file...>',
      summary: 'make the organization match the file',
      load: () => import('./commands/apply.ts'),
    },
    {
      usage: 'export',
      summary: 'print the organization as a file of people',
      load: () => import('./commands/export.ts'),
    },
  ],
  'Setup:': [
    { usage: 'auth', summary: 'manage API keys and profiles', load: () => import('./commands/auth.ts') },
    {
      usage: 'sandbox',
      summary: 'manage the built-in API for trials and tests',
      load: () => import('./commands/sandbox.ts'),
    },
    { usage: 'doctor', summary: 'diagnose the setup', load: () => import('./commands/doctor.ts') },
    {
      usage: 'completion <shell>',
      summary: 'print a completion script',
      about: (argv) => (argv.includes('--') ? argv.slice(argv.indexOf('--') + 1) : []),
      load: () => import('./commands/completion.ts'),
    },
    {
      usage: 'help [command|topic...]',
      summary: 'explain a command or a topic',
      about: () => 'all',
      load: () => import('./commands/help.ts'),
    },
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
    for (const entry of entries) {
      const command = commandOf(entry);
      if (wanted === 'all' || wanted.includes(entry)) (await entry.load()).definition(command, bind);
      else for (const argument of argumentsOf(entry)) command.argument(argument);
      program.addCommand(command.helpGroup(group));
    }
  }
  inheritSettings(program);
  return program;
}

function commandName({ usage }: CommandEntry): string {
  return usage.split(' ', 1)[0] ?? '';
}

function argumentsOf({ usage }: CommandEntry): string[] {
  return usage.split(' ').slice(1);
}

function commandOf(entry: CommandEntry): CliCommand {
  const command = new CliCommand(commandName(entry)).summary(entry.summary);
  return entry.alias === undefined ? command : command.alias(entry.alias);
}

/** The command that is called, and the one that its arguments are about. */
function wantedCommands(program: Command, argv: readonly string[]): readonly CommandEntry[] | 'all' {
  const entries = Object.values(commandGroups).flat();
  const find = (args: readonly string[]) => {
    const operand = firstOperand(program, args);
    return entries.find(
      (entry) => operand !== undefined && (commandName(entry) === operand || entry.alias === operand),
    );
  };
  const called = find(argv);
  const about = called?.about?.(argv) ?? [];
  if (about === 'all') return 'all';
  const other = find(about);
  // What follows `help` on the line that is being completed.
  if (other?.about?.(about) === 'all' && about.length > 1) return 'all';
  return [called, other].filter((entry) => entry !== undefined);
}

function rootCommand(output: HelpOutput): CliCommand {
  const columns = () => output.columns?.() ?? 80;
  const program = layOutHelp(new CliCommand('invite'), columns)
    .description('Manage the invitations of a Confluent Cloud organization.')
    .exitOverride()
    .configureOutput({
      ...{ writeOut: output.write, writeErr: output.write, outputError: () => {} },
      ...{ getOutHelpWidth: columns, getErrHelpWidth: columns },
      ...{ getOutHasColors: () => false, getErrHasColors: () => false },
    })
    .helpCommand(false);
  // Every command takes them, before or after its name.
  for (const { group, flags } of Object.values(globalOptions))
    for (const [flag, help] of Object.entries(flags)) program.addOption(globalOption(flag, help).helpGroup(group));
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

/** `-o=json` is accepted, as kubectl accepts it; Commander would take `=json` as the value. */
function globalOption(flag: string, help: string): Option {
  const option = new Option(flag, help);
  const takesText = option.required && option.short !== undefined;
  return takesText ? option.argParser((value: string) => value.replace(/^=/, '')) : option;
}

/** `addCommand` does not pass settings on: they are copied to every subcommand. */
function inheritSettings(command: Command): void {
  for (const child of command.commands) {
    child.copyInheritedSettings(command);
    inheritSettings(child);
  }
}
