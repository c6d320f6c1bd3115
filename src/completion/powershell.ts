import { powershellEngine } from './engines/powershell.ts';
import { scopes, type Word } from './source.ts';
import type { CommandSpec } from './spec.ts';
import { called, type Tables, tablesOf } from './tables.ts';

/** A script for Windows PowerShell 5.1 and PowerShell 7. */
export function powershellScript(program: CommandSpec): string {
  const tables = tablesOf(program);
  const data = [
    table(
      'The commands below a command.',
      'commands',
      tables.commands.map(([path, words]) => [path, list(words)]),
    ),
    table('The command that a word leads to from another.', 'steps', steps(tables)),
    table(
      'The options of a command, without those of all.',
      'options',
      tables.options.map(([path, words]) => [path, list(words)]),
    ),
    table(
      'Where the value of an option comes from; those of all commands have no command before them.',
      'values',
      values(tables),
    ),
    table('Where an argument comes from, by its number, or "*" for all.', 'places', places(tables)),
    table('The words that are known beforehand, for a command and those below it.', 'words', words(tables)),
    `    $scopes = ${scopes.map(quote).join(', ')}`,
  ];
  return powershellEngine.replace('    # TABLES', () => data.join('\n\n'));
}

type Entry = readonly [key: string, value: string];

function table(comment: string, name: string, entries: readonly Entry[]): string {
  const lines = entries.map(([key, value]) => `        ${quote(key)} = ${value}`);
  return [`    # ${comment}`, `    $${name} = @{`, ...lines, '    }'].join('\n');
}

function list(all: readonly Word[]): string {
  return `@(${all.map(({ text, meaning }) => `,@(${quote(text)}, ${quote(meaning)})`).join('; ')})`;
}

function steps({ steps: all }: Tables): Entry[] {
  return all.flatMap(([from, names, to]) => names.map((name): Entry => [`${from} ${name}`, quote(to)]));
}

function values({ values: all }: Tables): Entry[] {
  return all.flatMap(([path, flags, source]) => flags.map((flag): Entry => [`${path} ${flag}`, quote(called(source))]));
}

function places({ positions }: Tables): Entry[] {
  return positions.map(([path, number, source]) => [`${path} ${number ?? '*'}`, quote(called(source))]);
}

function words({ words: all }: Tables): Entry[] {
  return all.flatMap(([name, choices]) => choices.map(({ under, words }): Entry => [`${name} ${under}`, list(words)]));
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
