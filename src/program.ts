import { Command, Option } from 'commander';
import { type BindAction, examples } from './commands/shared/command.ts';
import { type CommandEntry, invitationEntries, setupEntries } from './commands/shared/registry.ts';
import { firstOperand } from './commands/shared/usage-errors.ts';
import { version } from './context/version.ts';
import { layOutHelp } from './help/layout.ts';
import { formats } from './output/formats.ts';

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
  const word = argv && firstOperand(program, argv);
  const isCalled = ({ name, alias }: CommandEntry) => word !== undefined && (name === word || alias === word);
  const isWhole =
    argv === undefined || setupEntries.some((entry) => isCalled(entry) && entry.tellsOfAll?.(argv) === true);
  const made = async (entry: CommandEntry) =>
    isWhole || isCalled(entry) ? (await entry.read())(bind) : standIn(entry);
  for (const entry of invitationEntries) program.addCommand((await made(entry)).helpGroup('Invitations:'));
  for (const entry of setupEntries) program.addCommand((await made(entry)).helpGroup('Setup:'));
  inherit(program);
  return program;
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
  for (const option of globalOptions()) program.addOption(option);
  program.optionsGroup('Other options:').version(version, '-V, --version', 'show the version');
  program.helpOption('-h, --help', 'show help');
  return program.addHelpText(
    'after',
    examples('invite -p sandbox create ann@example.com', 'invite list --status sent', 'invite delete ann@example.com'),
  );
}

/** The options that every command takes, before or after its name. */
function globalOptions(): Option[] {
  const who = [
    new Option('-p, --profile <name>', 'use this profile; "sandbox" is built in and needs no key'),
    new Option('--endpoint <url>', 'talk to this API'),
  ];
  const output = [
    new Option('-o, --output <format>', formats.join(', ')),
    new Option('--json', 'the same as -o json'),
    new Option('--fields <a,b>', 'these fields, in this order; dots reach inside'),
    new Option('--csv-raw', 'leave csv cells that a spreadsheet would run as they are'),
    new Option('-q, --quiet', 'no hints, no progress'),
    new Option('--color <when>', 'auto, always or never'),
    new Option('--no-color', 'the same as --color never'),
    new Option('--no-github', 'write nothing for a GitHub workflow'),
  ];
  const running = [
    new Option('--no-input', 'never ask anything'),
    new Option('--timeout <duration>', 'end the whole command after this long'),
    new Option('--retries <n>', 'try again at most so often'),
    new Option('--debug', 'log HTTP on stderr, secrets left out'),
  ];
  for (const option of who) option.helpGroup('Who you are:');
  for (const option of output) option.helpGroup('Output:');
  for (const option of running) option.helpGroup('Running:');
  return [...who, ...output, ...running];
}

/** `addCommand` hands nothing down by itself, and grandchildren are as deaf as children. */
function inherit(command: Command): void {
  for (const child of command.commands) {
    child.copyInheritedSettings(command);
    inherit(child);
  }
}
