import type { Command, Option } from 'commander';
import { CliError } from '../errors.ts';

/** What some words say. */
export interface Line {
  readonly command: Command;
  /** The words that are neither an option nor the value of one: the names of the command, then its arguments. */
  readonly operands: readonly string[];
  readonly args: readonly string[];
  /** The option whose value is the next word. */
  readonly pending: Option | undefined;
  /** `--` was typed: no options any more. */
  readonly isEnded: boolean;
}

/** Reads words as Commander would; nothing in them is an error. */
export function readLine(program: Command, words: readonly string[]): Line {
  const operands: string[] = [];
  const args: string[] = [];
  let command = program;
  let pending: Option | undefined;
  let isEnded = false;
  for (const word of words) {
    if (pending !== undefined) pending = undefined;
    else if (!isEnded && word === '--') isEnded = true;
    else if (!isEnded && /^-./.test(word)) pending = optionWithValue(command, word);
    else {
      operands.push(word);
      const child = args.length > 0 ? undefined : childOf(command, word);
      if (child === undefined) args.push(word);
      else command = child;
    }
  }
  return { command, operands, args, pending, isEnded };
}

export function childOf(command: Command, word: string): Command | undefined {
  return command.commands.find((child) => child.name() === word || child.aliases().includes(word));
}

/** The option, if its value is the next word. */
function optionWithValue(command: Command, word: string): Option | undefined {
  const option = findOption(command, /^-[^-]{2,}$/.test(word) ? `-${word.at(-1)}` : word);
  return option?.required === true ? option : undefined;
}

export function findOption(command: Command, flag: string): Option | undefined {
  return optionsOf(command).find(({ short, long }) => short === flag || long === flag);
}

/** The options of a command and of its parents. */
export function optionsOf(command: Command | null): readonly Option[] {
  return command === null ? [] : [...command.options, ...optionsOf(command.parent)];
}

/** The words of a command after `invite`. */
export function pathOf(command: Command): string[] {
  return command.parent === null ? [] : [...pathOf(command.parent), command.name()];
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

/** `invite -p list` names a profile, and no command: whoever types it has forgotten the profile. */
export function refuseCommandAsProfile(program: Command): void {
  const { profile } = program.opts();
  if (program.args.length > 0 || childOf(program, profile) === undefined) return;
  throw new CliError('usage', `"${profile}" was taken as the name of a profile, and no command follows`, {
    hints: [`invite -p sandbox ${profile}`, 'invite auth list'],
  });
}
