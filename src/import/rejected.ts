import { closeSync, openSync, writeSync } from 'node:fs';
import { CliError } from '../errors.ts';
import { foldEmail } from '../invitations/email.ts';
import { clean } from '../output/sanitize.ts';
import { columnMeanings } from './columns.ts';
import { formatOf } from './format.ts';
import { type FileRecord, recordsOf } from './records.ts';
import { cellText } from './row.ts';

/** Why rows were refused, by e-mail in small letters. */
export type Reasons = ReadonlyMap<string, string>;

/** Where the rows of a file go that were refused; those of stdin go into the folder that one is in. */
export function rejectedPath(file: string | undefined): string {
  return `${file ?? 'invite-import'}.rejected.csv`;
}

/** The column that says why. One of that name that was there before, from the last time, is replaced. */
const errorColumn = 'error';

/** Writes those rows as they were, with the reason, so that the file can be mended and imported. Throws `io_error`. */
export async function writeRejected(path: string, text: Buffer, reasons: Reasons): Promise<void> {
  const { csvText } = await import('../output/csv.ts');
  const columns = await columnsOf(text, reasons);
  try {
    const file = openSync(path, 'w', 0o600);
    try {
      writeAll(file, csvText([[...columns, errorColumn]]));
      for await (const { record, reason } of refused(text, reasons)) {
        writeAll(file, csvText([[...cellsFor(record, columns), clean(reason)]]));
      }
    } finally {
      closeSync(file);
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CliError('io_error', `cannot write "${path}"`, { reason: code ?? message, target: path, cause: error });
  }
}

/** The rows are read a second time: to keep them all for the few that fail would take the memory of the whole file. */
async function* refused(text: Buffer, reasons: Reasons): AsyncGenerator<{ record: FileRecord; reason: string }> {
  const format = formatOf(text);
  if (format === undefined) return;
  for await (const record of recordsOf(text, format)) {
    const { email } = columnMeanings(record.columns);
    const reason = email === undefined ? undefined : reasons.get(foldEmail(cellText(record.cells[email])));
    if (reason !== undefined) yield { record, reason };
  }
}

/** Every column that one of those rows has; objects in JSON may differ. */
async function columnsOf(text: Buffer, reasons: Reasons): Promise<readonly string[]> {
  const all = new Set<string>();
  for await (const { record } of refused(text, reasons)) for (const column of record.columns) all.add(column);
  all.delete(errorColumn);
  return [...all];
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
