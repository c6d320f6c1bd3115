import { closeSync, openSync, writeSync } from 'node:fs';
import { CliError } from '../errors.ts';
import { foldEmail } from '../invitations/email.ts';
import { clean } from '../text/sanitize.ts';
import { mapColumns } from './columns.ts';
import type { FileProblem } from './problems.ts';
import type { FileRecord } from './record.ts';
import { formatOf, recordsOf } from './records.ts';
import { cellText } from './row.ts';

/** Why rows were refused, by e-mail in small letters. */
export type Reasons = ReadonlyMap<string, string>;

/** Where the rows of a file go that were refused; those of stdin go into the folder that one is in. */
export function rejectedPath(file: string | undefined): string {
  return `${file ?? 'invite-import'}.rejected.csv`;
}

/** The column that says why. One of that name that was there before, from the last time, is replaced. */
const errorColumn = 'error';

/** The rows of a file that were refused. */
export interface RejectedFile {
  readonly text: Buffer;
  readonly reasons: Reasons;
  /** Is told each of them before any is written. */
  readonly hear: (complaint: FileProblem) => void;
}

/** Writes those rows as they were, with the reason, so that the file can be mended and imported. Throws `io_error`. */
export async function writeRejected(path: string, { text, reasons, hear }: RejectedFile): Promise<void> {
  const { csvText } = await import('../output/csv.ts');
  const columns = new Set<string>();
  for await (const { record, reason } of refused(text, reasons)) {
    hear({ line: record.line, message: reason });
    // Every column that one of those rows has; objects in JSON may differ.
    for (const column of record.columns) columns.add(column);
  }
  columns.delete(errorColumn);
  await write(path, csvText([[...columns, errorColumn]]), async function* () {
    for await (const { record, reason } of refused(text, reasons)) {
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
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CliError('io_error', `cannot write "${path}"`, { reason: code ?? message, target: path, cause: error });
  }
}

/** The rows are read a second time: to keep them all for the few that fail would take the memory of the whole file. */
async function* refused(text: Buffer, reasons: Reasons): AsyncGenerator<{ record: FileRecord; reason: string }> {
  const format = formatOf(text);
  if (format === undefined) return;
  for await (const record of recordsOf(text, format)) {
    const { email } = mapColumns(record.columns);
    const reason = email === undefined ? undefined : reasons.get(foldEmail(cellText(record.cells[email])));
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
