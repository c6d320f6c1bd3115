import type { Argument, Command, Option } from 'commander';
import { type Source, sourceOfArgument, sourceOfOption, type Vocabulary } from './source.ts';

/** A command as a shell must know it. */
export interface CommandSpec {
  /** The words that lead to it, with single spaces; empty for the program. */
  readonly path: string;
  /** Its name and its aliases. */
  readonly names: readonly string[];
  readonly summary: string;
  readonly options: readonly OptionSpec[];
  readonly arguments: readonly ArgumentSpec[];
  readonly commands: readonly CommandSpec[];
}

export interface OptionSpec {
  /** `-s` and `--status`, or one of them. */
  readonly flags: readonly string[];
  readonly summary: string;
  readonly repeatable: boolean;
  /** What its value is called, and where it comes from; undefined if it takes none. */
  readonly value?: ArgumentSpec;
}

export interface ArgumentSpec {
  readonly name: string;
  readonly variadic: boolean;
  readonly source: Source;
}

/** The grammar as Commander has it, without what is hidden. */
export function specOf(program: Command, vocabulary: Vocabulary): CommandSpec {
  return commandSpec(program, '', vocabulary);
}

/** The command and all below it, each before its children. */
export function everyCommand(spec: CommandSpec): CommandSpec[] {
  return [spec, ...spec.commands.flatMap(everyCommand)];
}

function commandSpec(command: Command, path: string, vocabulary: Vocabulary): CommandSpec {
  const helper = command.createHelp();
  // The help command that Commander adds by itself has no parent; the program has one of its own.
  const children = helper.visibleCommands(command).filter(({ parent }) => parent === command);
  return {
    path,
    names: [command.name(), ...command.aliases()],
    summary: command.summary() || command.description(),
    options: helper
      .visibleOptions(command)
      .filter(isOwn(path))
      .map((option) => optionSpec(option, path, vocabulary)),
    arguments: command.registeredArguments.map((argument) => argumentSpec(argument, path, vocabulary)),
    commands: children.map((child) => commandSpec(child, `${path} ${child.name()}`.trim(), vocabulary)),
  };
}

/** Every command has a `--help`; that of the program is enough, for its options are those of all. */
function isOwn(path: string): (option: Option) => boolean {
  return ({ long }) => path === '' || long !== '--help';
}

function optionSpec(option: Option, path: string, vocabulary: Vocabulary): OptionSpec {
  const [, name] = /[<[](.*)[>\]]/.exec(option.flags) ?? [];
  const source = sourceOfOption(option, path, vocabulary);
  return {
    flags: [option.short, option.long].filter((flag) => flag != null),
    summary: option.description,
    repeatable: option.parseArg?.length === 2,
    ...(name === undefined ? {} : { value: { name, variadic: false, source } }),
  };
}

function argumentSpec(argument: Argument, path: string, vocabulary: Vocabulary): ArgumentSpec {
  return {
    name: argument.name(),
    variadic: argument.variadic,
    source: sourceOfArgument(argument, path, vocabulary),
  };
}
