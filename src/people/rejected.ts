import { foldEmail } from '../api/email.ts';
import { CliError } from '../errors.ts';
import { ioError } from '../files/io-error.ts';
import { look, readBytes } from '../files/read.ts';
import { renameFile, replaceFile } from '../files/write.ts';
import { clean } from '../text/sanitize.ts';
import { mappingOf, type Understood } from './columns.ts';
import type { FileProblem } from './problems.ts';
import { cellText, type FileRecord, UnreadableRecord } from './record.ts';
import { type FileFormat, formatOf, recordsOf } from './records.ts';
import { emailText } from './row.ts';
import { decode, encode, formOf } from './source.ts';

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
  const isRejected = isRejectedFile(file) && columns.includes(errorColumn);
  return file !== undefined && isRejected ? file : `${file ?? 'invite-import'}${ending}`;
}

/** Whether a file is one of rejected rows by its name, which may have lost the column of the reasons. */
export function isRejectedFile(file: string | undefined): file is string {
  return file?.endsWith(ending) === true;
}

/** The column of the reason. A column of that name, from an earlier import, is replaced. */
const errorColumn = 'error';

/** An imported file, as far as its rows are read a second time. */
interface ImportedFile {
  readonly text: Buffer;
  readonly format: FileFormat;
  readonly understood: Understood;
}

/** The rejected rows of a file. */
interface RejectedFile extends ImportedFile {
  /** As they were read: the rejected rows get the same encoding and line ends. */
  readonly bytes: Buffer;
  readonly reasons: Reasons;
  /** Called with each row before any is written. */
  readonly onProblem: (problem: FileProblem) => void;
}

/** Writes the rejected rows in the form of their file, with the reason, to be corrected and imported. Throws `io_error`. */
export async function writeRejected(path: string, file: RejectedFile): Promise<void> {
  const { csvText } = await import('../output/csv.ts');
  const columns = new Set<string>();
  for await (const { record, reason } of refused(file)) {
    file.onProblem({ line: record.line, message: reason });
    // All columns of any of these rows; objects in JSON may differ.
    for (const column of record.columns) columns.add(column);
  }
  columns.delete(errorColumn);
  const { encoding, hasMark, crlf } = formOf(file.bytes, file.text);
  const delimiter = file.format.kind === 'csv' ? file.format.delimiter : ',';
  const line = (cells: readonly string[]) => encode(csvText([cells], crlf, delimiter), encoding);
  const lines = async function* () {
    if (hasMark) yield encode('\ufeff', encoding);
    yield line([...columns, errorColumn]);
    for await (const { record, reason } of refused(file))
      yield line([...cellsFor(record, [...columns]), clean(reason)]);
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
    const text = decode(readBytes(path, { maxBytes, noFollow: true }), path);
    const format = formatOf(text);
    if (format === undefined) return false;
    for await (const record of (await recordsOf(text, format)).records) {
      if (record.isHeader) columns = record.columns.filter((column) => column !== errorColumn);
      else rows.add(rowKey(record, columns));
    }
  } catch (error) {
    if (error instanceof UnreadableRecord || error instanceof CliError) return true;
    throw ioError(`cannot read "${path}"`, path, error);
  }
  for await (const record of (await recordsOf(imported.text, imported.format)).records)
    rows.delete(rowKey(record, columns));
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
  return renamed(path, `${path}.bak`);
}

/** Renames a file of rejected rows of which none fails any more: it may be the only record of them. Throws `io_error`. */
export function markDone(path: string): string {
  return renamed(path, path.replace(/\.csv$/, '.done.csv'));
}

/** To a name that is free: what has it is kept as well. */
function renamed(path: string, wanted: string): string {
  let free = wanted;
  for (let number = 2; lookAt(free) !== undefined; number += 1)
    free = wanted.replace(/(\.done\.csv|\.bak)$/, `-${number}$1`);
  renameFile(path, free);
  return free;
}

/** Reads the file a second time: keeping all rows for the few that fail would take the memory of the whole file. */
async function* refused({ text, format, understood, reasons }: RejectedFile) {
  for await (const record of (await recordsOf(text, format)).records) {
    const { email } = mappingOf(record.columns, understood);
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
