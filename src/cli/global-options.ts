import { CliError } from '../errors.ts';
import type { Environment } from '../host.ts';
import { type Format, formatDefinition, formatsWith } from '../output/formats.ts';
import { invalidArgument, optionWords } from '../text/suggest.ts';
import { parseDuration } from '../text/times.ts';

declare const __VERSION__: string;

/** The version of the program; the build writes it in. */
export const version = typeof __VERSION__ === 'string' ? __VERSION__ : '0.0.0-source';

const colors = ['always', 'never', 'auto'] as const;

/** The values that Commander parsed, by attribute name. */
export type RawOptions = Readonly<Record<string, unknown>>;

/** What the value of an option may depend on. */
interface Sources {
  readonly raw: RawOptions;
  readonly env: Environment;
  /** The formats of the command. */
  readonly formats: readonly Format[];
}

/** Everything that the parser, the help, the completion and the program need to know of an option. */
interface OptionDefinition<T> {
  readonly group: 'Who you are:' | 'Output:' | 'Running:';
  /** Flags as Commander writes them, each with its help. */
  readonly flags: Readonly<Record<string, string>>;
  /** Values that completion offers. */
  readonly values?: 'formats' | readonly string[];
  /** Throws `usage` on an invalid value. */
  resolve(sources: Sources): T;
}

function define<T>(definition: OptionDefinition<T>): OptionDefinition<T> {
  return definition;
}

/** Every option that every command has, in the order of the help. One that renderers read has its place in `RenderOptions`, too. */
export const globalOptions = {
  profile: define({
    group: 'Who you are:',
    flags: { '-p, --profile <name>': 'use this profile; "sandbox" is built in and needs no key' },
    resolve: ({ raw }) => text(raw.profile),
  }),
  endpoint: define({
    group: 'Who you are:',
    flags: { '--endpoint <url>': 'use the API at this URL' },
    resolve: ({ raw }) => text(raw.endpoint),
  }),
  output: define({
    group: 'Output:',
    flags: { '-o, --output <format>': formatsWith().join(', '), '--json': 'the same as -o json' },
    values: 'formats',
    resolve: outputOf,
  }),
  fields: define({
    group: 'Output:',
    flags: { '--fields <a,b>': 'show these fields, in this order; dots reach inside' },
    resolve: ({ raw }) => (raw.fields === undefined ? undefined : parseFields(String(raw.fields))),
  }),
  csvRaw: define({
    group: 'Output:',
    flags: { '--csv-raw': 'do not protect csv cells that a spreadsheet would run' },
    resolve: ({ raw }) => raw.csvRaw === true,
  }),
  csvCrlf: define({
    group: 'Output:',
    flags: { '--csv-crlf': 'end the lines of csv with CRLF, as RFC 4180 does' },
    resolve: ({ raw }) => raw.csvCrlf === true,
  }),
  quiet: define({
    group: 'Output:',
    flags: { '-q, --quiet': 'print no hints and no progress' },
    resolve: ({ raw }) => raw.quiet === true,
  }),
  color: define({
    group: 'Output:',
    flags: { '--color <when>': 'always, never or auto', '--no-color': 'the same as --color never' },
    values: colors,
    resolve: ({ raw }) => colorOf(raw.color),
  }),
  github: define({
    group: 'Output:',
    flags: { '--no-github': 'write no annotations or summary for a GitHub workflow' },
    resolve: ({ raw, env }) => raw.github !== false && env.GITHUB_ACTIONS === 'true',
  }),
  /** Whether prompts are allowed, terminal or not. */
  input: define({
    group: 'Running:',
    flags: { '--no-input': 'never prompt' },
    resolve: (sources) =>
      sources.raw.input !== false &&
      sources.env.INVITE_NO_INPUT === undefined &&
      sources.env.CI === undefined &&
      formatDefinition(outputOf(sources)).reader === 'person',
  }),
  /** Milliseconds. For most commands the longest they may take; for `wait`, how long to wait. */
  timeout: define({
    group: 'Running:',
    flags: { '--timeout <duration>': 'stop the whole command after this time' },
    resolve: ({ raw }) => (raw.timeout === undefined ? undefined : parseTimeout(String(raw.timeout))),
  }),
  retries: define({
    group: 'Running:',
    flags: { '--retries <n>': 'retry a failed request at most n times' },
    resolve: ({ raw }) =>
      raw.retries === undefined ? undefined : parseCount(String(raw.retries), '--retries', [0, 10]),
  }),
  debug: define({
    group: 'Running:',
    flags: { '--debug': 'log HTTP requests on stderr, without secrets' },
    resolve: ({ raw, env }) => raw.debug === true || env.INVITE_DEBUG !== undefined,
  }),
};

