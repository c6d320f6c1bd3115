import type { Command, Option } from 'commander';
import { CliCommand, changesSomething, fieldsOf, formatsOf, pathOf, visibleCommands } from '../cli/command.ts';
import { colors } from '../cli/global-options.ts';
import { isRepeatable, optionValues, placeholderOf, type ValueType, valueTypeOf } from '../cli/values.ts';
import { exitCodes } from '../errors.ts';
import { allFormats, formatDefinitions } from '../output/formats.ts';
import { argumentTerm, topics } from './layout.ts';
import { environment, exitCodeMeanings } from './reference.ts';

/** The layout of the document; a change that could break a reader raises it. */
const schemaVersion = 1;

const variables = Object.values(environment).flat();

/** Everything that can be typed and what comes of it, from the tree that parses the command line. */
export async function programDocument(program: Command) {
  return {
    schema_version: schemaVersion,
    name: program.name(),
    version: program.version() ?? '',
    description: program.description(),
    global_options: program.createHelp().visibleOptions(program).map(optionDocument),
    commands: await Promise.all(leaves(program).map(commandDocument)),
    value_types: valueTypes,
    environment: variables.map(([name, description, option = null]) => ({ name, description, option })),
    formats: Object.entries(formatDefinitions).map(([name, { description }]) => ({ name, description })),
    exit_codes: exitCodeMeanings(),
    error_codes: Object.entries(exitCodes).map(([code, exit_code]) => ({ code, exit_code })),
    topics,
  };
}

/** One command, or a group with its commands; the same objects as in the whole document. */
export async function commandOrGroup(command: Command) {
  if (visibleCommands(command).length === 0) return commandDocument(command);
  const commands = await Promise.all(leaves(command).map(commandDocument));
  const path = pathOf(command);
  return { name: path.join(' '), path, summary: command.summary(), description: command.description(), commands };
}

export const documentFields: readonly string[] = [
  'schema_version',
  'name',
  'version',
  'description',
  'global_options',
  'commands',
  'value_types',
  'environment',
  'formats',
  'exit_codes',
  'error_codes',
  'topics',
];

function leaves(command: Command): Command[] {
  const children = visibleCommands(command);
  return children.length === 0 ? [command] : children.flatMap(leaves);
}

async function commandDocument(command: Command) {
  const path = pathOf(command);
  const name = path.join(' ');
  const fields = await fieldsOf(command);
  return {
    name,
    path,
    aliases: command.aliases(),
    summary: command.summary(),
    description: command.description(),
    usage: ['invite', ...path, '[options]', ...command.registeredArguments.map(argumentTerm)].join(' '),
    changes: changesSomething(command),
    arguments: command.registeredArguments.map((argument) => {
      const { description, required, variadic, argChoices } = argument;
      return { name: argument.name(), description, required, variadic, ...valueDocument(argument.name(), argChoices) };
    }),
    options: command
      .createHelp()
      .visibleOptions(command)
      .filter(({ long }) => long !== '--help')
      .map(optionDocument),
    examples: command instanceof CliCommand ? command.examples : [],
    formats: fields === undefined ? [] : formatsOf(command),
    fields: fields ?? [],
  };
}

function optionDocument(option: Option) {
  const flag = option.long ?? option.short ?? '';
  const placeholder = placeholderOf(option);
  const known = optionValues(option.attributeName());
  const values = known === 'formats' ? allFormats : known;
  // Those of the global options are checked beside the parser.
  const choices = option.argChoices ?? (known === 'formats' || known === colors ? values : undefined);
  return {
    name: flag,
    short: option.short ?? null,
    description: option.description,
    value: placeholder === undefined ? null : valueDocument(placeholder, choices, values),
    default: option.isBoolean() ? null : (option.defaultValue ?? null),
    repeatable: isRepeatable(option),
    environment: variables.filter(([, , overriding]) => overriding === flag).map(([name]) => name),
  };
}

/** What may be typed in one place; other values than those that are known are refused only if it is closed. */
function valueDocument(placeholder: string, choices?: readonly string[], known?: readonly string[]) {
  const values = choices ?? known ?? null;
  return { type: valueTypeOf(placeholder), placeholder, values, closed: choices !== undefined };
}

/** What may stand in a place of the command line. The program may still refuse a value that matches the pattern. */
function type(description: string, example: string, pattern?: string) {
  return { description, ...(pattern === undefined ? {} : { pattern }), example };
}

/** Every type of value, by the name that `help --json` gives it. */
export const valueTypes = {
  email: type('an e-mail address; as a filter, * stands for any text', 'ann@example.com', '^[^\\s]+$'),
  invitation: type(
    'the id or the e-mail address of an invitation; where several are taken, - reads them from stdin',
    'ann@example.com',
    '^(-|[^@\\s]+@[^@\\s]+\\.[^@\\s]+|[^@\\s]+)$',
  ),
  person: type('an e-mail address or the id of a user', 'ann@example.com', '^\\S+$'),
  id: type('an id, as the API gives it', 'u-abc123', '^\\S+$'),
  file: type('the path of a file; - is stdin where the description says so', 'people.csv'),
  duration: type('a number with a unit: ms, s, m, h, d or w', '30s', '^\\d+(ms|s|m|h|d|w)$'),
  time: type('a time as RFC 3339 writes it, or a day', '2026-01-31T12:00:00Z', '^\\d{4}-\\d\\d-\\d\\d(T.+)?$'),
  integer: type('a whole number', '1', '^\\d+$'),
  number: type('a number', '0.5', '^\\d+(\\.\\d+)?$'),
  role: type(
    'the name of a role; an @ and a scope may follow, as "invite help roles" explains',
    'EnvironmentAdmin@env-abc',
    '^[A-Za-z][\\w-]*(@\\S+)?$',
  ),
  fields: type(
    'names of fields, separated by commas: those that the command lists as "fields"',
    'id',
    '^[^,\\s]+(,[^,\\s]+)*$',
  ),
  field: type('the name of a field: one of those that the command lists as "fields"', 'id', '^[^,\\s]+$'),
  profile: type('the name of a profile', 'sandbox', '^\\S+$'),
  url: type('an https URL; http on this machine only', 'https://api.confluent.cloud', '^https?://'),
  domains: type(
    'domains of e-mail addresses, separated by commas; *.example.com stands for those below it',
    'example.com,example.org',
    '^[^,\\s]+\\.[^,\\s]+(,[^,\\s]+)*$',
  ),
  columns: type(
    'names of fields, each with the heading of its column; quotes around a heading that has a comma',
    'email=Address,role=Access',
    '^[^=\\s]+=.*$',
  ),
  setting: type('a name and a value', 'quota=1000', '^[^=\\s]+=.+$'),
  json: type('a JSON array of strings: a program and its arguments', '["pass","show","confluent"]', '^\\['),
  string: type('any text', 'text'),
} satisfies Record<ValueType, object>;
