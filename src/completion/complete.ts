import type { Argument, Command, Option } from 'commander';
import { knownRoles } from '../api/roles.ts';
import { fieldsOf, findOption, formatsOf, pathOf, readLine, visibleCommands } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { isRepeatable, optionValues, placeholderOf, type ValueType, valueTypeOf } from '../cli/values.ts';
import type { Candidate } from './live.ts';

/** The place of the cursor in the grammar. */
interface Cursor {
  readonly command: Command;
  /** The words of its name, such as `auth login`; empty for the program. */
  readonly path: string;
  /** The number of its arguments before the cursor. */
  readonly count: number;
  /** The part of the typed word that is not replaced: `--status=`. */
  readonly lead: string;
  readonly typed: string;
  readonly option: Option | undefined;
  readonly isFlag: boolean;
  /** The argument that comes next, if the command takes one more. */
  readonly argument: Argument | undefined;
  /** The words before the cursor: what was named once is not offered again. */
  readonly words: readonly string[];
}

/** @param typed The word before the cursor, without the quote that it may begin with. */
export function cursorOf(program: Command, line: readonly string[], typed: string): Cursor {
  // Shells pass words as they were typed, with their quotes.
  const words = line.map((word) => /^(['"])(.*)\1$/s.exec(word)?.[2] ?? word);
  const { command, args, pending, isEnded } = readLine(program, words);
  const last = command.registeredArguments.at(-1);
  const argument = command.registeredArguments[args.length] ?? (last?.variadic ? last : undefined);
  const here = { command, path: pathOf(command).join(' '), count: args.length, words, argument };
  if (pending !== undefined) return { ...here, lead: '', typed, option: pending, isFlag: false };
  const [, lead = '', rest = typed] = (isEnded ? null : /^(--[^=]+=)(.*)$/s.exec(typed)) ?? [];
  const option = lead === '' ? undefined : findOption(command, lead.slice(0, -1));
  return { ...here, lead, typed: rest, option, isFlag: !isEnded && typed.startsWith('-') };
}

/** The place to complete, and what the grammar does not say of it. */
interface Place extends Cursor {
  readonly ctx: Context;
  settings(): Promise<readonly string[]>;
  /** What `invite help` explains beside the commands. */
  readonly topics: readonly Candidate[];
}

interface Completion {
  /** What the shell does: `words` offers the candidates, `nospace` adds no space after one, `files` completes file names. */
  readonly directive: 'words' | 'nospace' | 'files';
  readonly candidates: readonly Candidate[];
  /** What did not arrive in time and should be fetched for the next time. */
  readonly late?: string;
}

/** More than anybody reads; once a letter or two are typed, all that match are among them. */
const maxCandidates = 1000;

const nothing: Completion = { directive: 'words', candidates: [] };

/** Beginnings of a scope. */
const scopes = ['env-', 'crn://confluent.cloud/organization='];

/** Candidates for the word at the cursor, each with the part of the word that is not replaced. */
export async function complete(place: Place): Promise<Completion> {
  const found = await candidatesAt(place);
  const typed = place.lead + place.typed;
  const whole = found.candidates.map(({ text, meaning }) => ({ text: place.lead + text, meaning }));
  // If the typed word has quotes or escapes, only the shell can tell what matches it.
  const fits = /^[\w@.+,:/=-]*$/.test(typed) ? whole.filter(({ text }) => text.startsWith(typed)) : whole;
  return { ...found, candidates: fits.slice(0, maxCandidates) };
}

async function candidatesAt(place: Place): Promise<Completion> {
  const { option, isFlag, argument, command } = place;
  if (option !== undefined) return valuesOf(option, place);
  if (isFlag) return { ...nothing, candidates: flags(place) };
  const commands = place.count > 0 ? [] : visibleCommands(command).map(named);
  const found = argument === undefined ? nothing : await argumentValues(argument, place);
  // No options as long as no dash is typed: a shell would put the dashes that they share on the line.
  return { ...found, candidates: [...commands, ...found.candidates] };
}

function named(command: Command): Candidate {
  return { text: command.name(), meaning: command.summary() || command.description() };
}

/** The options of the command and of its parents, except those that were given and cannot be repeated. */
function flags({ command, words }: Cursor): Candidate[] {
  const found: Candidate[] = [];
  for (let level: Command | null = command; level !== null; level = level.parent) {
    const options = level.createHelp().visibleOptions(level);
    for (const option of options) {
      const isUsed = words.some((word) => word === option.long || word === option.short);
      const text = option.long ?? option.short ?? '';
      if (found.some((one) => one.text === text) || (isUsed && !isRepeatable(option))) continue;
      found.push({ text, meaning: option.description });
    }
  }
  return found;
}

async function valuesOf(option: Option, place: Place): Promise<Completion> {
  const known = option.argChoices ?? optionValues(option.attributeName());
  const type = valueTypeOf(placeholderOf(option) ?? '');
  if (known === undefined || type === 'role') return valuesOfType(type, place);
  if (known === 'formats') return choices(formatsOf(place.command));
  return isRepeatable(option) ? list(known, place.typed) : choices(known);
}

async function argumentValues(argument: Argument, place: Place): Promise<Completion> {
  if (argument.argChoices !== undefined) return choices(argument.argChoices);
  if (place.path === 'help') return help(place);
  // Who is to be invited or added is not known yet.
  if (place.path === 'create' || place.path === 'sandbox add') return nothing;
  return valuesOfType(valueTypeOf(argument.name()), place);
}

async function valuesOfType(type: ValueType, place: Place): Promise<Completion> {
  const { command, path, typed } = place;
  switch (type) {
    case 'duration':
      return choices(durations(typed));
    case 'file':
      return { ...nothing, directive: 'files' };
    case 'role':
      return roles(typed);
    case 'field':
      return choices((await fieldsOf(command)) ?? []);
    case 'fields':
      return list((await fieldsOf(command)) ?? [], typed);
    case 'setting':
      return openEnded(await place.settings(), typed);
    case 'profile':
      return live('profiles', place);
    case 'invitation':
      return live(path.startsWith('sandbox ') ? 'sandbox' : path, place);
    case 'email':
    case 'person':
      return live('email', place);
    default:
      return nothing;
  }
}

/** What lies below the command that the words after `help` lead to; a topic goes before a command of its name. */
function help({ command, count, words, topics }: Place): Completion {
  const reached = readLine(command.parent ?? command, words.slice(words.length - count));
  const commands = reached.args.length > 0 ? [] : visibleCommands(reached.command).map(named);
  if (count > 0) return { ...nothing, candidates: commands };
  const others = commands.filter(({ text }) => !topics.some((one) => one.text === text));
  return { ...nothing, candidates: [...others, ...topics] };
}

/** Words of which some want more behind them. */
function openEnded(texts: readonly string[], typed: string): Completion {
  const candidates = plain(texts.filter((text) => text.startsWith(typed)));
  return { directive: candidates.some(({ text }) => text.endsWith('=')) ? 'nospace' : 'words', candidates };
}

/** Spans that people ask for, or those with the number that was typed. */
function durations(typed: string): string[] {
  return /^\d+$/.test(typed)
    ? ['s', 'm', 'h', 'd', 'w'].map((unit) => typed + unit)
    : ['30s', '15m', '48h', '7d', '2w'];
}

function choices(values: readonly string[]): Completion {
  return { ...nothing, candidates: plain(values) };
}

/** Several values with commas between them. */
function list(values: readonly string[], typed: string): Completion {
  const before = typed.slice(0, typed.lastIndexOf(',') + 1);
  const given = before.split(',');
  const left = values.filter((value) => !given.includes(value));
  return { directive: 'nospace', candidates: plain(left.map((value) => before + value)) };
}

/** The name of a role, behind a comma too, or after an @ the beginning of its scope. */
function roles(typed: string): Completion {
  const before = typed.slice(0, typed.search(/[^,@]*$/));
  const texts = (before.endsWith('@') ? scopes : knownRoles).map((text) => before + text);
  return { directive: 'nospace', candidates: plain(texts) };
}

/** Candidates from the profiles or the API; loaded when needed. */
async function live(what: string, { ctx, words }: Place): Promise<Completion> {
  const { liveCandidates } = await import('./live.ts');
  const found = await liveCandidates(ctx, { what, words });
  return { ...nothing, candidates: found.words, ...(found.isLate ? { late: what } : {}) };
}

function plain(texts: readonly string[]): Candidate[] {
  return texts.map((text) => ({ text, meaning: '' }));
}
