import type { Argument, Command, Option } from 'commander';
import { CliError } from '../errors.ts';

/** The command that some words lead to. */
interface Followed {
  readonly command: Command;
  /** The words of its name, such as `auth login`; empty for the program. */
  readonly path: string;
  readonly count: number;
  readonly option: Option | undefined;
  /** `--` was typed: no options any more. */
  readonly ended: boolean;
}

/** Reads the words as Commander would; nothing in them is an error. */
export function followWords(program: Command, words: readonly string[]): Followed {
  let at: Followed = { command: program, path: '', count: 0, option: undefined, ended: false };
  for (const word of words) at = step(at, word);
  return at;
}

function step(at: Followed, word: string): Followed {
  if (at.option !== undefined) return { ...at, option: undefined };
  if (!at.ended && word === '--') return { ...at, ended: true };
  if (!at.ended && /^-./.test(word)) return { ...at, option: optionWithValue(at.command, word) };
  const next = at.count > 0 ? undefined : childOf(at.command, word);
  if (next === undefined) return { ...at, count: at.count + 1 };
  return { ...at, command: next, path: `${at.path} ${next.name()}`.trim() };
}

export function childOf(command: Command, word: string): Command | undefined {
  return command.commands.find((child) => child.name() === word || child.aliases().includes(word));
}

/** The option, if its value is the next word. */
function optionWithValue(command: Command, word: string): Option | undefined {
  const option = findOption(command, /^-[^-]{2,}$/.test(word) ? `-${word.at(-1)}` : word);
  return option?.required === true ? option : undefined;
}

function findOption(command: Command, flag: string): Option | undefined {
  for (let level: Command | null = command; level !== null; level = level.parent) {
    const option = level.options.find(({ short, long }) => short === flag || long === flag);
    if (option !== undefined) return option;
  }
  return undefined;
}

/** The place of the cursor in the grammar. */
export interface Cursor extends Omit<Followed, 'option'> {
  /** The part of the typed word that is not replaced: `--status=`. */
  readonly lead: string;
  readonly typed: string;
  readonly option: Option | undefined;
  readonly isFlag: boolean;
  /** The argument that comes next, if the command takes one more. */
  readonly argument: Argument | undefined;
  /** The words before the cursor: what was named once is not offered again. */
  readonly words: readonly string[];
}

/** @param typed The word before the cursor, without the quote that it may begin with. */
export function readCursor(program: Command, line: readonly string[], typed: string): Cursor {
  const words = line.map(unquoted);
  const { option: pending, ...at } = followWords(program, words);
  const here = { ...at, words, argument: argumentAt(at.command, at.count) };
  if (pending !== undefined) return { ...here, lead: '', typed, option: pending, isFlag: false };
  const [, lead = '', rest = ''] = (at.ended ? null : /^(--[^=]+=)(.*)$/s.exec(typed)) ?? [];
  if (lead !== '') {
    return { ...here, lead, typed: rest, option: findOption(at.command, lead.slice(0, -1)), isFlag: true };
  }
  return { ...here, lead: '', typed, option: undefined, isFlag: !at.ended && typed.startsWith('-') };
}

function argumentAt(command: Command, count: number): Argument | undefined {
  const last = command.registeredArguments.at(-1);
  return command.registeredArguments[count] ?? (last?.variadic === true ? last : undefined);
}

/** Shells pass words as they were typed, with their quotes. */
function unquoted(word: string): string {
  return /^(['"])(.*)\1$/s.exec(word)?.[2] ?? word;
}

/** The last value that an option has on the line. */
export function valueOnLine(
  words: readonly string[],
  { long, short }: { readonly long: string; readonly short?: string },
): string | undefined {
  const values = words.flatMap((word, index) => {
    if (word === long || word === short) return [words[index + 1] ?? ''];
    if (word.startsWith(`${long}=`)) return [word.slice(long.length + 1)];
    const isJoined = short !== undefined && word.startsWith(short) && !word.startsWith('--');
    return isJoined ? [word.slice(short.length)] : [];
  });
  return values.at(-1);
}

/** The words of a command after `invite`. */
export function pathOf(command: Command): string[] {
  return command.parent === null ? [] : [...pathOf(command.parent), command.name()];
}

/** The arguments that are neither an option nor the value of a global option. */
export function operandsOf(program: Command, argv: readonly string[]): string[] {
  return argv.filter((word, index) => {
    const { option, ended } = followWords(program, argv.slice(0, index));
    return option === undefined && (ended || !word.startsWith('-'));
  });
}

/** The first of them: the command. */
export function firstOperand(program: Command, argv: readonly string[]): string | undefined {
  return operandsOf(program, argv)[0];
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
  const isCommand = program.commands.some((child) => child.name() === profile || child.aliases().includes(profile));
  if (program.args.length > 0 || !isCommand) return;
  throw new CliError('usage', `"${profile}" was taken as the name of a profile, and no command follows`, {
    hints: [`invite -p sandbox ${profile}`, 'invite auth list'],
  });
}

/** By the placeholder in the usage of an option or an argument: `<n>`, `<duration>`. */
const typesByPlaceholder = {
  ...{ email: 'email', 'id|email': 'invitation', 'email|user-id': 'person', 'email|id': 'person', id: 'id' },
  ...{ 'email|principal': 'person', time: 'time' },
  ...{ n: 'integer', share: 'number', duration: 'duration', url: 'url', domain: 'domain' },
  ...{ 'role[@scope]': 'role', role: 'role', 'a,b': 'fields', field: 'field', name: 'profile' },
  ...{ 'name=value': 'setting', 'field=heading,...': 'columns', 'domain,...': 'domains', command: 'json' },
} as const;

/** What may be typed in place of a placeholder. */
export type ValueType = (typeof typesByPlaceholder)[keyof typeof typesByPlaceholder] | 'file' | 'string';

/** The type of what is typed in place of `<placeholder>`. */
export function valueTypeOf(placeholder: string): ValueType {
  const types: Readonly<Record<string, ValueType>> = typesByPlaceholder;
  if (Object.hasOwn(types, placeholder)) return types[placeholder] ?? 'string';
  return /\bfile\b/.test(placeholder) ? 'file' : 'string';
}

/** The placeholder of an option, such as `n`; undefined for a flag. */
export function placeholderOf({ flags }: Option): string | undefined {
  return /[<[](.+)[>\]]$/.exec(flags)?.[1];
}
