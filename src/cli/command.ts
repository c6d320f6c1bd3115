import { Command, Option } from 'commander';
import { type Format, formatsWith } from '../output/formats.ts';
import type { Context } from './context.ts';
import { parseCount } from './global-options.ts';

/** Makes a handler for Commander of a function that gets a context and the parsed arguments, and never sees Commander. */
export type BindAction = <Args extends unknown[]>(
  run: (ctx: Context, ...args: Args) => Promise<void>,
) => (...args: [...Args, Command]) => Promise<void>;

/** Gives a command, which has its name, alias and summary, everything else: arguments, options, help, action. */
export type CommandDefinition = (command: CliCommand, bind: BindAction) => Command;

/** Makes a subcommand, such as `auth login`. */
export type CommandFactory = (bind: BindAction) => Command;

export interface ConfirmationOptions {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

/** The same with `--concurrency`. */
export interface ChangeOptions extends ConfirmationOptions {
  readonly concurrency?: number;
}

/** A command of Commander, with what several commands have in common. */
export class CliCommand extends Command {
  formats: readonly Format[] = formatsWith();
  /** Command lines for the help, which shows them first. */
  examples: readonly string[] = [];
  /** Texts for the help, below the examples. */
  readonly notes: string[] = [];
  /** A long list for the help, below the options. */
  ending: () => string = () => '';

  /** Formats that not every command has. */
  addFormats(...special: readonly Format[]): this {
    this.formats = formatsWith(special);
    return this;
  }

  addExamples(...lines: readonly string[]): this {
    this.examples = lines;
    return this;
  }

  addNote(text: string): this {
    this.notes.push(text);
    return this;
  }

  addEnding(text: () => string): this {
    this.ending = text;
    return this;
  }

  addChangeOptions(): this {
    const description = `make at most n changes at once, ${range.join(' to ')} (default 4)`;
    return this.addOption(countOption('--concurrency <n>', description, range)).addConfirmationOptions();
  }

  addConfirmationOptions(): this {
    return this.option('-y, --yes', 'do not ask for confirmation').option(
      '-n, --dry-run',
      'show what would be done, change nothing',
    );
  }
}

export function formatsOf(command: Command): readonly Format[] {
  return command instanceof CliCommand ? command.formats : formatsWith();
}

/** Whether INVITE_READ_ONLY forbids a command. Every one that changes something, here or elsewhere, has `--dry-run`. */
export function isChange(command: Command): boolean {
  return command.options.some(({ long }) => long === '--dry-run');
}

/** An option that may be given several times. */
export function repeatable<T>(flags: string, description: string, parse: (text: string) => T): Option {
  return new Option(flags, description).argParser((text: string, before: readonly T[] | undefined) => [
    ...(before ?? []),
    parse(text),
  ]);
}

export function countOption(flags: string, description: string, limits: readonly [number, number]): Option {
  const option = new Option(flags, description);
  return option.argParser((text) => parseCount(text, option.long ?? flags, limits));
}

const range = [1, 32] as const;

/** The value of INVITE_CONCURRENCY, or 4. */
export function concurrencyOf({ host }: Context): number {
  return parseCount(host.env.INVITE_CONCURRENCY ?? '4', 'INVITE_CONCURRENCY', range);
}
