import { Command, Option } from 'commander';
import { CliError } from '../errors.ts';
import { checkFields, type Named } from '../output/fields.ts';
import { commonFormats, type Format } from '../output/formats.ts';
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

export interface ChangeOptions extends ConfirmationOptions {
  readonly concurrency?: number;
}

export class CliCommand extends Command {
  formats: readonly Format[] = commonFormats;
  /** Command lines for the help, which shows them first. */
  examples: readonly string[] = [];
  /** Texts for the help, below the examples. */
  readonly notes: string[] = [];
  /** A long list for the help, below the options. */
  ending: () => string = () => '';
  /** The fields of what it shows; undefined if that is no data. */
  fields: (() => Promise<readonly string[]>) | undefined;
  /** What `--fields` is checked against before it runs. */
  view: (() => Named | Promise<Named>) | undefined;

  addFormats(...special: readonly Format[]): this {
    this.formats = [...this.formats, ...special];
    return this;
  }

  /** How it shows what it does, whatever its options: the fields for the help, for completion, and for `--fields`. */
  addView(load: () => Named | Promise<Named>): this {
    this.view = load;
    return this.addFields(async () => (await load()).fields);
  }

  /** The fields alone, of a command that checks `--fields` itself. */
  addFields(load: () => Promise<readonly string[]>): this {
    this.fields = load;
    return this;
  }

  withoutFormats(...missing: readonly Format[]): this {
    this.formats = this.formats.filter((format) => !missing.includes(format));
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
  return command instanceof CliCommand ? command.formats : commonFormats;
}

export async function fieldsOf(command: Command): Promise<readonly string[] | undefined> {
  return command instanceof CliCommand ? command.fields?.() : undefined;
}

/** Throws `usage` if `--fields` names what the command does not show. */
export async function checkFieldsFor(command: Command, fields: readonly string[] | undefined): Promise<void> {
  const view = command instanceof CliCommand ? command.view : undefined;
  if (fields !== undefined && view !== undefined) checkFields(await view(), fields);
}

/** Whether INVITE_READ_ONLY forbids a command. Every one that changes something, here or elsewhere, has `--dry-run`. */
export function changesSomething(command: Command): boolean {
  return command.options.some(({ long }) => long === '--dry-run');
}

export function countOption(flags: string, description: string, limits: readonly [number, number]): Option {
  const option = new Option(flags, description);
  return option.argParser((text) => parseCount(text, option.long ?? flags, limits));
}

const range = [1, 32] as const;

export function concurrencyOf({ host }: Pick<Context, 'host'>): number {
  return parseCount(host.env.INVITE_CONCURRENCY ?? '4', 'INVITE_CONCURRENCY', range);
}

interface Line {
  readonly command: Command;
  /** The same words, with each short option as one of its own. */
  readonly words: readonly string[];
  /** The words that are neither an option nor the value of one: the names of the command, then its arguments. */
  readonly operands: readonly string[];
  readonly args: readonly string[];
  /** The option whose value is the next word. */
  readonly pending: Option | undefined;
  /** `--` was typed: no options any more. */
  readonly isEnded: boolean;
}

/** Reads words as Commander would; nothing in them is an error. */
export function readLine(program: Command, typed: readonly string[]): Line {
  const words: string[] = [];
  const operands: string[] = [];
  const args: string[] = [];
  let command = program;
  let pending: Option | undefined;
  let isEnded = false;
  for (const word of typed) {
    const isFlag = pending === undefined && !isEnded && /^-./.test(word);
    const parts = isFlag ? separated(command, word) : [word];
    words.push(...parts);
    if (isFlag) isEnded = word === '--';
    else if (pending === undefined) {
      operands.push(word);
      const child = args.length > 0 ? undefined : childOf(command, word);
      if (child === undefined) args.push(word);
      else command = child;
    }
    const option = isFlag ? findOption(command, parts.at(-1) ?? '') : undefined;
    pending = option?.required === true ? option : undefined;
  }
  return { command, words, operands, args, pending, isEnded };
}

/** `-yq` as `-y` and `-q`, `-ojson` as `-o` and `json`, and so is kubectl's `-o=json`. Commander takes one at a time. */
function separated(command: Command, word: string): readonly string[] {
  const [, flag = '', equals, rest = ''] = /^(-[a-z])(=?)(.+)$/i.exec(word) ?? [];
  const option = findOption(command, flag);
  if (option === undefined) return [word];
  if (option.required) return [flag, rest];
  return equals === '' ? [flag, ...separated(command, `-${rest}`)] : [`${option.long}=${rest}`];
}

export function childOf(command: Command, word: string): Command | undefined {
  return command.commands.find((child) => child.name() === word || child.aliases().includes(word));
}

export function findOption(command: Command, flag: string): Option | undefined {
  return optionsOf(command).find(({ short, long }) => short === flag || long === flag);
}

export function optionsOf(command: Command | null): readonly Option[] {
  return command === null ? [] : [...command.options, ...optionsOf(command.parent)];
}

/** Without the help command that Commander adds by itself, which has no parent. */
export function visibleCommands(command: Command, helper = command.createHelp()): Command[] {
  return helper.visibleCommands(command).filter(({ parent }) => parent !== null);
}

/** The words of a command after `invite`. */
export function pathOf(command: Command): string[] {
  return command.parent === null ? [] : [...pathOf(command.parent), command.name()];
}

/** Refuses an option that took the next option as its value: `--profile --yes`. */
export function refuseSwallowedOptions(command: Command): void {
  const values = command.optsWithGlobals();
  for (const option of optionsOf(command)) {
    const key = option.attributeName();
    if (command.getOptionValueSourceWithGlobals(key) !== 'cli') continue;
    const given: unknown[] = [values[key]].flat();
    const swallowed = given.find((value) => typeof value === 'string' && /^--?[a-z][\w-]*(=|$)/i.test(value));
    if (swallowed === undefined) continue;
    throw new CliError('usage', `"${swallowed}" cannot be the value of ${option.long}`, { hints: [option.flags] });
  }
}

/** gh's `--json id,email` before the action of a command that takes several arguments: the fields are none of them. */
export async function refuseFieldsAsArgument(command: Command): Promise<void> {
  const lists = command.args.filter((word) => word.includes(','));
  if (lists.length === 0 || command.optsWithGlobals().json !== true) return;
  const fields = (await fieldsOf(command)) ?? [];
  const typed = lists.find((list) => list.split(',').every((name) => fields.includes(name)));
  if (typed === undefined) return;
  throw new CliError('usage', `--json takes no fields, and "${typed}" is not an argument`, {
    hints: [`--json --fields ${typed}`],
  });
}

/** `invite -p list` names a profile, and no command: whoever types it has forgotten the value of the option. */
export function refuseCommandAsValue(program: Command): void {
  const given = (option: Option) => String(program.getOptionValue(option.attributeName()));
  const taker = program.options.find((option) => childOf(program, given(option)) !== undefined);
  if (program.args.length > 0 || taker === undefined) return;
  throw new CliError('usage', `"${given(taker)}" was taken as the value of ${taker.long}, and no command follows`, {
    hints: taker.long === '--profile' ? [`invite -p sandbox ${given(taker)}`, 'invite auth list'] : [taker.flags],
  });
}
