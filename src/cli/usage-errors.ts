import type { Command, CommanderError } from 'commander';
import { CliError } from '../errors.ts';
import { didYouMean, invalidArgument, shellQuote } from '../text/suggest.ts';
import { childOf, findOption, optionsOf, pathOf, readLine } from './command.ts';

export function usageError(error: CommanderError, program: Command, argv: readonly string[]): CliError {
  const message = error.message.replace(/^error: /, '').replace(/\n\(Did you mean .*\)$/, '');
  const choiceError = invalidChoice(message);
  if (choiceError !== undefined) return choiceError;
  const { command } = readLine(program, argv);
  const [, word = '', equals] = /'([^'=]*)(=?)/.exec(message) ?? [];
  const isOption = error.code === 'commander.unknownOption';
  // An option that is not known may be a global one with a value: what follows it need not be a command.
  const isUnknown = isOption && findOption(command, word) === undefined;
  const unknown = isUnknown ? argv.findIndex((one) => one.split('=')[0] === word) : -1;
  const path = pathOf(unknown < 0 ? command : readLine(program, argv.slice(0, unknown)).command);
  const hints = isOption ? optionHints(word, command, argv) : operandHints(word, command, argv);
  const help = ['invite', ...path, '--help'].join(' ');
  const shown = isOption ? optionMessage(word, command, equals === '=') : message.replaceAll("'", '"');
  return new CliError('usage', shown, { hints: [...hints, help] });
}

/** What was given to an option that does not exist may be a secret, and is not shown. */
function optionMessage(flag: string, command: Command, hasValue: boolean): string {
  const option = findOption(command, flag);
  if (option === undefined) return `unknown option "${flag}"`;
  if (hasValue && !option.required) return `"${flag}" takes no value`;
  return `"${flag}" belongs behind "${pathOf(command).join(' ')}"`;
}

function optionHints(flag: string, command: Command, argv: readonly string[]): readonly string[] {
  const known = optionsOf(command).flatMap(({ long }) => long ?? []);
  const name = command.parent === null ? 'invite' : command.name();
  const of = [name, ...(known.includes('--yes') ? ['with --yes'] : [])];
  const habit = optionHabits.find(
    ([flags, on]) => hasWord(flags, flag) && (on === 'any' || of.some((one) => on.split(', ').includes(one))),
  );
  const [, , ...lines] = habit ?? [];
  const value = valueAfter(flag, argv);
  const hints =
    flag === '--json'
      ? fieldsOfJson(argv)
      : lines.map((line) => filled(line.replace('COMMAND', name), value ? [value] : []));
  return hints.length > 0 ? hints : didYouMean(flag, known);
}

function operandHints(word: string, command: Command, argv: readonly string[]): readonly string[] {
  // Behind `--json` stands the command, unless a command follows.
  const isCommand = command.commands.length > 0 && !childOf(command, operandsAfter(word, command, argv)[0] ?? '');
  const json = isCommand ? [] : fieldsOfJson(argv);
  if (json.length > 0) return json;
  const { operands } = readLine(command, argv);
  // It takes filters; who names an invitation wants `get`.
  if (command.name() === 'list') {
    const named = operands.find((one) => /^[^/]+@|^i-\w/.test(one));
    return named === undefined ? [] : [`invite get ${shellQuote(named)}`];
  }
  return word === '' ? [] : commandHints(command, word, argv);
}

/** Words that stand for commands in other tools (gh, kubectl, aws, terraform, the Confluent CLI), and what to type here. */
const commandHabits: readonly (readonly [words: string, ...lines: string[]])[] = [
  ['login signin configure init', 'invite auth login'],
  ['logout', 'invite auth logout'],
  ['whoami status', 'invite auth status'],
  ['config profile', 'invite auth list'],
  ['version', 'invite --version'],
  ['describe view read', 'invite get {ann@example.com...}'],
  ['find search', 'invite people {ann@example.com...}'],
  ['add new send invite', 'invite create {ann@example.com...}'],
  ['remind', 'invite resend {ann@example.com...}'],
  ['cancel withdraw uninvite destroy', 'invite delete {ann@example.com...}'],
  ['revoke', 'invite delete {ann@example.com...}', 'invite role revoke {ann@example.com ROLE...}'],
  ['ungrant', 'invite role revoke {ann@example.com ROLE...}'],
  ['grant', 'invite role grant {ann@example.com ROLE...}'],
  // An invitation cannot be changed.
  [
    'update edit set patch change',
    'invite role grant {ann@example.com} ROLE',
    'invite delete {ann@example.com}',
    'invite create {ann@example.com}',
  ],
  ['kick offboard', 'invite remove {ann@example.com...}'],
  ['user member person', 'invite people'],
  ['admin', 'invite people --admins'],
  ['invitation invites', 'invite list'],
  ['upload bulk', 'invite import {people.csv...}'],
  ['sync', 'invite apply {people.yaml...}'],
  ['diff', 'invite plan {people.yaml...}'],
  ['role', 'invite help roles', 'invite people'],
  ['iam', 'invite list', 'invite create ann@example.com'],
  ['role/add role/assign role/create', 'invite role grant {ann@example.com ROLE...}'],
  ['role/remove role/delete role/rm', 'invite role revoke {ann@example.com ROLE...}'],
  ['role/list role/ls', 'invite help roles', 'invite people'],
  ['auth/switch', 'invite auth use {NAME...}'],
  ['sandbox/list sandbox/ls', 'invite -p sandbox list'],
  ['sandbox/create', 'invite -p sandbox create {ann@example.com...}'],
  // A noun before the verb, as aws, confluent and gh have it.
  ['invitation/create invitation/add invitation/send', 'invite create {ann@example.com...}'],
  ['invitation/delete invitation/revoke', 'invite delete {ann@example.com...}'],
  ['invitation/describe invitation/get invitation/show', 'invite get {ann@example.com...}'],
  ['user/delete user/remove member/delete member/remove', 'invite remove {bob@example.com...}'],
  ['user/describe user/get user/show', 'invite trace {ann@example.com...}'],
];

