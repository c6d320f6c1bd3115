import { CliError } from '../errors.ts';
import type { Prompter } from '../terminal/prompt.ts';
import { shellQuote } from '../text/suggest.ts';
import { counted, firstOf } from '../text/times.ts';
import { alsoTold, type ColumnHeadings, type ColumnTold, formatColumns } from './columns.ts';
import { headingAmong, knownColumns } from './headings.ts';
import { checkConflicts, FileProblems, UnreadableFile } from './problems.ts';
import { profileOf } from './profile.ts';
import { type ColumnsOfFile, type LeftOut, ofDays, type Row, readRows } from './rows.ts';
import { csvTable, type FileFormat, firstLine, formatOf, linesTable, type Table } from './table.ts';
import {
  answerKey,
  type Question,
  Reading,
  type ReadingRules,
  type Understood,
  unknownRoleNames,
} from './understand.ts';

export interface PeopleSource {
  /** For messages. */
  readonly name: string;
  readonly text: string;
}

type Take = (row: Row, problems: FileProblems) => void;

/** The clock of the server, as far as it is known. */
interface Today {
  /** Milliseconds since 1970. */
  now(): number;
  /** Asks the server for whatever the command needs: any answer tells the time. */
  ask(): Promise<unknown>;
}

export interface OpenOptions extends ReadingRules {
  /** The verb of the messages: `import`. */
  readonly act: string;
  /** Where questions are asked; nowhere if undefined. */
  readonly prompter?: Prompter | undefined;
  /** Believes the names of roles in a file that this program wrote. */
  readonly trustsOurs?: boolean;
  /** Those of the names that are not predefined and that nobody holds. Undefined if all names are let through. */
  readonly unknownRoles?: (names: readonly string[]) => Promise<readonly string[]>;
  /** What was answered before. */
  readonly answers?: Map<string, boolean>;
  /** Where what is wrong with it is collected. */
  readonly problems?: FileProblems;
  /** Complains about the columns, before the rows are read. @param line That of the header. */
  readonly check?: (columns: ColumnsOfFile, problems: FileProblems, line: number) => void;
}

/** What a file turned out to hold. */
export interface PeopleFile {
  readonly format: FileFormat;
  readonly understood: Understood;
  /** What `--columns` says, and what was answered. */
  readonly headings: ColumnHeadings;
  readonly answers: Map<string, boolean>;
  readonly leftOut: readonly LeftOut[];
  /** Read again for the rows that fail: to keep all for the few would take the memory of the file once more. */
  readonly text: string;
  /** Sentences about what stands around the people. */
  readonly notes: readonly string[];
}

/**
 * Reads a file of people in whatever form it is. What it does not say by itself is asked at a terminal. Throws
 * `invalid_file` with everything that is wrong, or that would have to be asked; nothing may be done then.
 */
export async function openPeople({ name, text }: PeopleSource, options: OpenOptions, take: Take): Promise<PeopleFile> {
  const { problems = new FileProblems() } = options;
  const format = formatOf(text, options.columns);
  const hints = format?.kind === 'lines' ? hintsForLines(text) : [];
  try {
    if (format === undefined) throw new UnreadableFile(1, 'the file is empty');
    checkConflicts(text, problems);
    problems.throwIfAny(name, [], options.act);
    const table = await tableOf(text, format);
    // Who is on another page is not to be removed.
    if (table.goesOn !== undefined && options.act !== 'import') throw new UnreadableFile(1, table.goesOn);
    const { headings, questions, ...columns } = await understandAll(table, options);
    if (columns.understood.email === undefined && table.columns.length > 0)
      throw new UnreadableFile(table.header ?? 1, `there is no column "email"; known columns: ${knownColumns}`);
    // Whom a file means comes first: else the column of their addresses could be complained about.
    if (questions[0]?.field !== 'email') options.check?.(columns, problems, table.header ?? 1);
    if (questions.length > 0) {
      problems.throwIfAny(name, hints, options.act);
      throw undecided(name, questions, { headings, act: options.act });
    }
    const leftOut = readRows(table, { ...options, ...columns, problems, take });
    problems.throwIfAny(name, hints, options.act);
    const notes = [firstOf(table.notes, 10, 'more lines are left out'), table.goesOn ?? []].flat();
    const { understood, answers } = columns;
    return { format, text, notes, headings, answers, understood, leftOut };
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    problems.add(error.line, error.message);
    throw problems.failure(name, hints, options.act);
  }
}

/**
 * The same for a file in which days may decide who is there: once it is found right, the server is asked for the time,
 * and where its day is another one the rows are read again.
 * @param start Called before each reading, for what takes the rows.
 */
export async function openToday(
  source: PeopleSource,
  options: Omit<OpenOptions, 'now'>,
  { now: readClock, ask }: Today,
  start: () => Take,
): Promise<PeopleFile> {
  const before = readClock();
  const found = await openPeople(source, { ...options, now: before }, start());
  const { headings: columns, answers, understood } = found;
  if (![...understood.tellings.values()].some((telling) => ofDays.has(telling))) return found;
  await ask();
  const now = readClock();
  return Math.abs(now - before) < 60_000 ? found : openPeople(source, { ...options, columns, answers, now }, start());
}

