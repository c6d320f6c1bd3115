import type { EmailRules } from '../api/email.ts';
import { isKnownRole } from '../api/roles.ts';
import { CliError } from '../errors.ts';
import type { Prompter } from '../terminal/prompt.ts';
import { shellQuote } from '../text/suggest.ts';
import { type ColumnHeadings, fieldOf, formatColumns, knownColumns, placeOf, type Understood } from './columns.ts';
import { FileProblems } from './problems.ts';
import { type Profile, profileOf } from './profile.ts';
import { type LeftOut, type RowOptions, readRows } from './reader.ts';
import { UnreadableRecord } from './record.ts';
import { type FileFormat, firstLine, formatOf, recordsOf } from './records.ts';
import type { Row } from './row.ts';
import { type Question, understand } from './understand.ts';

/** What flags say about how a file of people is read. */
export interface PeopleFlags extends EmailRules {
  readonly columns?: ColumnHeadings;
  readonly includeInactive?: boolean;
  readonly skipRowsWithoutEmail?: boolean;
  readonly allowUnknownRoles?: boolean;
}

export interface PeopleSource {
  /** For messages. */
  readonly name: string;
  /** Decoded: UTF-8 without a byte order mark. */
  readonly text: Buffer;
}

export interface OpenOptions
  extends PeopleFlags,
    Pick<RowOptions, 'now' | 'roles' | 'allowedDomains' | 'keepsEnded' | 'check' | 'onProblem'> {
  /** The verb of the messages: `import`. */
  readonly act: string;
  /** Where questions are asked; nowhere if undefined. */
  readonly prompter?: Prompter | undefined;
  /** Reads no roles: it only matters who is in the file. */
  readonly ignoresRoles?: boolean;
  /** Believes the names of roles in a file that this program wrote. */
  readonly trustsOurs?: boolean;
  /** Those of the names that are not predefined and that nobody holds. Undefined if all names are let through. */
  readonly unknownRoles?: (names: readonly string[]) => Promise<readonly string[]>;
}

/** What a file turned out to hold. */
export interface PeopleFile {
  readonly format: FileFormat;
  readonly understood: Understood;
  /** What `--columns` says, and what was answered. */
  readonly headings: ColumnHeadings;
  readonly leftOut: readonly LeftOut[];
  /** Sentences about what stands around the people. */
  readonly notes: readonly string[];
  readonly isOurs: boolean;
}

/**
 * Reads a file of people in whatever form it is. What it does not say by itself is asked at a terminal. Throws
 * `invalid_file` with everything that is wrong, or that would have to be asked; nothing may be done then.
 */
export async function openPeople(
  source: PeopleSource,
  options: OpenOptions,
  take: (row: Row, problems: FileProblems) => void,
): Promise<PeopleFile> {
  const format = formatOf(source.text, options.columns);
  if (format === undefined) throw unreadable(source, options, new UnreadableRecord(1, 'the file is empty'));
  try {
    const { headings, profile, understood, gone, isHeld } = await understandAll({ source, format, options });
    requireEmail(profile, understood);
    const { records, notes } = await recordsOf(source.text, format);
    const reading = await readRows(
      records,
      {
        ...options,
        understood,
        isOurs: profile.isOurs,
        line: profile.header?.line ?? 1,
        gone,
        ...(isHeld === undefined ? {} : { isKnown: isHeld }),
      },
      take,
    );
    const hints = [...reading.hints, ...(format.kind === 'lines' ? hintsForLines(source.text) : [])];
    reading.problems.throwIfAny(source.name, hints, options.act);
    return {
      format,
      understood,
      headings,
      leftOut: reading.leftOut,
      notes,
      isOurs: profile.isOurs,
    };
  } catch (error) {
    throw error instanceof UnreadableRecord ? unreadable(source, options, error, format) : error;
  }
}

function unreadable({ name, text }: PeopleSource, options: OpenOptions, fault: UnreadableRecord, format?: FileFormat) {
  const problems = new FileProblems(options.onProblem);
  problems.add(fault.line, fault.message);
  const hints = [...fault.hints, ...(format?.kind === 'lines' ? hintsForLines(text) : [])];
  try {
    problems.throwIfAny(name, hints, options.act);
  } catch (error) {
    return error;
  }
  return fault;
}

function hintsForLines(text: Buffer): string[] {
  const line = firstLine(text).trim();
  const isHeading = !line.includes('@') && line.length < 100;
  const columns = shellQuote(formatColumns(new Map([['email', line]])));
  return [
    ...(isHeading ? [`if the first line is a heading: --columns ${columns}`] : []),
    `a table begins with a line that names its columns: ${knownColumns}`,
  ];
}

function requireEmail({ header, columns }: Profile, { email }: Understood): void {
  if (email !== undefined) return;
  const isHeadless = header?.columns.some((name) => name.includes('@')) ?? false;
  const words = isHeadless ? 'it holds an address, but the first line names the columns' : 'there is no column "email"';
  const line = header?.line ?? 1;
  if (columns.length > 0 || header !== undefined)
    throw new UnreadableRecord(line, `${words}; known columns: ${knownColumns}`);
}

interface Understanding {
  readonly source: PeopleSource;
  readonly format: FileFormat;
  readonly options: OpenOptions;
}

