import { bashEngine } from './engines/bash.ts';
import { scopes, type Word, type Words } from './source.ts';
import type { CommandSpec } from './spec.ts';
import { called, type Tables, tablesOf } from './tables.ts';

/** A script for bash 3.2 and newer. */
export function bashScript(program: CommandSpec): string {
  const tables = tablesOf(program);
  return [
    '# Completion of invite for bash 3.2 and newer, written by: invite completion bash',
    listing('_invite_commands', '$1', 'The commands below a command.', tables.commands.map(row)),
    finding('_invite_command', '"$1 $2"', 'The command that a word leads to from another.', steps(tables)),
    listing('_invite_options', '$1', 'The options of a command, without those of all.', tables.options.map(row)),
    finding('_invite_option', '"$1 $2"', 'Where the value of an option comes from, if it takes one.', values(tables)),
    finding('_invite_argument', '"$1 $2"', 'Where an argument comes from, by its number.', positions(tables)),
    listing(
      '_invite_words',
      '"$1 $2"',
      'The words that are known beforehand, for a command.',
      tables.words.flatMap(choices),
    ),
    `_invite_scopes=${quote(scopes.join(' '))}`,
    bashEngine,
  ].join('\n\n');
}

type Case = readonly [pattern: string, body: string];

/** A function that prints words and their meanings. */
function listing(name: string, subject: string, comment: string, cases: readonly Case[]): string {
  return definition(name, subject, { comment, cases });
}

/** A function that sets \`found\`, or fails. */
function finding(name: string, subject: string, comment: string, cases: readonly Case[]): string {
  return definition(name, subject, {
    comment,
    cases: [...cases.map(([pattern, found]): Case => [pattern, `found=${quote(found)}`]), ['*', 'return 1']],
  });
}

function definition(
  name: string,
  subject: string,
  { comment, cases }: { comment: string; cases: readonly Case[] },
): string {
  const lines = cases.map(([pattern, body]) => `    ${pattern}) ${body} ;;`);
  return [`# ${comment}`, `${name}() {`, `  case ${subject} in`, ...lines, '  esac', '}'].join('\n');
}

function row([path, words]: Tables['commands'][number]): Case {
  return [quote(path), print(words)];
}

function steps({ steps: all }: Tables): Case[] {
  return all.map(([from, names, to]) => [names.map((name) => quote(`${from} ${name}`)).join(' | '), to]);
}

/** The options of all commands come last, so that one of a command may mean something else. */
function values({ values: all }: Tables): Case[] {
  const own = all.filter(([path]) => path !== '');
  const shared = all.filter(([path]) => path === '');
  return [...own, ...shared].map(([path, flags, source]) => {
    const patterns = flags.map((flag) => (path === '' ? `*${quote(` ${flag}`)}` : quote(`${path} ${flag}`)));
    return [patterns.join(' | '), called(source)];
  });
}

function positions({ positions: all }: Tables): Case[] {
  return all.map(([path, number, source]) => [
    number === undefined ? `${quote(`${path} `)}*` : quote(`${path} ${number}`),
    called(source),
  ]);
}

function choices([name, all]: readonly [string, readonly Words[]]): Case[] {
  return all.map(({ under, words }) => [`${quote(`${name} ${under}`)}*`, print(words)]);
}

function print(words: readonly Word[]): string {
  const lines = words.map(({ text, meaning }) => `      ${quote(text)} ${quote(meaning)}`);
  return [`printf '%s\\t%s\\n' \\`, lines.join(' \\\n')].join('\n');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