function hintsForLines(text: string): string[] {
  const line = firstLine(text).trim();
  const isAligned = /\S {2,}\S/.test(line);
  const isHeading = !line.includes('@') && !isAligned && line.length < 100;
  const columns = shellQuote(formatColumns([{ field: 'email', heading: line }]));
  return [
    ...(isAligned ? ['columns that only spaces separate are not read; export them as CSV or JSON'] : []),
    ...(isHeading ? [`if the first line is a heading: --columns ${columns}`] : []),
    `a table begins with a line that names its columns: ${knownColumns}`,
  ];
}

/** Asks until nothing is left to ask, if somebody can be asked. */
async function understandAll(table: Table, options: OpenOptions) {
  const { unknownRoles, prompter, allowUnknownRoles = false, trustsOurs = false } = options;
  let headings: ColumnHeadings = options.columns ?? [];
  checkHeadings(table, headings);
  const { answers = new Map<string, boolean>() } = options;
  for (;;) {
    const profile = profileOf(table, headings);
    const names = allowUnknownRoles ? [] : unknownRoleNames(profile, headings);
    const unknown = names.length === 0 ? [] : ((await unknownRoles?.(names)) ?? []);
    const held = new Set(names.filter((role) => !unknown.includes(role)));
    const { understood, questions } = new Reading({ ...options, ...profile, headings, held, answers });
    const { isOurs, shared } = profile;
    const isChecked = unknownRoles !== undefined && !allowUnknownRoles && !(trustsOurs && isOurs);
    const [question] = questions;
    if (question === undefined || prompter === undefined) {
      // What is in the cells would take the memory of the file once more.
      for (const { values, away } of profile.columns) for (const cells of [values, away]) cells.clear();
      return { headings, questions, understood, isOurs, shared, answers, knownRoles: isChecked ? held : undefined };
    }
    headings = await answered(prompter, question, { headings, answers });
  }
}

/** Throws `UnreadableFile` if a column has no name of its own, or `--columns` names one that is not there. */
function checkHeadings({ header = 1, columns }: Table, headings: ColumnHeadings): void {
  const names = columns.map((column) => column.trim().toLowerCase());
  const twice = columns.find((_, at) => names[at] !== '' && names.indexOf(names[at] ?? '') < at);
  if (twice !== undefined) throw new UnreadableFile(header, `the column "${twice}" appears twice`);
  if (columns.length === 0) return;
  const missing = headings
    .map(({ heading }) => heading)
    .find((one) => one !== '' && headingAmong(columns, one) === undefined);
  if (missing === undefined) return;
  const present = columns.map((column) => `"${column}"`).join(', ');
  throw new UnreadableFile(header, `there is no column "${missing}"; the columns are ${present}`);
}

function undecided(
  name: string,
  questions: readonly Question[],
  { headings, act }: { readonly headings: ColumnHeadings; readonly act: string },
): CliError {
  const hints = questions.flatMap(({ field, choices, otherwise = [], flag: other = [], undecided }) => {
    const flag = (told: ColumnTold) => `--columns ${shellQuote(formatColumns(alsoTold(headings, told)))}`;
    return [
      ...[...choices, otherwise].flat().map(({ told, act }) => `${flag(told)} to ${act}`),
      ...(undecided === undefined || act === 'import' ? [other].flat() : []),
      ...(field === 'scope' ? [`${flag({ field, heading: 'HEADING' })} to name the column of the scope`] : []),
    ];
  });
  return new CliError('invalid_file', `cannot ${act} "${name}", nothing was sent`, {
    reason: questions.map(({ words }) => words).join('\n'),
    hints: [...new Set(hints)],
    target: name,
  });
}

/** Throws `cancelled` if no answer lets the file be read. */
async function answered(
  prompter: Prompter,
  { words, choices, otherwise, undecided }: Question,
  { headings, answers }: { readonly headings: ColumnHeadings; readonly answers: Map<string, boolean> },
): Promise<ColumnHeadings> {
  const { askYesNo } = await import('../terminal/prompt.ts');
  if (undecided !== undefined) {
    const { column, values, wanted } = undecided;
    for (const [value, rows] of values) {
      const question = `${words}; is somebody with "${value}" (${counted(rows, 'row')}) ${wanted}?`;
      answers.set(answerKey(column, value), !(await askYesNo(prompter, question)));
    }
    return headings;
  }
  for (const { told, act } of choices)
    if (await askYesNo(prompter, `${words}; ${act}?`)) return alsoTold(headings, told);
  if (otherwise !== undefined) return alsoTold(headings, otherwise.told);
  throw new CliError('cancelled', 'cancelled, nothing was changed');
}

/** Throws `UnreadableFile` where it is not of its format. */
export async function tableOf(text: string, format: FileFormat): Promise<Table> {
  switch (format.kind) {
    case 'lines':
      return linesTable(text);
    case 'csv':
      return csvTable(text, format);
    case 'json':
    case 'yaml': {
      const { tableOfValues } = await import('./objects.ts');
      if (format.kind === 'yaml') return tableOfValues([await yamlValue(text)]);
      const { jsonValues } = await import('./json.ts');
      return tableOfValues(jsonValues(text));
    }
    default:
      throw new Error(`no such format: ${format satisfies never}`);
  }
}

async function yamlValue(text: string) {
  const { parseYaml } = await import('./yaml.ts');
  const problems = new FileProblems(({ line, message }) => {
    throw new UnreadableFile(line, message);
  });
  const root = parseYaml(text, problems);
  if (root === undefined) throw new UnreadableFile(1, 'it is not valid YAML');
  return root;
}
