import { type Command, Option } from 'commander';
import { parseCount } from '../../context/global-options.ts';
import type { Context } from '../../context.ts';
import type { Format } from '../../output/formats.ts';

/** Makes a handler for Commander of a function that gets a context and the parsed arguments, and never sees Commander. */
export type BindAction = <Args extends unknown[]>(
  run: (ctx: Context, ...args: Args) => Promise<void>,
) => (...args: [...Args, Command]) => Promise<void>;

/** Gives a command of the registry, which has its name, alias and summary, everything else: arguments, options, help, action. */
export type CommandDefinition = (command: Command, bind: BindAction) => Command;

/** Makes a subcommand, such as `auth login`. */
export type CommandFactory = (bind: BindAction) => Command;

const specialFormats = new WeakMap<Command, readonly Format[]>();

/** Gives a command formats that not every command has. */
export function addFormats(command: Command, formats: readonly Format[]): Command {
  specialFormats.set(command, formats);
  return command;
}

/** The special formats of a command. */
export function formatsOf(command: Command): readonly Format[] {
  return specialFormats.get(command) ?? [];
}

/**
 * Whether a command sends anything but GET, which INVITE_READ_ONLY forbids. Every command that changes something has
 * `--dry-run`; those of `auth` change only what is stored on this machine.
 */
export function isChange(command: Command): boolean {
  return command.options.some(({ long }) => long === '--dry-run') && command.parent?.name() !== 'auth';
}

/** The examples of a help text, added `after`: the layout puts them before longer texts. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}

/** An option that may be given several times. */
export function repeatable<T>(flags: string, description: string, parse: (text: string) => T): Option {
  return new Option(flags, description).argParser((text: string, before: readonly T[] | undefined) => [
    ...(before ?? []),
    parse(text),
  ]);
}

export function yesOption(): Option {
  return new Option('-y, --yes', 'do not ask for confirmation');
}

export function dryRunOption(): Option {
  return new Option('-n, --dry-run', 'show what would be done, change nothing');
}

const range = [1, 32] as const;

export function concurrencyOption(): Option {
  const parse = (text: string) => parseCount(text, '--concurrency', range);
  return new Option('--concurrency <n>', 'make at most n changes at once, 1 to 32 (default 4)').argParser(parse);
}

/** The value of INVITE_CONCURRENCY, or 4. */
export function concurrencyOf({ host }: Context): number {
  return parseCount(host.env.INVITE_CONCURRENCY ?? '4', 'INVITE_CONCURRENCY', range);
}
