import type { Argument, Command, Option } from 'commander';
import { pathOf } from '../cli/line.ts';
import { isRepeatable, optionValues } from '../cli/option-values.ts';
import { exitCodes } from '../errors.ts';
import { type Format, formatDefinitions } from '../output/formats.ts';
import type { View } from '../output/view.ts';
import { argumentTerm, visibleCommands } from './layout.ts';
import { environment, exitCodeMeanings } from './reference.ts';
import { topics } from './topics.ts';

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

/** What may stand in a place of the command line. */
interface ValueType {
  readonly description: string;
  /** A regular expression that valid values match; the program may still refuse a value that does. */
  readonly pattern?: string;
  /** A value that is accepted. */
  readonly example: string;
}

const email = '[^@\\s]+@[^@\\s]+\\.[^@\\s]+';

/** Every type of value, by the name that `help --json` gives it. */
export const valueTypes = {
  email: {
    description: 'an e-mail address; as a filter, * stands for any text',
    pattern: '^[^\\s]+$',
    example: 'ann@example.com',
  },
  invitation: {
    description: 'the id or the e-mail address of an invitation; where several are taken, - reads them from stdin',
    pattern: `^(-|${email}|[^@\\s]+)$`,
    example: 'ann@example.com',
  },
  person: { description: 'an e-mail address or the id of a user', pattern: '^\\S+$', example: 'ann@example.com' },
  id: { description: 'the id of a user or a service account', pattern: '^\\S+$', example: 'u-abc123' },
  file: { description: 'the path of a file; - is stdin where the description says so', example: 'people.csv' },
  duration: {
    description: 'a number with a unit: ms, s, m, h, d or w',
    pattern: '^\\d+(ms|s|m|h|d|w)$',
    example: '30s',
  },
  time: {
    description: 'a time as RFC 3339 writes it',
    pattern: '^\\d{4}-\\d\\d-\\d\\dT.+$',
    example: '2026-01-31T12:00:00Z',
  },
  integer: { description: 'a whole number', pattern: '^\\d+$', example: '1' },
  number: { description: 'a number', pattern: '^\\d+(\\.\\d+)?$', example: '0.5' },
  role: {
    description: 'the name of a role; an @ and a scope may follow, as "invite help roles" explains',
    pattern: '^[A-Za-z]+(@\\S+)?$',
    example: 'EnvironmentAdmin@env-abc',
  },
  fields: {
    description: 'names of fields, separated by commas: those that the command lists as "fields"',
    pattern: '^[^,\\s]+(,[^,\\s]+)*$',
    example: 'id',
  },
  field: {
    description: 'the name of a field: one of those that the command lists as "fields"',
    pattern: '^[^,\\s]+$',
    example: 'id',
  },
  profile: { description: 'the name of a profile', pattern: '^\\S+$', example: 'sandbox' },
  url: {
    description: 'an https URL; http on this machine only',
    pattern: '^https?://',
    example: 'https://api.confluent.cloud',
  },
  domain: { description: 'the domain of an e-mail address', pattern: '^@?\\S+$', example: 'example.com' },
  domains: {
    description: 'domains of e-mail addresses, separated by commas; *.example.com stands for those below it',
    pattern: '^[^,\\s]+\\.[^,\\s]+(,[^,\\s]+)*$',
    example: 'example.com,example.org',
  },
  columns: {
    description: 'names of fields, each with the heading of its column; quotes around a heading that has a comma',
    pattern: '^[^=\\s]+=.*$',
    example: 'email=Address,role=Access',
  },
  setting: { description: 'a name and a value', pattern: '^[^=\\s]+=.+$', example: 'quota=1000' },
  json: {
    description: 'a JSON array of strings: a program and its arguments',
    pattern: '^\\[',
    example: '["pass","show","confluent"]',
  },
  string: { description: 'any text', example: 'text' },
} as const satisfies Record<string, ValueType>;

type ValueTypeName = keyof typeof valueTypes;

/** By the placeholder in the usage of an option or an argument: `<n>`, `<duration>`. */
const byPlaceholder: Readonly<Record<string, ValueTypeName>> = {
  ...{ email: 'email', 'id|email': 'invitation', 'email|user-id': 'person', 'email|id': 'person', id: 'id' },
  ...{ 'email|principal': 'person', time: 'time' },
  ...{ n: 'integer', share: 'number', duration: 'duration', url: 'url', domain: 'domain' },
  ...{ 'role[@scope]': 'role', role: 'role', 'a,b': 'fields', field: 'field', name: 'profile' },
  ...{ 'name=value': 'setting', 'field=heading,...': 'columns', 'domain,...': 'domains', command: 'json' },
};

/** The type of what is typed in place of `<placeholder>`. */
function typeOfPlaceholder(placeholder: string): ValueTypeName {
  if (Object.hasOwn(byPlaceholder, placeholder)) return byPlaceholder[placeholder] ?? 'string';
  return /\bfile\b/.test(placeholder) ? 'file' : 'string';
}
