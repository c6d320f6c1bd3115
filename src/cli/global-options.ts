import { CliError, ifPossible } from '../errors.ts';
import type { Environment } from '../host.ts';
import { allFormats, commonFormats, type Format, formatDefinition } from '../output/formats.ts';
import { invalidArgument, optionWords } from '../text/suggest.ts';
import { parseDuration } from '../text/times.ts';

declare const __VERSION__: string;

/** The version of the program; the build writes it in. */
export const version = typeof __VERSION__ === 'string' ? __VERSION__ : '0.0.0-source';

export const colors = ['always', 'never', 'auto'] as const;

/** The values that Commander parsed, by attribute name. */
export type RawOptions = Readonly<Record<string, unknown>>;

/** Every option that every command has, by group, in the order of the help. */
export const globalFlags: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'Who you are:': {
    '-p, --profile <name>': 'use this profile; "sandbox" is built in and needs no key',
    '--endpoint <url>': 'use the API at this URL',
  },
  'Output:': {
    '-o, --output <format>': commonFormats.join(', '),
    '--json': 'the same as -o json',
    '--fields <a,b>': 'show these fields, in this order; dots reach inside',
    '--csv-raw': 'do not protect csv cells that a spreadsheet would run',
    '--csv-crlf': 'end the lines of csv with CRLF, as RFC 4180 does',
    '-q, --quiet': 'print no progress and no remarks; errors keep their hints',
    '--color <when>': 'always, never or auto',
    '--no-color': 'the same as --color never',
    '--no-github': 'write no annotations or summary for a GitHub workflow',
  },
  'Running:': {
    '--no-input': 'never prompt',
    '--timeout <duration>': 'stop the whole command after this time',
    '--retries <n>': 'retry a failed request at most n times',
    '--debug': 'log HTTP requests on stderr, without secrets',
  },
};

export type GlobalOptions = Readonly<ReturnType<typeof resolveGlobals>>;

/** The values of the global options, by the names that renderers and commands know. Throws `usage` on an invalid one. */
export function resolveGlobals(raw: RawOptions, env: Environment, formats: readonly Format[] = commonFormats) {
  const output = outputOf(raw, env, formats);
  const isForPerson = formatDefinition(output).reader === 'person';
  return {
    profile: text(raw.profile),
    endpoint: text(raw.endpoint),
    output,
    fields: raw.fields === undefined ? undefined : parseFields(String(raw.fields)),
    csvRaw: raw.csvRaw === true,
    csvCrlf: raw.csvCrlf === true,
    quiet: raw.quiet === true,
    color: colorOf(raw.color),
    github: raw.github !== false && env.GITHUB_ACTIONS === 'true',
    /** Whether prompts are allowed, terminal or not. */
    input: raw.input !== false && env.INVITE_NO_INPUT === undefined && env.CI === undefined && isForPerson,
    /** Milliseconds. For most commands the longest they may take; for `wait`, how long to wait. */
    timeout: raw.timeout === undefined ? undefined : parseTimeout(String(raw.timeout)),
    retries: raw.retries === undefined ? undefined : parseCount(String(raw.retries), '--retries', [0, 10]),
    debug: isDebug(raw, env),
  };
}

function isDebug(raw: RawOptions, env: Environment): boolean {
  return raw.debug === true || env.INVITE_DEBUG !== undefined;
}

/** What the report of a failure needs, from options that may be invalid themselves. */
export function failureOptions(raw: RawOptions, env: Environment) {
  return {
    output: raw.json === true ? ('json' as const) : (ifPossible(() => outputOf(raw, env, allFormats)) ?? 'table'),
    color: ifPossible(() => colorOf(raw.color)),
    debug: isDebug(raw, env),
    profile: text(raw.profile),
    endpoint: text(raw.endpoint),
  };
}

type ConnectionFlags = Pick<GlobalOptions, 'profile' | 'endpoint'>;

/** Adds the profile and endpoint of the command that was run to the commands in a message, so that they can be pasted. */
export function withConnectionFlags(text: string, { profile, endpoint }: ConnectionFlags): string {
  const words = ['invite', ...optionWords('-p', profile), ...optionWords('--endpoint', endpoint), ''];
  return text.replace(/(?<=^|[:;,] )invite (?!auth|sandbox|help|completion|-)/g, () => words.join(' '));
}

export function withFlagsInHints(failure: CliError, flags: ConnectionFlags): CliError {
  const { hints } = failure.details;
  return hints === undefined ? failure : failure.with({ hints: hints.map((hint) => withConnectionFlags(hint, flags)) });
}

/** A whole number within a range. Throws `usage` on anything else. */
export function parseCount(value: string, option: string, [least, most]: readonly [number, number]): number {
  const count = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  if (count >= least && count <= most) return count;
  throw invalidArgument(value, option, `whole numbers from ${least} to ${most}`);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function outputOf(raw: RawOptions, env: Environment, formats: readonly Format[]): Format {
  const typed = text(raw.output);
  if (raw.json === true && typed !== undefined && typed !== 'json') {
    throw new CliError('usage', `--json and -o "${typed}" contradict each other`);
  }
  const name = raw.json === true ? 'json' : (typed ?? env.INVITE_OUTPUT ?? 'table');
  const format = formats.find((one) => one === name);
  if (format !== undefined) return format;
  const unknown = invalidArgument(name, typed === undefined ? 'INVITE_OUTPUT' : '--output', formats);
  const [word = ''] = name.toLowerCase().split('=');
  const [, meant = ''] = formatHabits.find(([words]) => words.includes(word)) ?? [];
  if (meant.includes(' ')) throw unknown.with({ hints: [meant] });
  throw formats.some((one) => one === meant) ? unknown.with({ hints: [`did you mean "${meant}"?`] }) : unknown;
}

/** Formats of other tools: which one it is here, or what to type. */
const formatHabits: readonly (readonly [words: readonly string[], meant: Format | `${string} ${string}`])[] = [
  [['jsonl', 'jsonlines'], 'ndjson'],
  [['name', 'names', 'ids'], 'id'],
  [['yml'], 'yaml'],
  [['md'], 'markdown'],
  [['text', 'human', 'plain'], 'table'],
  [['tsv'], 'csv'],
  [['wide', 'custom-columns'], '--fields picks the columns of a table'],
  [['jsonpath', 'go-template'], '-o json | jq'],
  // terraform plan -out=FILE
  [['ut'], '-o json > plan.json'],
];

function colorOf(value: unknown): 'always' | 'never' | undefined {
  if (value === false || value === 'never') return 'never';
  if (value === undefined || value === true || value === 'auto') return undefined;
  if (value === 'always') return 'always';
  throw invalidArgument(String(value), '--color', colors);
}

const maxTimeout = parseDuration('7d');

function parseTimeout(value: string): number {
  const timeout = parseDuration(value, '--timeout');
  if (timeout > 0 && timeout <= maxTimeout) return timeout;
  throw invalidArgument(value, '--timeout', 'durations up to 7d');
}

export function parseFields(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  const given = [...new Set(names.filter((name) => name !== ''))];
  if (given.length > 0) return given;
  throw invalidArgument(text, '--fields', 'names of fields, as in id,email');
}
