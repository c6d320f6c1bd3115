import type { Argument, Command, Option } from 'commander';
import { pathOf } from '../cli/line.ts';
import { isRepeatable, optionValues } from '../cli/option-values.ts';
import { exitCodes } from '../errors.ts';
import { type Format, formatDefinitions } from '../output/formats.ts';
import type { View } from '../output/view.ts';
import { argumentTerm, visibleCommands } from './layout.ts';
import { environment, exitCodeMeanings } from './reference.ts';
import { topics } from './topics.ts';
import { typeOfPlaceholder, type ValueTypeName, valueTypes } from './value-types.ts';

/** The layout of the document; a change that could break a reader raises it. */
const schemaVersion = 1;

/** What the grammar does not say of a command. */
interface CommandResults {
  formats(command: Command): readonly Format[];
  /** The fields of the result, by the path of the command; none if it prints no records. */
  fields(path: string): Promise<readonly string[]>;
  /** Whether it sends anything but GET, and is refused with INVITE_READ_ONLY. */
  changes(command: Command): boolean;
}

interface ValueDocument {
  readonly type: ValueTypeName;
  /** As the usage shows it. */
  readonly placeholder: string;
  /** Known values. */
  readonly values: readonly string[] | null;
  /** Whether no other value is accepted. */
  readonly closed: boolean;
}

interface ArgumentDocument extends ValueDocument {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
  /** Takes one or more. */
  readonly variadic: boolean;
}

interface OptionDocument {
  readonly name: string;
  readonly short: string | null;
  readonly description: string;
  /** Null for a flag. */
  readonly value: ValueDocument | null;
  readonly default: unknown;
  readonly repeatable: boolean;
  readonly environment: readonly string[];
}

interface CommandDocument {
  readonly name: string;
  readonly path: readonly string[];
  readonly aliases: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly usage: string;
  readonly changes: boolean;
  readonly arguments: readonly ArgumentDocument[];
  readonly options: readonly OptionDocument[];
  readonly examples: readonly string[];
  readonly formats: readonly Format[];
  readonly fields: readonly string[];
}

/** A group of commands, such as `auth`. */
interface GroupDocument extends Pick<CommandDocument, 'name' | 'path' | 'summary' | 'description'> {
  readonly commands: readonly CommandDocument[];
}

/** Everything that can be typed and what comes of it, from the tree that parses the command line. */
export async function programDocument(program: Command, results: CommandResults): Promise<Record<string, unknown>> {
  return {
    schema_version: schemaVersion,
    name: program.name(),
    version: program.version() ?? '',
    description: program.description(),
    global_options: program.createHelp().visibleOptions(program).map(optionDocument),
    commands: await Promise.all(leaves(program).map((command) => commandDocument(command, results))),
    value_types: valueTypes,
    environment: Object.values(environment)
      .flat()
      .map(({ name, description, option = null }) => ({ name, description, option })),
    formats: Object.entries(formatDefinitions).map(([name, { description }]) => ({ name, description })),
    exit_codes: exitCodeMeanings(),
    error_codes: Object.entries(exitCodes).map(([code, exit_code]) => ({ code, exit_code })),
    topics: topics.map(({ name, summary }) => ({ name, summary })),
  };
}

/** One command, or a group with its commands; the same objects as in the whole document. */
export async function commandOrGroup(
  command: Command,
  results: CommandResults,
): Promise<CommandDocument | GroupDocument> {
  if (visibleCommands(command).length === 0) return commandDocument(command, results);
  const commands = await Promise.all(leaves(command).map((leaf) => commandDocument(leaf, results)));
  const path = pathOf(command);
  return { name: path.join(' '), path, summary: command.summary(), description: command.description(), commands };
}

/** Shows a document as it is. */
export function documentView(document: object): View<object> {
  const fields = Object.keys(document);
  return { fields, times: [], columns: [], csv: [], block: [], record: (item) => ({ ...item }), id: () => undefined };
}

/** The fields of the whole document. */
export const documentFields: readonly string[] = [
  ...['schema_version', 'name', 'version', 'description', 'global_options', 'commands', 'value_types'],
  ...['environment', 'formats', 'exit_codes', 'error_codes', 'topics'],
];

/** The commands that can be run. */
function leaves(command: Command): Command[] {
  const children = visibleCommands(command);
  return children.length === 0 ? [command] : children.flatMap(leaves);
}

async function commandDocument(command: Command, results: CommandResults): Promise<CommandDocument> {
  const path = pathOf(command);
  const name = path.join(' ');
  const fields = await results.fields(name);
  return {
    ...{ name, path, aliases: command.aliases(), summary: command.summary(), description: command.description() },
    usage: ['invite', ...path, '[options]', ...command.registeredArguments.map(argumentTerm)].join(' '),
    changes: results.changes(command),
    arguments: command.registeredArguments.map(argumentDocument),
    options: command
      .createHelp()
      .visibleOptions(command)
      .filter(({ long }) => long !== '--help')
      .map(optionDocument),
    examples: examplesOf(command),
    formats: fields.length === 0 ? [] : results.formats(command),
    fields,
  };
}

function argumentDocument(argument: Argument): ArgumentDocument {
  const name = argument.name();
  const type = typeOfPlaceholder(name);
  return {
    ...{ name, description: argument.description, required: argument.required, variadic: argument.variadic },
    ...{ type, placeholder: name, values: argument.argChoices ?? null, closed: argument.argChoices !== undefined },
  };
}

function optionDocument(option: Option): OptionDocument {
  const flag = option.long ?? option.short ?? '';
  const placeholder = /[<[](.+)[>\]]$/.exec(option.flags)?.[1];
  return {
    name: flag,
    short: option.short ?? null,
    description: option.description,
    value: placeholder === undefined ? null : optionValue(option, placeholder),
    default: option.isBoolean() ? null : (option.defaultValue ?? null),
    repeatable: isRepeatable(option),
    environment: Object.values(environment)
      .flat()
      .filter((variable) => variable.option === flag)
      .map(({ name }) => name),
  };
}

function optionValue(option: Option, placeholder: string): ValueDocument {
  const known = optionValues(option.attributeName());
  const values = known === 'formats' ? Object.keys(formatDefinitions) : typeof known === 'string' ? undefined : known;
  return {
    type: typeOfPlaceholder(placeholder),
    placeholder,
    values: option.argChoices ?? values ?? null,
    closed: option.argChoices !== undefined,
  };
}

/** The lines of the examples, which the command adds to its help. */
function examplesOf(command: Command): string[] {
  const texts: string[] = [];
  const before = command.configureOutput();
  command.configureOutput({ writeOut: (text) => void texts.push(text) });
  command.outputHelp();
  command.configureOutput(before);
  const [, block = ''] = /^Examples:\n((?: {2}.*\n)+)/m.exec(texts.join('')) ?? [];
  return block
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}
