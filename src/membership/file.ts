import { mapColumns } from '../import/columns.ts';
import { type FileProblem, FileProblems } from '../import/problems.ts';
import { UnreadableRecord } from '../import/record.ts';
import { formatOf } from '../import/records.ts';
import { mostRows } from '../import/rows.ts';
import { decode } from '../import/source.ts';
import { type EmailRules, foldEmail } from '../invitations/email.ts';
import { type Desired, defaultReinvite, Ignored, type Managed } from './desired.ts';
import { readTable } from './table.ts';

/** Bytes of the largest YAML or JSON file that is read: its parser needs a hundred times as much memory. */
const mostOfDocument = 8 * 1024 * 1024;

/** Bytes from which on the memory for a YAML or JSON file counts more than the time. */
const largeDocument = 1024 * 1024;

/** How a membership file is read. */
export interface Reading extends EmailRules {
  /** `--managed` and `--organization`: what a CSV file has no place for. */
  readonly managed?: Managed;
  readonly organization?: string;
  /** Called with each problem as soon as it is found. */
  readonly onProblem?: (problem: FileProblem) => void;
}

/** Reads and checks all of a file. Throws one `invalid_file` with everything that is wrong, each with its line. */
export async function readMembership(bytes: Buffer, name: string, reading: Reading = {}): Promise<Desired> {
  const problems = new FileProblems(reading.onProblem);
  const text = decode(bytes, name, { act: 'read', hint: 'save it as UTF-8' });
  let desired: Desired | undefined;
  try {
    checkText(text, problems);
    if (problems.count === 0) desired = await desiredIn(text, problems, reading);
    if (desired !== undefined) checkDesired(desired, problems);
  } catch (error) {
    if (!(error instanceof UnreadableRecord)) throw error;
    problems.add(error.line, error.message);
  }
  problems.throwIfAny(name, [], 'read');
  if (desired === undefined) throw new Error('a file without problems was not read');
  return desired;
}

async function desiredIn(text: Buffer, problems: FileProblems, reading: Reading): Promise<Desired | undefined> {
  const delimiter = delimiterOf(text);
  if (delimiter !== undefined) return desiredInTable(text, delimiter, { problems, reading });
  if (reading.managed !== undefined || reading.organization !== undefined) {
    problems.add(1, '--managed and --organization are for CSV; here the file itself says it');
  }
  if (text.length > mostOfDocument) throw new UnreadableRecord(1, 'it is larger than 8 MiB; write it as CSV');
  const { parseYaml } = await import('./yaml.ts');
  const { readDocument } = await import('./read-document.ts');
  const read = () => {
    const root = parseYaml(text.toString(), problems);
    return root === undefined ? undefined : readDocument(root, problems, reading);
  };
  return text.length < largeDocument ? read() : await withSmallerHeap(read);
}

/** Lets V8 collect garbage early, at the cost of time: else its heap grows to twice what a large document needs. */
async function withSmallerHeap<T>(work: () => T): Promise<T> {
  const { setFlagsFromString } = await import('node:v8');
  setFlagsFromString('--optimize-for-size');
  try {
    return work();
  } finally {
    setFlagsFromString('--no-optimize-for-size');
  }
}

interface TableReading {
  readonly problems: FileProblems;
  readonly reading: Reading;
}

async function desiredInTable(text: Buffer, delimiter: string, { problems, reading }: TableReading): Promise<Desired> {
  const { managed = 'none', organization } = reading;
  const people = await readTable(text, delimiter, { problems, rules: reading });
  return {
    managed,
    reinvite: defaultReinvite,
    ignore: [],
    people,
    ...(organization === undefined ? {} : { organization }),
  };
}

/** What parts the columns of a table; undefined if it is YAML or JSON. Only a table names its column `email` in the first line. */
function delimiterOf(text: Buffer): string | undefined {
  const format = formatOf(text);
  if (format?.kind !== 'csv') return undefined;
  const start = text.toString('utf8', 0, 1 << 16).trimStart();
  const line = /^[^\r\n]*/.exec(start)?.[0] ?? '';
  const names = line.split(format.delimiter).map((name) => name.trim().replace(/^"(.*)"$/, '$1'));
  return mapColumns(names).email === undefined ? undefined : format.delimiter;
}

/** What is wrong with a file in whatever form. */
function checkText(text: Buffer, problems: FileProblems): void {
  if (formatOf(text) === undefined) problems.add(1, 'the file is empty');
  if (!text.includes('<<<<<<< ') && !text.includes('>>>>>>> ')) return;
  const lines = text.toString('latin1').split('\n');
  for (const [index, line] of lines.entries()) {
    if (/^(?:<{7}|>{7}|\|{7}) |^={7}\r?$/.test(line)) problems.add(index + 1, 'a merge conflict is left here');
  }
}

function checkDesired(desired: Desired, problems: FileProblems): void {
  const { managed, organization, people } = desired;
  if (people.length > mostRows) throw new UnreadableRecord(1, `the file has more than ${mostRows} people`);
  if (managed !== 'none' && organization === undefined) {
    problems.add(1, `"managed: ${managed}" takes roles away, so the file must name its organization`);
  }
  if (managed === 'people' && people.length === 0 && problems.count === 0) {
    problems.add(1, 'it lists nobody, and with "managed: people" everybody would be removed');
  }
  checkRepetition(desired, problems);
  checkIgnored(desired, problems);
}

function checkRepetition({ people }: Desired, problems: FileProblems): void {
  const lines = new Map<string, number>();
  for (const { email, line } of people) {
    const first = lines.get(foldEmail(email));
    if (first === undefined) lines.set(foldEmail(email), line);
    else problems.add(line, `"${email}" is listed in line ${first} already`);
  }
}

/** Nobody could say which of the two is meant. */
function checkIgnored({ ignore, organization = '', people }: Desired, problems: FileProblems): void {
  if (ignore.length === 0) return;
  const ignored = new Ignored(ignore, organization);
  const reported = new Set<unknown>();
  for (const person of people) {
    const rule = ignored.email(person.email);
    if (rule !== undefined) problems.add(person.line, `"${person.email}" is listed, and ignored in line ${rule.line}`);
    for (const listed of person.roles ?? []) {
      const ruled = reported.has(listed.role) ? undefined : ignored.typedRole(listed.role);
      if (ruled === undefined) continue;
      // Once for a role, not for everybody who has it.
      reported.add(listed.role);
      problems.add(
        listed.line,
        `the role "${listed.role.role_name}" is listed, and "${ruled.text}" is ignored in line ${ruled.line}`,
      );
    }
  }
}
