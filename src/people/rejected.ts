import { foldEmail } from '../api/email.ts';
import { CliError } from '../errors.ts';
import { ioError } from '../files/io-error.ts';
import { look, readBytes } from '../files/read.ts';
import { renameFile, replaceFile } from '../files/write.ts';
import { clean } from '../text/sanitize.ts';
import { type FileFormat, formatOf, tableOf } from './format.ts';
import { type FileProblem, UnreadableFile } from './problems.ts';
import { emailText } from './rows.ts';
import { decode, encode, formOf } from './source.ts';
import type { Table, TableRow } from './table.ts';
import type { Understood } from './understand.ts';

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
  readonly text: string;
  readonly format: FileFormat;
  readonly understood: Understood;
}

/** The rejected rows of a file. */
interface RejectedFile extends ImportedFile {
  /** As they were read: the rejected rows get the same encoding and line ends. */
  readonly bytes: Buffer;
  /** Why each is rejected, by e-mail in lower case. */
  readonly reasons: ReadonlyMap<string, string>;
  /** Called with each row before any is written. */
  readonly onProblem: (problem: FileProblem) => void;
}

/** Writes the rejected rows in the form of their file, with the reason, to be corrected and imported. Throws `io_error`. */
export async function writeRejected(path: string, file: RejectedFile): Promise<void> {
  const { csvText } = await import('../output/csv.ts');
  const table = await tableOf(file.text, file.format);
  const { columns, places } = withoutErrors(table);
  const { encoding, hasMark, crlf } = formOf(file.bytes, file.text);
  const delimiter = file.format.kind === 'csv' ? file.format.delimiter : ',';
  const line = (cells: readonly string[]) => csvText([cells], crlf, delimiter);
  const lines = [line([...columns, errorColumn])];
  for (const row of table.rows) {
    const { email } = file.understood;
    const reason = email && file.reasons.get(foldEmail(emailText(row.cells[email.at] ?? '')));
    if (reason === undefined) continue;
    file.onProblem({ line: row.line, message: reason });
    lines.push(line([...places.map((at) => row.cells[at] ?? ''), clean(reason)]));
  }
  await replaceFile(path, [encode(`${hasMark ? '\ufeff' : ''}${lines.join('')}`, encoding)]);
}

/** The columns of a table but that of the reasons, and where they are. */
function withoutErrors({ columns }: Table) {
  const places = columns.flatMap((column, at) => (column === errorColumn ? [] : [at]));
  return { columns: places.map((at) => columns[at] ?? ''), places };
}

/**
 * Whether there is a file of rejected rows that was edited since it was written: it has a row that the import has not.
 * It may be the only copy of a correction. What is no file counts as such: it is not looked into.
 */
export async function isCorrected(path: string, imported: ImportedFile): Promise<boolean> {
  const found = lookAt(path);
  if (found?.isFile() !== true) return found !== undefined;
  let corrected: Table;
  try {
    const text = decode(readBytes(path, { maxBytes, noFollow: true }), path);
    const format = formatOf(text);
    if (format === undefined) return false;
    corrected = await tableOf(text, format);
  } catch (error) {
    if (error instanceof UnreadableFile || error instanceof CliError) return true;
    throw ioError(`cannot read "${path}"`, path, error);
  }
  const { columns, places } = withoutErrors(corrected);
  const table = await tableOf(imported.text, imported.format);
  const own = columns.map((column) => table.columns.indexOf(column));
  const keyOf = ({ cells }: TableRow, at: readonly number[]) =>
    JSON.stringify(at.map((one) => cells[one]?.trim() ?? ''));
  const known = new Set(table.rows.map((row) => keyOf(row, own)));
  return corrected.rows.some((row) => !known.has(keyOf(row, places)));
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
