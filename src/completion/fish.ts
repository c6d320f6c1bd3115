import { fishEngine } from './engines/fish.ts';
import { type Source, scopes, type Word } from './source.ts';
import { type ArgumentSpec, type CommandSpec, everyCommand, type OptionSpec } from './spec.ts';
import { type Tables, tablesOf } from './tables.ts';

/** A script for fish 3. */
export function fishScript(program: CommandSpec): string {
  const tables = tablesOf(program);
  return [
    '# Completion of invite for fish, written by: invite completion fish',
    steps(tables),
    takers(tables),
    wordsFunction(tables),
    `set -g __invite_scopes ${scopes.map(quote).join(' ')}`,
    fishEngine.trimEnd(),
    ...everyCommand(program).map(commandLines),
    '',
  ].join('\n\n');
}

function commandLines(command: CommandSpec): string {
  const here = command.path === '' ? '' : ` -n ${quote(`__invite_at ${quote(command.path)}`)}`;
  const lines = [
    ...command.commands.map(
      ({ names: [name = ''], summary }) =>
        `complete -c invite -n ${at(command.path, 0)} -a ${name} -d ${quote(summary)}`,
    ),
    ...command.options.map((option) => `complete -c invite${here}${optionWords(option)}`),
    ...command.arguments.flatMap((argument, index) => argumentLine(command.path, argument, index)),
  ];
  return [`# invite ${command.path}`.trimEnd(), ...lines].join('\n');
}

/** The condition that the cursor is in a command, with at most so many arguments before it. */
function at(path: string, most?: number): string {
  return quote(`__invite_at ${quote(path)}${most === undefined ? '' : ` ${most}`}`);
}

function optionWords({ flags, summary, value }: OptionSpec): string {
  const spelled = flags
    .map((flag) => (flag.startsWith('--') ? ` -l ${flag.slice(2)}` : ` -s ${flag.slice(1)}`))
    .join('');
  return `${spelled}${value === undefined ? '' : from(value.source)} -d ${quote(summary)}`;
}

function argumentLine(path: string, { source, variadic }: ArgumentSpec, index: number): string[] {
  if (source.kind === 'nothing') return [];
  const action = source.kind === 'files' ? ' -F' : ` -a ${quote(call(source))}`;
  return [`complete -c invite -n ${at(path, variadic ? undefined : index)}${action}`];
}

/** `-x` wants a value and takes no file for it. */
function from(source: Source): string {
  if (source.kind === 'files') return ' -r -F';
  return source.kind === 'nothing' ? ' -x' : ` -x -a ${quote(call(source))}`;
}

/** Runs when it is asked for; what it prints is taken as it is. */
function call(source: Source): string {
  if (source.kind === 'asked') return `(__invite_ask ${source.what})`;
  const command = source.kind === 'word' ? 'words' : source.kind;
  return 'name' in source ? `(__invite_${command} ${source.name})` : '';
}

function steps({ steps: all }: Tables): string {
  const cases = all.map(([from, names, to]) => [names.map((name) => `${from} ${name}`), `echo ${quote(to)}`] as const);
  return definition('__invite_command', 'The command that a word leads to from another.', cases);
}

function takers({ values }: Tables): string {
  const cases = values.map(
    ([path, flags]) => [flags.map((flag) => `${path === '' ? '*' : path} ${flag}`), 'return 0'] as const,
  );
  return definition('__invite_takes_value', 'Whether the word after this option is its value.', [
    ...cases,
    [['*'], 'return 1'],
  ]);
}

function wordsFunction({ words }: Tables): string {
  const cases = words.flatMap(([name, all]) =>
    all.map((one) => [[`${name} ${one.under}*`], print(one.words)] as const),
  );
  return definition(
    '__invite_words',
    'The words that are known beforehand, for the command before the cursor.',
    cases,
    '"$argv[1] "(__invite_follow)[1]',
  );
}

type Case = readonly [patterns: readonly string[], body: string];

function definition(name: string, comment: string, cases: readonly Case[], subject = '"$argv[1]"'): string {
  const lines = cases.flatMap(([patterns, body]) => [
    `        case ${patterns.map(quote).join(' ')}`,
    `            ${body}`,
  ]);
  return [`# ${comment}`, `function ${name}`, `    switch ${subject}`, ...lines, '    end', 'end'].join('\n');
}

function print(words: readonly Word[]): string {
  const lines = words.map(({ text, meaning }) => quote(meaning === '' ? text : `${text}\t${meaning}`));
  return `printf '%s\\n' ${lines.join(' ')}`;
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