type Definitions = typeof globalOptions;

/** The global options, checked. */
export type GlobalOptions = {
  readonly [Name in keyof Definitions]: Definitions[Name] extends OptionDefinition<infer T> ? T : never;
};

/** Throws `usage` on an invalid value. */
export function resolveGlobals(raw: RawOptions, env: Environment, formats = formatsWith()): GlobalOptions {
  const sources = { raw, env, formats };
  const values = Object.entries(globalOptions).map(([name, { resolve }]) => [name, resolve(sources)]);
  return Object.fromEntries(values) as GlobalOptions;
}

/** What the report of a failure needs, from options that may be invalid themselves. */
export function failureOptions(raw: RawOptions, env: Environment) {
  const sources = { raw, env, formats: formatsWith(['markdown']) };
  return {
    output: raw.json === true ? ('json' as const) : (ifValid(() => outputOf(sources)) ?? 'table'),
    color: ifValid(() => colorOf(raw.color)),
    debug: globalOptions.debug.resolve(sources),
    profile: text(raw.profile),
    endpoint: text(raw.endpoint),
  };
}

function ifValid<T>(resolve: () => T): T | undefined {
  try {
    return resolve();
  } catch {
    return undefined;
  }
}

type ConnectionFlags = Pick<GlobalOptions, 'profile' | 'endpoint'>;

/** Adds the profile and endpoint of the command that was run to a command in a hint, so that it can be pasted. */
export function withConnectionFlags(command: string, { profile, endpoint }: ConnectionFlags): string {
  const flags = [...optionWords('-p', profile), ...optionWords('--endpoint', endpoint)];
  return command.replace(
    /(^|: )invite (?!auth|sandbox|help|completion|-)/,
    (_, lead: string) => `${lead}${['invite', ...flags, ''].join(' ')}`,
  );
}

/** The same for all commands in the hints of a failure. */
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

function outputOf({ raw, env, formats }: Sources): Format {
  const typed = text(raw.output);
  if (raw.json === true && typed !== undefined && typed !== 'json') {
    throw new CliError('usage', `--json and -o "${typed}" contradict each other`);
  }
  const name = raw.json === true ? 'json' : (typed ?? env.INVITE_OUTPUT ?? 'table');
  const format = formats.find((one) => one === name);
  if (format !== undefined) return format;
  const unknown = invalidArgument(name, typed === undefined ? 'INVITE_OUTPUT' : '--output', formats);
  const [, habit] = formatHabits.find(([words]) => words.includes(name.toLowerCase())) ?? [];
  throw habit === undefined ? unknown : unknown.with({ hints: [habit] });
}

/** Formats of other tools. */
const formatHabits: readonly (readonly [words: readonly string[], hint: string])[] = [
  [['jsonl', 'jsonlines'], 'did you mean "ndjson"?'],
  [['name', 'names', 'ids'], 'did you mean "id"?'],
  [['yml'], 'did you mean "yaml"?'],
  [['md'], 'did you mean "markdown"?'],
  [['text', 'human', 'plain'], 'did you mean "table"?'],
  [['wide'], '--fields picks the columns of a table'],
  [['tsv'], 'did you mean "csv"?'],
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
  throw invalidArgument(value, '--timeout', 'durations from 1s to 7d');
}

/** The names of `--fields a,b`, each once. */
export function parseFields(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  const given = [...new Set(names.filter((name) => name !== ''))];
  if (given.length > 0) return given;
  throw invalidArgument(text, '--fields', 'names of fields, as in id,email');
}
