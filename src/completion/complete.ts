import type { Argument, Command, Option } from 'commander';
import { knownRoles } from '../api/roles.ts';
import { formatsOf } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { isRepeatable, optionValues, suggestedValues } from '../cli/filter-options.ts';
import { type Cursor, childOf } from '../cli/line.ts';
import type { Candidate } from './live.ts';

/** What the grammar does not say of the commands. */
interface CommandFacts {
  /** The fields of what a command shows, by its path. */
  fields(path: string): Promise<readonly string[]>;
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
export async function complete(ctx: Context, cursor: Cursor, facts: CommandFacts): Promise<Completion> {
  const found = await candidatesAt(ctx, cursor, facts);
  const typed = cursor.lead + cursor.typed;
  const whole = found.candidates.map(({ text, meaning }) => ({ text: cursor.lead + text, meaning }));
  // If the typed word has quotes or escapes, only the shell can tell what matches it.
  const fits = /^[\w@.+,:/=-]*$/.test(typed) ? whole.filter(({ text }) => text.startsWith(typed)) : whole;
  return { ...found, candidates: fits.slice(0, maxCandidates) };
}

async function candidatesAt(ctx: Context, cursor: Cursor, facts: CommandFacts): Promise<Completion> {
  if (cursor.option !== undefined) return valuesOf(ctx, cursor, { option: cursor.option, facts });
  if (cursor.isFlag) return { ...nothing, candidates: flags(cursor) };
  const commands = cursor.count > 0 ? [] : cursor.command.commands.filter(isVisible).map(named);
  const found =
    cursor.argument === undefined ? nothing : await argumentValues(ctx, cursor, { argument: cursor.argument, facts });
  // No options as long as no dash is typed: a shell would put the dashes that they share on the line.
  return { ...found, candidates: [...commands, ...found.candidates] };
}

function isVisible(command: Command): boolean {
  return !('_hidden' in command && command._hidden === true);
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

interface OptionRequest {
  readonly facts: CommandFacts;
  readonly option: Option;
}

async function valuesOf(ctx: Context, cursor: Cursor, { option, facts }: OptionRequest): Promise<Completion> {
  if (option.argChoices !== undefined)
    return isRepeatable(option) ? list(option.argChoices, cursor.typed) : choices(option.argChoices);
  const suggested = suggestedValues(option);
  if (suggested !== undefined) return openEnded(suggested, cursor.typed);
  if (option.flags.includes('<duration>')) return choices(durations(cursor.typed));
  if (/[<[].*file/.test(option.flags)) return { ...nothing, directive: 'files' };
  const name = option.attributeName();
  const values = optionValues(name);
  if (name === 'role') return roles(cursor.typed);
  if (addresses.includes(name)) return live(ctx, cursor, 'email');
  if (values === 'profiles') return live(ctx, cursor, 'profiles');
  if (values === 'formats') return choices(formatsOf(cursor.command));
  if (name === 'sort') return choices(await facts.fields(cursor.path));
  if (values === 'fields') return list(await facts.fields(cursor.path), cursor.typed);
  if (name === 'status') return list(values ?? [], cursor.typed);
  return values === undefined ? nothing : choices(values);
}

/** Options that take an e-mail. */
const addresses = ['email', 'user', 'creator', 'invitedBy', 'self'];

/** Commands whose arguments are invitations, or the names of profiles. */
const liveArguments: Readonly<Record<string, string>> = {
  ...{ get: 'get', delete: 'delete', resend: 'resend', wait: 'wait' },
  ...{ people: 'email', trace: 'email', remove: 'email', 'role grant': 'email', 'role revoke': 'email' },
  ...{ 'sandbox accept': 'sandbox', 'sandbox expire': 'sandbox' },
  ...{ 'auth login': 'profiles', 'auth logout': 'profiles', 'auth use': 'profiles' },
};

interface ArgumentRequest {
  readonly facts: CommandFacts;
  readonly argument: Argument;
}

async function argumentValues(ctx: Context, cursor: Cursor, { argument, facts }: ArgumentRequest): Promise<Completion> {
  if (argument.argChoices !== undefined) return choices(argument.argChoices);
  if (cursor.path === 'help') return help(cursor, facts);
  if (argument.name().startsWith('role')) return roles(cursor.typed);
  const what = Object.hasOwn(liveArguments, cursor.path) ? liveArguments[cursor.path] : undefined;
  if (what !== undefined) return live(ctx, cursor, what);
  return argument.name().includes('file') ? { ...nothing, directive: 'files' } : nothing;
}

function help({ command, count, words }: Cursor, { topics }: CommandFacts): Completion {
  if (count > 0) return { ...nothing, candidates: below(command.parent, words.slice(-count)) };
  const commands = below(command.parent, []);
  return {
    ...nothing,
    candidates: [...commands.filter(({ text }) => !topics.some((one) => one.text === text)), ...topics],
  };
}

/** The commands below the one that these words lead to. */
function below(program: Command | null, words: readonly string[]): Candidate[] {
  let at = program ?? undefined;
  for (const word of words) at = at === undefined ? undefined : childOf(at, word);
  return (at?.commands ?? []).filter(isVisible).map(named);
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

/** The name of a role, or after an @ the beginning of its scope. */
function roles(typed: string): Completion {
  const at = typed.indexOf('@');
  const texts = at < 0 ? knownRoles : scopes.map((scope) => typed.slice(0, at + 1) + scope);
  return { directive: 'nospace', candidates: plain(texts) };
}

/** Candidates from the profiles or the API; loaded when needed. */
async function live(ctx: Context, cursor: Cursor, what: string): Promise<Completion> {
  const { liveCandidates } = await import('./live.ts');
  const { words, isLate } = await liveCandidates(ctx, { what, words: cursor.words });
  return { ...nothing, candidates: words, ...(isLate ? { late: what } : {}) };
}

function plain(texts: readonly string[]): Candidate[] {
  return texts.map((text) => ({ text, meaning: '' }));
}
