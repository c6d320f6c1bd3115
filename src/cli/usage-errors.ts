import type { Command, CommanderError } from 'commander';
import { CliError } from '../errors.ts';
import { shellQuote } from '../text/shell.ts';
import { didYouMean, invalidArgument } from '../text/suggest.ts';
import { habitOfCommand, habitOfJson, habitOfOption } from './habits.ts';
import { followWords, pathOf } from './line.ts';

/** An error of Commander as a `usage` failure, with what to type instead as hints. */
export function usageError(error: CommanderError, program: Command, argv: readonly string[]): CliError {
  const [message = ''] = error.message.replace(/^error: /, '').split('\n');
  const choiceError = invalidChoice(message);
  if (choiceError !== undefined) return choiceError;
  const { command } = followWords(program, argv);
  const word = /'([^'=]*)/.exec(message)?.[1] ?? '';
  const words = message.replaceAll("'", '"');
  const isOption = error.code === 'commander.unknownOption';
  if (error.code === 'commander.excessArguments' && habitOfJson(argv).length === 0 && command.name() === 'list')
    return suggestGet(operandsOf(command, argv), message);
  // An option that is not known may be a global one with a value: what follows it need not be a command.
  const unknown = isOption ? argv.findIndex((one) => one.split('=')[0] === word) : -1;
  const path = pathOf(unknown < 0 ? command : followWords(program, argv.slice(0, unknown)).command);
  const hints = isOption ? optionHints(word, command, argv) : operandHints(word, command, argv);
  return new CliError('usage', words, { hints: [...hints, ['invite', ...path, '--help'].join(' ')] });
}

function optionHints(flag: string, command: Command, argv: readonly string[]): readonly string[] {
  const asArgument = suggestCreate(flag, command, argv);
  if (asArgument.length > 0) return asArgument;
  const hasYes = command.options.some(({ long }) => long === '--yes');
  const name = command.parent === null ? '' : command.name();
  const habit = habitOfOption(flag, { command: name, argv, hasYes });
  return habit.length > 0 ? habit : didYouMean(flag, optionsOf(command));
}

function operandHints(word: string, command: Command, argv: readonly string[]): readonly string[] {
  const json = habitOfJson(argv);
  if (json.length > 0) return json;
  const known = command.commands.flatMap((child) => [child.name(), ...child.aliases()]);
  const habit = command.parent === null ? habitOfCommand(operandsOf(command, argv), known) : [];
  return habit.length > 0 ? habit : didYouMean(word, known);
}

/** `list` takes filters; who names an invitation wants `get`. */
function suggestGet(operands: readonly string[], message: string): CliError {
  const named = operands.filter((word) => /^[^/]+@|^i-\w/.test(word));
  const hints = named.slice(0, 1).map((name) => `invite get ${shellQuote(name)}`);
  return new CliError('usage', message.replaceAll("'", '"'), { hints: [...hints, 'invite list --help'] });
}

/** The line to type where `--email` was given to the command that takes addresses as arguments. */
function suggestCreate(word: string | undefined, command: Command, argv: readonly string[]): string[] {
  if (command.name() !== 'create' || word === undefined || !/^--emails?$/.test(word)) return [];
  const index = argv.findIndex((one) => one.startsWith(word));
  const value = argv[index]?.includes('=') ? argv[index]?.split('=')[1] : argv[index + 1];
  return [`invite create ${shellQuote(value ?? 'ann@example.com')}`];
}

/** Commander's error for a value that is not among the allowed ones, of an option or an argument. */
function invalidChoice(message: string): CliError | undefined {
  const pattern =
    /^(?:option '(.*?)' argument|command-argument value) '(.*)' is invalid(?: for argument '(.*)')?\. Allowed choices are (.*)\.$/;
  const [, flags = '', value, argument, known] = pattern.exec(message) ?? [];
  if (known === undefined || value === undefined) return undefined;
  const name = /--[\w-]+/.exec(flags)?.[0] ?? `<${argument}>`;
  return invalidArgument(value, name, known.split(', '));
}

/** Refuses an option that took the next option as its value: `--profile --yes`. */
export function refuseSwallowedOptions(command: Command): void {
  for (let level: Command | null = command; level !== null; level = level.parent) {
    for (const option of level.options) {
      const key = option.attributeName();
      if (level.getOptionValueSource(key) !== 'cli') continue;
      const values: unknown[] = [level.getOptionValue(key)].flat();
      const swallowed = values.find((value) => typeof value === 'string' && /^-./.test(value));
      if (swallowed === undefined) continue;
      throw new CliError('usage', `"${swallowed}" cannot be the value of ${option.long}`, {
        hints: [`${option.flags}`],
      });
    }
  }
}

/** The arguments that are neither an option nor the value of a global option. */
function operandsOf(program: Command, argv: readonly string[]): string[] {
  return argv.filter((word, index) => {
    const { option, ended } = followWords(program, argv.slice(0, index));
    return option === undefined && (ended || !word.startsWith('-'));
  });
}

/** The first of them: the command. */
export function firstOperand(program: Command, argv: readonly string[]): string | undefined {
  return operandsOf(program, argv)[0];
}

function optionsOf(command: Command): string[] {
  const known: string[] = [];
  for (let level: Command | null = command; level !== null; level = level.parent) {
    known.push(...level.options.flatMap(({ long }) => (long ? [long] : [])));
  }
  return known;
}

/** `invite -p list` names a profile, and no command: whoever types it has forgotten the profile. */
export function refuseCommandAsProfile(program: Command): void {
  const { profile } = program.opts();
  const isCommand = program.commands.some((child) => child.name() === profile || child.aliases().includes(profile));
  if (program.args.length > 0 || !isCommand) return;
  throw new CliError('usage', `"${profile}" was taken as the name of a profile, and no command follows`, {
    hints: [`invite -p sandbox ${profile}`, 'invite auth list'],
  });
}
