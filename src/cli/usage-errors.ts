import type { Command, CommanderError } from 'commander';
import { CliError } from '../errors.ts';
import { shellQuote } from '../text/shell.ts';
import { didYouMean, nearest } from '../text/suggest.ts';
import { followWords, pathOf } from './line.ts';

/** An error of Commander as a `usage` failure, with the nearest known option or command as a hint. */
export function usageError(error: CommanderError, program: Command, argv: readonly string[]): CliError {
  const [message = '', ...more] = error.message.replace(/^error: /, '').split('\n');
  const suggestion = /\(Did you mean (?:one of )?([^,?]*)/.exec(more.join(' '))?.[1];
  const { command } = followWords(program, argv);
  const choiceError = invalidChoice(message);
  if (choiceError !== undefined) return choiceError;
  const word = /'([^'=]*)/.exec(message)?.[1];
  const nearestName =
    suggestion ?? (error.code === 'commander.unknownOption' ? nearestOption(word, command) : undefined);
  const asArgument = error.code === 'commander.unknownOption' ? suggestCreate(word, command, argv) : [];
  const hints = asArgument.length > 0 || nearestName === undefined ? asArgument : [`did you mean "${nearestName}"?`];
  if (error.code === 'commander.excessArguments' && command.name() === 'list') return suggestGet(argv, message);
  // An option that is not known may be a global one with a value: what follows it need not be a command.
  const unknown = error.code === 'commander.unknownOption' ? argv.findIndex((one) => one.split('=')[0] === word) : -1;
  const path = pathOf(unknown < 0 ? command : followWords(program, argv.slice(0, unknown)).command);
  const help = ['invite', ...path, '--help'].join(' ');
  return new CliError('usage', message.replaceAll("'", '"'), { hints: [...hints, help] });
}

/** `list` takes filters; who names an invitation wants `get`. */
function suggestGet(argv: readonly string[], message: string): CliError {
  const named = argv.filter((word) => !word.startsWith('-') && (word.includes('@') || /^i-\w/.test(word)));
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
  return new CliError('usage', `"${value}" is not a value for ${name}`, {
    hints: [...didYouMean(value, known.split(', ')), `known: ${known}`],
  });
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

/** The first argument that is neither an option nor the value of a global option. */
export function firstOperand(program: Command, argv: readonly string[]): string | undefined {
  return argv.find((word, index) => {
    const { option, ended } = followWords(program, argv.slice(0, index));
    return option === undefined && (ended || !word.startsWith('-'));
  });
}

function nearestOption(word: string | undefined, command: Command): string | undefined {
  const known: string[] = [];
  for (let level: Command | null = command; level !== null; level = level.parent) {
    known.push(...level.options.flatMap(({ long }) => (long ? [long] : [])));
  }
  return word === undefined ? undefined : nearest(word, known);
}