/** The same for options: the commands that do not know them, and what to type there. `invite` is none of the commands. */
const optionHabits: readonly (readonly [flags: string, on: string, ...lines: string[]])[] = [
  ['-f --file --filename', 'apply, plan, validate', 'invite COMMAND {people.yaml}'],
  ['-f --file --filename', 'create, import', 'invite import {people.csv}'],
  ['--force -f --auto-approve -auto-approve --confirm', 'with --yes', '--yes answers the question'],
  // All pages are always listed; changes take a filter, never everybody.
  ['--all -A -a', 'list, people', 'invite COMMAND'],
  ['--all -A -a', 'delete, resend', 'invite COMMAND --status pending'],
  ['--all -A -a', 'remove', 'invite remove --state pending'],
  ['--verbose -v', 'invite', 'invite --version', '--debug shows the requests'],
  ['--verbose -v', 'any', '--debug shows the requests'],
  ['--format --output-format', 'any', '-o {json}'],
  ['--role', 'list', 'invite people --role {OrganizationAdmin}'],
  ['--admins --admin', 'list', 'invite people --admins'],
  ['--state', 'list, delete, resend, wait', '--status {pending}'],
  ['-L --max-items', 'list, people', '--limit {10}'],
  ['--sort-by', 'list, people', '--sort {email}'],
  ['--out', 'plan', '-o json > plan.json'],
  ['--jq --query', 'any', '-o json | jq'],
  [
    '--api-secret --secret',
    'login',
    '--api-secret-stdin reads it from stdin',
    '--api-secret-file FILE reads it from a file',
  ],
  ['--email --emails', 'create', 'invite create {ann@example.com}'],
];

/** What to type instead of a command that is not known. */
function commandHints(command: Command, word: string, argv: readonly string[]): readonly string[] {
  const operands = operandsAfter(word, command, argv);
  const [verb, ...objects] = operands;
  const known = command.commands.flatMap((child) => [child.name(), ...child.aliases()]);
  for (const name of [word.toLowerCase(), word.toLowerCase().replace(/s$/, '')]) {
    // Who names a role as well means the role.
    const meant = name === 'revoke' && objects.length > 0 ? 'ungrant' : name;
    const path = [...pathOf(command), meant].join('/');
    for (const [key, typed] of [[`${path}/${verb}`, objects] as const, [path, operands] as const]) {
      const [, ...lines] = commandHabits.find(([words]) => hasWord(words, key)) ?? [];
      if (lines.length > 0) return lines.map((line) => filled(line, typed));
    }
    if (known.includes(name)) return [['invite', ...pathOf(command), name, ...operands.map(shellQuote)].join(' ')];
  }
  return didYouMean(word, known);
}

/** The operands behind the name of a command, up to an option that is not known: what it was given may be a secret. */
function operandsAfter(word: string, command: Command, argv: readonly string[]): readonly string[] {
  const unknown = argv.findIndex(
    (one) => /^-./.test(one) && findOption(command, one.split('=')[0] ?? '') === undefined,
  );
  const { operands } = readLine(command, unknown < 0 ? argv : argv.slice(0, unknown));
  return operands.slice(operands.indexOf(word) + 1);
}

function hasWord(words: string, word: string): boolean {
  return words.split(' ').includes(word);
}

/** The line with what was typed in place of the example in braces, as far as it goes; all of it for `{example...}`. */
function filled(line: string, typed: readonly string[]): string {
  return line.replace(/\{(.*?)(\.\.\.)?\}/, (_, example: string, all?: string) => {
    const words = example.split(' ');
    const given = all === undefined ? typed.slice(0, words.length) : typed;
    return [...given.map(shellQuote), ...words.slice(given.length)].join(' ');
  });
}

function valueAfter(flag: string, argv: readonly string[]): string | undefined {
  const at = argv.findIndex((one) => one === flag || one.startsWith(`${flag}=`));
  const value = argv[at]?.slice(flag.length + 1) || argv[at + 1];
  return value?.startsWith('-') ? undefined : value;
}

/** gh's `--json id,email`: the fields where `--json` takes none. */
function fieldsOfJson(argv: readonly string[]): readonly string[] {
  const words = argv.flatMap((one) => (one.startsWith('--json=') ? ['--json', one.slice('--json='.length)] : [one]));
  const at = words.indexOf('--json');
  const fields = words[at + 1] ?? '';
  if (at < 0 || !/^[a-z_]+(?:\.[a-z_]+)*(?:,[a-z_]+(?:\.[a-z_]+)*)*$/.test(fields)) return [];
  const line = [...words.slice(0, at + 1), '--fields', ...words.slice(at + 1)];
  return [['invite', ...line.map(shellQuote)].join(' ')];
}

/** Commander's error for a value that is not among the allowed ones, of an option or an argument. */
function invalidChoice(message: string): CliError | undefined {
  const pattern =
    /^(?:option '(.*?)' argument|command-argument value) '(.*)' is invalid(?: for argument '(.*)')?\. Allowed choices are (.*)\.$/;
  const [, flags = '', value, argument, known] = pattern.exec(message) ?? [];
  if (known === undefined || value === undefined) return undefined;
  const name = /--[\w-]+/.exec(flags)?.[0] ?? `<${argument}>`;
  return invalidArgument(value, name, known.split(', '));
}