/** Asks until nothing is left to ask. */
async function understandAll({ source, format, options }: Understanding) {
  let headings: ColumnHeadings = options.columns ?? new Map();
  const answers = { there: new Set<string>(), gone: new Set<string>() };
  const { roles = [], allowUnknownRoles = false, includeInactive = false, ignoresRoles = false } = options;
  const { unknownRoles, prompter } = options;
  for (;;) {
    const profile = await profileOf((await recordsOf(source.text, format)).records, headings);
    const held = allowUnknownRoles ? new Set<string>() : await heldIn(profile, headings, unknownRoles);
    const isHeld = (name: string) => held.has(name);
    const decided = new Set([...answers.there, ...answers.gone]);
    const { understood, questions } = understand(profile, {
      ...{ headings, hasRoles: roles.length > 0, ignoresRoles, isHeld, allowUnknownRoles, includeInactive, decided },
    });
    const isTrusted = options.trustsOurs === true && profile.isOurs;
    const isChecked = unknownRoles !== undefined && !allowUnknownRoles && !isTrusted;
    const [question] = questions;
    if (question === undefined)
      return { headings, profile, understood, gone: answers.gone, isHeld: isChecked ? isHeld : undefined };
    if (prompter === undefined) throw undecided(source.name, { questions, headings, act: options.act });
    headings = await answered(prompter, question, { headings, answers });
  }
}

/** The role names in the file that somebody in the organization holds, among those that are not predefined. */
async function heldIn(
  { columns }: Profile,
  headings: ColumnHeadings,
  unknownRoles: OpenOptions['unknownRoles'],
): Promise<ReadonlySet<string>> {
  const told = headings.get('role');
  const column = columns.find(({ heading }) =>
    told === undefined ? fieldOf(heading) === 'role' : placeOf(told, [heading]) !== undefined,
  );
  const names = [...(column?.roles?.keys() ?? [])].filter((name) => !isKnownRole(name) && /^[A-Za-z]\w*$/.test(name));
  const unknown = new Set(names.length === 0 ? [] : await unknownRoles?.(names));
  return new Set(names.filter((name) => !unknown.has(name)));
}

interface Undecided {
  readonly questions: readonly Question[];
  readonly headings: ColumnHeadings;
  readonly act: string;
}

function undecided(name: string, { questions, headings, act }: Undecided): CliError {
  const hints = questions.flatMap(({ field, candidates, otherwise, values }) => {
    const flag = (heading: string) =>
      `--columns ${shellQuote(formatColumns(new Map([...headings, [field, heading]])))}`;
    const one = field === 'role' ? 'grants them' : 'takes that column';
    return [
      ...candidates.map(({ heading, examples }) => `${flag(heading)} ${field === 'role' ? one : `takes ${examples}`}`),
      ...(otherwise === undefined ? [] : [`${flag(otherwise)} ignores ${candidates.length > 0 ? 'them' : 'it'}`]),
      ...(values === undefined || act !== 'import' ? [] : ['--include-inactive invites everybody, whatever it says']),
      ...(field === 'role' && candidates.length === 0 ? ['--allow-unknown-roles sends its values as they are'] : []),
      ...(field === 'scope' ? [`${flag('HEADING')} names the column of the scope`] : []),
    ];
  });
  const named = questions.map(({ words, candidates, field }) =>
    field === 'email'
      ? `${words}: ${candidates.map(({ heading, examples }) => `"${heading}" (${examples})`).join(', ')}`
      : words,
  );
  return new CliError('invalid_file', `cannot ${act} "${name}", nothing was sent`, {
    reason: named.join('\n'),
    hints: [...new Set(hints)],
    target: name,
  });
}

interface Answers {
  readonly headings: ColumnHeadings;
  readonly answers: { readonly there: Set<string>; readonly gone: Set<string> };
}

/** Throws `cancelled` if no answer lets the file be read. */
async function answered(
  prompter: Prompter,
  { field, words, candidates, otherwise, values }: Question,
  { headings, answers }: Answers,
): Promise<ColumnHeadings> {
  const { askYesNo } = await import('../terminal/prompt.ts');
  const set = (heading: string) => new Map([...headings, [field, heading] as const]);
  if (values !== undefined) {
    for (const [value, rows] of values) {
      const question = `${words.split(', and ')[0]}: is somebody with "${value}" (${rows === 1 ? '1 row' : `${rows} rows`}) still there?`;
      ((await askYesNo(prompter, question)) ? answers.there : answers.gone).add(value);
    }
    return headings;
  }
  const instead = otherwise === undefined || otherwise === '' ? '' : ` instead of those in "${otherwise}"`;
  for (const { heading, examples } of candidates) {
    const question =
      field === 'role'
        ? `the column "${heading}" looks like roles (${examples}); grant them${instead}?`
        : field === 'status'
          ? `${words}; leave such people out?`
          : `invite the addresses in "${heading}" (${examples})?`;
    if (await askYesNo(prompter, question)) return set(heading);
  }
  const isIgnored =
    otherwise !== undefined && (candidates.length > 0 || (await askYesNo(prompter, `${words}; ignore it?`)));
  if (isIgnored) return set(otherwise);
  throw new CliError('cancelled', 'cancelled, nothing was changed');
}
