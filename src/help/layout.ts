import type { Argument, Command, Help, Option } from 'commander';
import { CliCommand, pathOf, visibleCommands } from '../cli/command.ts';

/** What help explains beside the commands, in the order in which it names it; `topic-pages.ts` has the texts. */
export const topics = [
  { name: 'environment', summary: 'environment variables' },
  { name: 'exit-codes', summary: 'exit codes and error codes' },
  { name: 'output', summary: 'formats, fields and streams' },
  { name: 'profiles', summary: 'keys, where they are stored, and which one is used' },
  { name: 'pipelines', summary: 'CI without a stored key, with complete files' },
  { name: 'import', summary: 'the files that "invite import" reads' },
  { name: 'offboarding', summary: 'who is in, and how to take people out' },
  { name: 'membership', summary: 'the file of people for plan, apply and export' },
  { name: 'unknowns', summary: 'what the API does not document' },
  { name: 'schema', summary: 'the JSON Schema of a file of people, for editors' },
  { name: 'roles', summary: 'names and scopes of roles' },
] as const;

/** Lays out every help of the program: what the command does and how it is typed, then its examples, then the rest. */
export function layOutHelp<C extends Command>(program: C): C {
  // Commander says it just before it asks for the text.
  let isBrief = false;
  return program.configureHelp({
    prepareContext({ error = false, helpWidth = 80 }) {
      isBrief = error;
      this.helpWidth = Math.min(Math.max(helpWidth, 60), 100);
    },
    formatHelp: (command, helper) => format(command, helper, isBrief),
  });
}

type Item = readonly [term: string, meaning: string];
type Section = readonly [title: string, items: readonly Item[]];

/** @param isBrief A command was left out: its options would only be in the way. */
function format(command: Command, helper: Help, isBrief: boolean): string {
  const { examples, notes, ending } = command instanceof CliCommand ? command : new CliCommand();
  const isRoot = command.parent === null;
  const sections: readonly Section[] = [
    ['Arguments:', helper.visibleArguments(command).map((one) => [argumentTerm(one), meaningOf(one)])],
    ...grouped(visibleCommands(command, helper), (one) => [one.helpGroup() || 'Commands:', commandItem(one)]),
    ...(isBrief ? [] : optionSections(command, helper)),
    ['Topics (invite help <topic>):', isRoot ? topics.map(({ name, summary }) => [name, summary]) : []],
  ];
  const parts = [
    helper.boxWrap(command.description(), helper.helpWidth ?? 80),
    usageOf(command),
    examples.length === 0 ? '' : ['Examples:', ...examples.map((line) => `  ${line}`)].join('\n'),
    ...notes,
    ...draw(sections, helper),
    isBrief ? '' : ending(),
    isRoot ? rootEnding(isBrief) : isBrief ? '' : globalOptions(command, helper),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function usageOf(command: Command): string {
  const isGroup = command.commands.length > 0 && command.registeredArguments.length === 0;
  const words = isGroup ? ['<command> [options]'] : ['[options]', ...command.registeredArguments.map(argumentTerm)];
  const usage = `Usage: ${['invite', ...pathOf(command), ...words].join(' ')}`;
  const aliases = command.aliases();
  return aliases.length === 0 ? usage : `${usage}\nAlias: ${aliases.join(', ')}`;
}

function draw(sections: readonly Section[], helper: Help): string[] {
  const shown = sections.filter(([, items]) => items.length > 0);
  const width = Math.max(0, ...shown.flatMap(([, items]) => items.map(([term]) => term.length)));
  return shown.map(([title, items]) => {
    const lines = items.map(([term, meaning]) => helper.formatItem(term, width, meaning, helper));
    return [title, ...lines].join('\n');
  });
}

/** `<file>`, `[id|email...]` */
export function argumentTerm(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

function commandItem(command: Command): Item {
  const term = [command.name(), ...command.registeredArguments.map(argumentTerm)].join(' ');
  const aliases = command.aliases().length === 0 ? '' : ` (or ${command.aliases().join(', ')})`;
  return [term, `${command.summary() || command.description()}${aliases}`];
}

/** Options without a group of their own come first. */
function optionSections(command: Command, helper: Help): Section[] {
  // It needs no line of its own in the help of a command.
  const options = helper.visibleOptions(command).filter(({ long }) => long !== '--help' || command.parent === null);
  const own = options.filter(({ helpGroupHeading }) => helpGroupHeading === undefined);
  const others = options.filter(({ helpGroupHeading }) => helpGroupHeading !== undefined);
  return grouped([...own, ...others], (one) => [one.helpGroupHeading ?? 'Options:', optionItem(one)]);
}

function optionItem(option: Option): Item {
  const isShown = option.defaultValue !== undefined && !option.isBoolean();
  const value = isShown ? ` (default: ${option.defaultValueDescription ?? String(option.defaultValue)})` : '';
  return [option.flags, `${meaningOf(option)}${value}`];
}

function meaningOf({ description, argChoices }: Option | Argument): string {
  return argChoices === undefined ? description : `${description}: ${argChoices.join(', ')}`;
}

function grouped<T>(all: readonly T[], place: (one: T) => readonly [title: string, item: Item]): Section[] {
  const groups = new Map<string, Item[]>();
  for (const [title, item] of all.map(place)) groups.set(title, [...(groups.get(title) ?? []), item]);
  return [...groups];
}

/** The options of every command, by name only; the help of the program explains them. */
function globalOptions(command: Command, helper: Help): string {
  const flags = ancestors(command)
    .flatMap((one) => helper.visibleOptions(one))
    .map((one) => one.flags);
  const packed = flags.filter((one) => !/--(help|version)\b/.test(one)).map((one) => one.replaceAll(' ', '\u00a0'));
  const wrapped = helper.boxWrap(packed.join('  '), (helper.helpWidth ?? 80) - 2).replaceAll('\u00a0', ' ');
  return `Global options (invite --help explains them):\n${wrapped.replace(/^/gm, '  ')}`;
}

function ancestors({ parent }: Command): Command[] {
  return parent === null ? [] : [parent, ...ancestors(parent)];
}

function rootEnding(isBrief: boolean): string {
  const more = 'invite <command> --help shows examples and options of a command';
  return isBrief ? `${more},\ninvite --help the options that every command takes.` : `${more}.`;
}
