import { foldEmail } from '../api/email.ts';
import { ioError } from '../files/io-error.ts';
import { look, readBytes } from '../files/read.ts';
import { renameFile, replaceFile } from '../files/write.ts';
import { clean } from '../text/sanitize.ts';
import { type ColumnHeadings, mapColumns } from './columns.ts';
import type { FileProblem } from './problems.ts';
import { type FileRecord, UnreadableRecord } from './record.ts';
import { csvRecords, formatOf, recordsOf } from './records.ts';
import { cellText, emailText } from './row.ts';

/** The reason for each rejected row, by e-mail in lower case. */
type Reasons = ReadonlyMap<string, string>;

const ending = '.rejected.csv';

/** More than the rows of an import can be. */
const maxBytes = 256 * 1024 * 1024;

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
  const lines = async function* () {
    yield csvText([[...columns, errorColumn]]);
    for await (const { record, reason } of refused(file)) {
      yield csvText([[...cellsFor(record, [...columns]), clean(reason)]]);
    }
  };
  await replaceFile(path, lines());
}

/**
 * Whether there is a file of rejected rows that was edited since it was written: it has a row that the import has not.
 * It may be the only copy of a correction. What is no file counts as such: it is not looked into.
 */
export async function isCorrected(path: string, imported: ImportedFile): Promise<boolean> {
  const found = lookAt(path);
  if (found?.isFile() !== true) return found !== undefined;
  const rows = new Set<string>();
  let columns: readonly string[] = [];
  try {
    for await (const record of csvRecords(readBytes(path, { maxBytes, noFollow: true }), ',')) {
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

function lookAt(path: string): ReturnType<typeof look> {
  try {
    return look(path);
  } catch (error) {
    throw ioError(`cannot read "${path}"`, path, error);
  }
}

/** Renames a file to keep it; returns the new path. Throws `io_error`. */
export function keepAside(path: string): string {
  const aside = `${path}.bak`;
  renameFile(path, aside);
  return aside;
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
