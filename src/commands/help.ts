import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { topics } from '../help/topics.ts';
import { nearest } from '../text/suggest.ts';
import { type CommandDefinition, examples } from './shared/command.ts';

export const helpCommand: CommandDefinition = (command, bind) =>
  command
    .description('Explain a command or a topic.')
    .argument('[command|topic...]', `what to explain; a topic is one of ${topics.map(({ name }) => name).join(', ')}`)
    .addHelpText('after', examples('invite help delete', 'invite help auth login', 'invite help exit-codes'))
    .action(bind((ctx, words: string[]) => help(ctx, words, bookOf(command.parent ?? command))));

/** The commands, as far as help must know them. */
interface Book {
  /** The names of what stands below these words; undefined if they lead to no command. */
  names(words: readonly string[]): readonly string[] | undefined;
  /** Prints the help of the command that these words lead to. */
  open(words: readonly string[]): void;
}

export async function help(ctx: Context, words: readonly string[], book: Book): Promise<void> {
  // A topic goes before a command of its name, whose help can be had with --help.
  const topic = topics.find(({ name }) => name === words.join(' '));
  if (topic !== undefined) return await ctx.host.stdout.write(await topic.read());
  if (book.names(words) === undefined) throw unknown(words, book);
  book.open(words);
}

/** Complains about the first word that leads nowhere. */
function unknown(words: readonly string[], book: Book): CliError {
  const end = words.findIndex((_, index) => book.names(words.slice(0, index + 1)) === undefined);
  const before = words.slice(0, end);
  const word = words[end] ?? '';
  const known = [...(book.names(before) ?? []), ...(end === 0 ? topics.map(({ name }) => name) : [])];
  const meant = nearest(word, known);
  const line = ['invite help', ...before].join(' ');
  const hints = meant === undefined ? [end === 0 ? 'invite --help names them all' : line] : [`${line} ${meant}`];
  return new CliError('usage', `no help for "${[...before, word].join(' ')}"`, { hints, target: word });
}

function bookOf(root: Command): Book {
  return {
    names: (words) => follow(root, words)?.commands.flatMap((one) => [one.name(), ...one.aliases()]),
    open: (words) => follow(root, words)?.outputHelp(),
  };
}

function follow(root: Command, words: readonly string[]): Command | undefined {
  let command: Command | undefined = root;
  for (const word of words) {
    command = command?.commands.find((one) => one.name() === word || one.aliases().includes(word));
  }
  return command;
}
