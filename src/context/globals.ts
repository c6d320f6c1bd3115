import { CliError } from '../errors.ts';
import type { Environment } from '../host.ts';
import { parseFields } from '../output/fields.ts';
import { type Format, formats, isMachineReadable } from '../output/formats.ts';
import { parseDuration } from '../text/durations.ts';
import { shellQuote } from '../text/shell.ts';
import { didYouMean } from '../text/suggest.ts';

/** The options that every command has, checked. */
export interface GlobalOptions {
  readonly profile?: string;
  readonly endpoint?: string;
  readonly output: Format;
  /** `-o markdown`, which only `report` knows; `output` is `table` then. */
  readonly markdown: boolean;
  readonly fields?: readonly string[];
  readonly csvRaw: boolean;
  readonly quiet: boolean;
  /** Whether anything may be asked at all, terminal or not. */
  readonly input: boolean;
  readonly color?: 'always' | 'never';
  /** As typed: for most commands the longest they may take, for `wait` how long to wait. */
  readonly timeout?: number;
  readonly retries?: number;
  readonly debug: boolean;
  /** A GitHub workflow runs this, and may be told what came of it in its own ways. */
  readonly github: boolean;
}

/** What Commander makes of the global options. */
export interface ParsedGlobals {
  readonly profile?: string;
  readonly endpoint?: string;
  readonly output?: string;
  readonly json?: boolean;
  readonly fields?: string;
  readonly csvRaw?: boolean;
  readonly quiet?: boolean;
  readonly input?: boolean;
  readonly color?: string | boolean;
  readonly timeout?: string;
  readonly retries?: string;
  readonly debug?: boolean;
  readonly github?: boolean;
}

/** Formats that only one command knows. */
const ownFormats: Readonly<Record<string, readonly string[]>> = { report: ['markdown'] };

/**
 * Throws `usage` on every value that cannot be meant.
 * @param command Its name: some know a format of their own.
 */
export function resolveGlobals(raw: ParsedGlobals, env: Environment, command = ''): GlobalOptions {
  const own = ownFormats[command]?.find((format) => raw.json !== true && format === (raw.output ?? env.INVITE_OUTPUT));
  const output = own === undefined ? outputOf(raw, env) : 'table';
  const input =
    raw.input !== false && env.INVITE_NO_INPUT === undefined && env.CI === undefined && !isMachineReadable(output);
  const color = colorOf(raw.color);
  return {
    output,
    markdown: own === 'markdown',
    input,
    csvRaw: raw.csvRaw === true,
    quiet: raw.quiet === true,
    debug: raw.debug === true || env.INVITE_DEBUG !== undefined,
    github: raw.github !== false && env.GITHUB_ACTIONS === 'true',
    ...(raw.profile === undefined ? {} : { profile: raw.profile }),
    ...(raw.endpoint === undefined ? {} : { endpoint: raw.endpoint }),
    ...(raw.fields === undefined ? {} : { fields: parseFields(raw.fields) }),
    ...(color === undefined ? {} : { color }),
    ...(raw.timeout === undefined ? {} : { timeout: parseTimeout(raw.timeout) }),
    ...(raw.retries === undefined ? {} : { retries: parseCount(raw.retries, '--retries', [0, 10]) }),
  };
}

/** The format asked for, or the table. Never throws: errors want a form too, even those about the format. */
export function formatOf(words: readonly string[], env: Environment): Format {
  const json = words.lastIndexOf('--json') >= 0 ? 'json' : undefined;
  const word = json ?? lastValue(words, ['-o', '--output']) ?? env.INVITE_OUTPUT;
  return formats.find((format) => format === word) ?? 'table';
}

/** The wish for colour, for words that could not be parsed. */
export function colorFlag(words: readonly string[]): 'always' | 'never' | undefined {
  const value = lastValue(words, ['--color']);
  if (words.includes('--no-color') || value === 'never') return 'never';
  return value === 'always' ? 'always' : undefined;
}

/** A command for the same profile and endpoint as the one that was typed, so that it can be pasted. */
export function withConnectionFlags(
  command: string,
  { profile, endpoint }: Pick<GlobalOptions, 'profile' | 'endpoint'>,
): string {
  const same = [
    ...(profile === undefined ? [] : ['-p', shellQuote(profile)]),
    ...(endpoint === undefined ? [] : ['--endpoint', shellQuote(endpoint)]),
  ];
  return command.replace(
    /(^|: )invite (?=create|get|list|delete|resend|import|wait|doctor)/,
    (_, lead: string) => `${lead}${['invite', ...same, ''].join(' ')}`,
  );
}

/** The same for a hint to words that may not have been parsed. */
export function hintWithConnectionFlags(hint: string, words: readonly string[]): string {
  const [profile, endpoint] = [lastValue(words, ['-p', '--profile']), lastValue(words, ['--endpoint'])];
  return withConnectionFlags(hint, {
    ...(profile === undefined ? {} : { profile }),
    ...(endpoint === undefined ? {} : { endpoint }),
  });
}

/** The last value an option was given: `-o json`, `-ojson`, `-qo json`, `--output json`, `--output=json`. */
function lastValue(words: readonly string[], [short, long = short]: readonly [string, string?]): string | undefined {
  let value: string | undefined;
  for (const [index, word] of words.entries()) {
    if (word === '--') break;
    const [, letter, joined] = /^-[qynhV]*([a-zA-Z])=?(.*)$/.exec(word) ?? [];
    const isShort = short.length === 2 && `-${letter}` === short;
    if (word === long || (isShort && joined === '')) value = words[index + 1] ?? value;
    else if (long !== undefined && word.startsWith(`${long}=`)) value = word.slice(long.length + 1);
    else if (isShort) value = joined;
  }
  return value;
}

/** A whole number within a range. Throws `usage` on anything else. */
export function parseCount(text: string, option: string, [least, most]: readonly [number, number]): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new CliError('usage', `"${text}" is not a value for ${option}`, {
    hints: [`a whole number from ${least} to ${most}`],
  });
}

function outputOf(raw: ParsedGlobals, env: Environment): Format {
  if (raw.json === true && raw.output !== undefined && raw.output !== 'json') {
    throw new CliError('usage', `--json and -o "${raw.output}" contradict each other`);
  }
  const [word, source] =
    raw.json === true
      ? ['json', '']
      : raw.output === undefined
        ? [env.INVITE_OUTPUT, ' in INVITE_OUTPUT']
        : [raw.output, ''];
  if (word === undefined) return 'table';
  const format = formats.find((known) => known === word);
  if (format !== undefined) return format;
  throw new CliError('usage', `unknown output format "${word}"${source}`, {
    hints: [...didYouMean(word, formats), `known: ${formats.join(', ')}`],
  });
}

function colorOf(value: string | boolean | undefined): 'always' | 'never' | undefined {
  if (value === false || value === 'never') return 'never';
  if (value === undefined || value === true || value === 'auto') return undefined;
  if (value === 'always') return 'always';
  throw new CliError('usage', `"${value}" is not a value for --color`, { hints: ['auto, always or never'] });
}

const longestTimeout = parseDuration('7d');

function parseTimeout(text: string): number {
  const timeout = parseDuration(text);
  if (timeout > 0 && timeout <= longestTimeout) return timeout;
  throw new CliError('usage', `"${text}" is not a value for --timeout`, { hints: ['from 1s to 7d'] });
}
