import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { foldEmail } from '../api/email.ts';
import { CliError } from '../errors.ts';
import { clean } from '../text/sanitize.ts';
import { type ColumnHeadings, mapColumns } from './columns.ts';
import type { FileProblem } from './problems.ts';
import { type FileRecord, UnreadableRecord } from './record.ts';
import { csvRecords, formatOf, recordsOf } from './records.ts';
import { cellText, emailText } from './row.ts';

/** The reason for each rejected row, by e-mail in lower case. */
type Reasons = ReadonlyMap<string, string>;

const ending = '.rejected.csv';

/**
 * The file for rejected rows, next to the imported file, or in the current folder for stdin. The rows rejected from a
 * file of rejected rows replace that file.
 */
export function rejectedPath(file: string | undefined, columns: readonly string[] = []): string {
  const isRejected = file?.endsWith(ending) && columns.includes(errorColumn);
  return file !== undefined && isRejected ? file : `${file ?? 'invite-import'}${ending}`;
}

/** The column of the reason. A column of that name, from an earlier import, is replaced. */
const errorColumn = 'error';

/** An imported file. */
interface ImportedFile {
  readonly text: Buffer;
  readonly headings?: ColumnHeadings;
}

/** The rejected rows of a file. */
interface RejectedFile extends ImportedFile {
  readonly reasons: Reasons;
  /** Called with each row before any is written. */
  readonly onProblem: (problem: FileProblem) => void;
}

/** Writes the rejected rows unchanged, with the reason, to be corrected and imported. Throws `io_error`. */
export async function writeRejected(path: string, file: RejectedFile): Promise<void> {
  const { csvText } = await import('../output/csv.ts');
  const columns = new Set<string>();
  for await (const { record, reason } of refused(file)) {
    file.onProblem({ line: record.line, message: reason });
    // All columns of any of these rows; objects in JSON may differ.
    for (const column of record.columns) columns.add(column);
  }
  columns.delete(errorColumn);
  await write(path, csvText([[...columns, errorColumn]]), async function* () {
    for await (const { record, reason } of refused(file)) {
      yield csvText([[...cellsFor(record, [...columns]), clean(reason)]]);
    }
  });
}

async function write(path: string, head: string, lines: () => AsyncIterable<string>): Promise<void> {
  try {
    const file = openSync(path, 'w', 0o600);
    try {
      writeAll(file, head);
      for await (const line of lines()) writeAll(file, line);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw ioError(`cannot write "${path}"`, path, error);
  }
}

function ioError(message: string, path: string, error: unknown): CliError {
  const { code, message: reason } = error as NodeJS.ErrnoException;
  return new CliError('io_error', message, { reason: code ?? reason, target: path, cause: error });
}

/**
 * Whether there is a file of rejected rows that was edited since it was written: it has a row that the import has not.
 * It may be the only copy of a correction.
 */
export async function isCorrected(path: string, imported: ImportedFile): Promise<boolean> {
  if (!existsSync(path)) return false;
  const rows = new Set<string>();
  let columns: readonly string[] = [];
  try {
    for await (const record of csvRecords(readFileSync(path), ',')) {
      if (record.isHeader) columns = record.columns.filter((column) => column !== errorColumn);
      else rows.add(rowKey(record, columns));
    }
  } catch (error) {
    if (error instanceof UnreadableRecord) return true;
    throw ioError(`cannot read "${path}"`, path, error);
  }
  const format = formatOf(imported.text, imported.headings);
  if (format === undefined) return rows.size > 0;
  for await (const record of recordsOf(imported.text, format)) rows.delete(rowKey(record, columns));
  return rows.size > 0;
}

function rowKey(record: FileRecord, columns: readonly string[]): string {
  return JSON.stringify(cellsFor(record, columns).map((cell) => cell.trim()));
}

/** Renames a file to keep it; returns the new path. Throws `io_error`. */
export function keepAside(path: string): string {
  const aside = `${path}.bak`;
  try {
    renameSync(path, aside);
    return aside;
  } catch (error) {
    throw ioError(`cannot rename "${path}"`, path, error);
  }
}

/** Removes an outdated file; returns whether there was one. Throws `io_error`. */
export function removeRejected(path: string): boolean {
  if (!existsSync(path)) return false;
  try {
    rmSync(path);
    return true;
  } catch (error) {
    throw ioError(`cannot remove "${path}"`, path, error);
  }
}

/** Reads the file a second time: keeping all rows for the few that fail would take the memory of the whole file. */
async function* refused({
  text,
  headings,
  reasons,
}: RejectedFile): AsyncGenerator<{ record: FileRecord; reason: string }> {
  const format = formatOf(text, headings);
  if (format === undefined) return;
  for await (const record of recordsOf(text, format)) {
    const { email } = mapColumns(record.columns, headings);
    const reason = email === undefined ? undefined : reasons.get(foldEmail(emailText(record.cells[email])));
    if (reason !== undefined) yield { record, reason };
  }
}

function cellsFor({ columns, cells }: FileRecord, wanted: readonly string[]): string[] {
  return wanted.map((column) => {
    const cell = cells[columns.indexOf(column)];
    return typeof cell === 'string' ? cell : cellText(cell);
  });
}

function writeAll(file: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
}
