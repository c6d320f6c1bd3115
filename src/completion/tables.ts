import type { Source, Word, Words } from './source.ts';
import { type CommandSpec, everyCommand, type OptionSpec } from './spec.ts';

/** The grammar as flat tables, which is what a script can hold; a path is that of a command, empty for the program. */
export interface Tables {
  /** The commands below a path. */
  readonly commands: readonly (readonly [path: string, words: readonly Word[]])[];
  /** The path that a name or alias leads to from another. */
  readonly steps: readonly (readonly [from: string, names: readonly string[], to: string])[];
  /** The options of a path; the program's are those of every command. */
  readonly options: readonly (readonly [path: string, words: readonly Word[]])[];
  /** The options that take a value, and where it comes from. */
  readonly values: readonly (readonly [path: string, flags: readonly string[], source: Source])[];
  /** Where arguments come from, by their number; undefined stands for all of them. */
  readonly positions: readonly (readonly [path: string, number: number | undefined, source: Source])[];
  /** The words of each name; those of a command stand before those of all. */
  readonly words: readonly (readonly [name: string, choices: readonly Words[]])[];
}

export function tablesOf(program: CommandSpec): Tables {
  const commands = everyCommand(program);
  const steps = commands.flatMap((one) => one.commands.map((child) => [one.path, child.names, child.path] as const));
  return {
    commands: present(commands.map((one) => [one.path, one.commands.map(commandWord)])),
    steps,
    options: present(commands.map((one) => [one.path, one.options.map(optionWord)])),
    values: commands.flatMap(({ path, options }) =>
      options.flatMap(({ flags, value }) => (value === undefined ? [] : [[path, flags, value.source] as const])),
    ),
    positions: commands.flatMap(positionsOf),
    words: wordsOf(commands),
  };
}

/** How the source of candidates is called in a script: its kind and what it needs to know. */
export function called(source: Source): string {
  if (source.kind === 'asked') return `asked ${source.what}`;
  return 'name' in source ? `${source.kind} ${source.name}` : source.kind;
}

/** The spelling of an option that says most. */
export function longest({ flags }: OptionSpec): string {
  return flags.at(-1) ?? '';
}

function commandWord({ names: [text = ''], summary }: CommandSpec): Word {
  return { text, meaning: summary };
}

function optionWord(option: OptionSpec): Word {
  return { text: longest(option), meaning: option.summary };
}

function present<T>(rows: readonly (readonly [string, readonly T[]])[]): (readonly [string, readonly T[]])[] {
  return rows.filter(([, found]) => found.length > 0);
}

function positionsOf({ path, arguments: all }: CommandSpec): Tables['positions'] {
  return all
    .map(({ source, variadic }, index) => [path, variadic ? undefined : index, source] as const)
    .filter(([, , { kind }]) => kind !== 'nothing');
}

function wordsOf(commands: readonly CommandSpec[]): Tables['words'] {
  const sources = commands.flatMap((one) => [
    ...one.options.map(({ value }) => value?.source),
    ...one.arguments.map(({ source }) => source),
  ]);
  const found = new Map<string, readonly Words[]>();
  for (const source of sources) {
    if (source !== undefined && 'choices' in source) found.set(source.name, source.choices);
  }
  return [...found];
}
