import type { Command } from 'commander';
import { type CommandDefinition, readLine } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { CliError } from '../errors.ts';
import { topics } from '../help/layout.ts';
import { viewOf } from '../output/view.ts';
import { nearest } from '../text/suggest.ts';

export const definition: CommandDefinition = (command, bind) =>
  command
    .description(
      'Explain a command or a topic. With --json: the commands, options, fields and codes as one document, for programs.',
    )
    .argument('[command|topic...]', `what to explain; a topic is one of ${topics.map(({ name }) => name).join(', ')}`)
    .addExamples('invite help delete', 'invite help auth login', 'invite help exit-codes', 'invite help list --json')
    .addFields(async () => (await import('../help/document.ts')).documentFields)
    .action(
      bind(async (ctx, words: string[]) => {
        const program = command.parent ?? command;
        const { json, output } = program.opts();
        // INVITE_OUTPUT does not count: help at a terminal is for reading.
        const isDocument = json === true || ['json', 'ndjson', 'yaml'].includes(output);
        if (!isDocument) return help(ctx, words, program);
        const document = await documentOf(words, program);
        await ctx.show(viewOf(Object.keys(document)), document);
      }),
    );

async function help(ctx: Context, words: readonly string[], program: Command): Promise<void> {
  // A topic takes precedence over a command of its name, whose help --help shows.
  const topic = topicOf(words);
  if (topic !== undefined) return await ctx.host.stdout.write(await topicText(topic));
  commandAt(program, words).outputHelp();
}

/** The help as a document. Commands take precedence over topics, so that each command can be asked for. */
async function documentOf(words: readonly string[], program: Command): Promise<object> {
  const { programDocument, commandOrGroup } = await import('../help/document.ts');
  if (words.length === 0) return programDocument(program);
  const topic = topicOf(words);
  const isCommand = readLine(program, words).args.length === 0;
  if (topic === undefined || isCommand) return commandOrGroup(commandAt(program, words));
  const text = await topicText(topic);
  return topic.name === 'schema' ? JSON.parse(text) : { ...topic, text };
}

type Topic = (typeof topics)[number];

function topicOf(words: readonly string[]): Topic | undefined {
  return topics.find(({ name }) => name === words.join(' '));
}

async function topicText({ name }: Topic): Promise<string> {
  return (await import('../help/topic-pages.ts')).topicPages[name]();
}

/** The command that these words lead to. Throws `usage` if they lead nowhere: about the first that does. */
function commandAt(program: Command, words: readonly string[]): Command {
  const { command, args } = readLine(program, words);
  const [word] = args;
  if (word === undefined) return command;
  const before = words.slice(0, words.length - args.length);
  const commands = command.commands.flatMap((one) => [one.name(), ...one.aliases()]);
  const meant = nearest(word, command === program ? [...commands, ...topics.map(({ name }) => name)] : commands);
  const line = ['invite help', ...before].join(' ');
  const other = command === program ? 'invite --help lists them' : line;
  throw new CliError('usage', `no help for "${[...before, word].join(' ')}"`, {
    hints: [meant === undefined ? other : `${line} ${meant}`],
    target: word,
  });
}
