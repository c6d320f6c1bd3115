import { type EmailRules, foldEmail } from '../api/email.ts';
import { formatRole, type Role } from '../api/roles.ts';
import { ignoredColumns, mapColumns, repeatedColumn } from '../people/columns.ts';
import type { FileProblems } from '../people/problems.ts';
import { type FileRecord, UnreadableRecord } from '../people/record.ts';
import { cellText, type Row, rowParser } from '../people/row.ts';
import { didYouMean } from '../text/suggest.ts';
import { type DesiredPerson, parseUntil, type Until } from './desired.ts';
import { notADate } from './fields.ts';

/** The columns of a membership file, in the order of an export. */
export const columns = ['email', 'role', 'scope', 'auth_type', 'until', 'note'] as const;

/** The people of a CSV file. A person may have several rows; a role of `-` means none at all. */
export async function readTable(
  text: Buffer,
  delimiter: string,
  { problems, rules }: { readonly problems: FileProblems; readonly rules: EmailRules },
): Promise<DesiredPerson[]> {
  const { csvRecords } = await import('../people/records.ts');
  const reader = new TableReader(problems, rules);
  for await (const record of csvRecords(text, delimiter)) reader.take(record);
  return reader.people();
}

/** A person while rows are still added. */
type Draft = { -readonly [Key in keyof DesiredPerson]: DesiredPerson[Key] };

class TableReader {
  readonly #problems: FileProblems;
  readonly #read: ReturnType<typeof rowParser>;
  readonly #people = new Map<string, Draft>();
  readonly #roles = new Map<string, Role>();
  #meanings = mapColumns([]);
  #until = -1;
  #note = -1;

  constructor(problems: FileProblems, rules: EmailRules) {
    this.#problems = problems;
    this.#read = rowParser(rules);
  }

  people(): DesiredPerson[] {
    return [...this.#people.values()];
  }

  take(record: FileRecord): void {
    const { line, columns: named, cells } = record;
    if (record.isHeader) {
      this.#learn(record);
      return;
    }
    if (cells.length !== named.length) {
      this.#problems.add(line, `it has ${cells.length} cells, the first line names ${named.length} columns`);
      return;
    }
    const none = cellText(cells[this.#meanings.role ?? -1]) === '-';
    const read = this.#read(none ? withoutRole(record, this.#meanings.role) : record, this.#meanings);
    const until = this.#untilIn(cellText(cells[this.#until]), line);
    const note = cellText(cells[this.#note]);
    if ('row' in read) this.#add(read.row, { none, until, note });
    else for (const { words, kind } of read.problems) this.#problems.add(line, words, kind);
  }

  #learn({ columns: named, line }: FileRecord): void {
    this.#meanings = mapColumns(named);
    const plain = named.map((name) => name.trim().toLowerCase());
    [this.#until, this.#note] = [plain.indexOf('until'), plain.indexOf('note')];
    const repeated = repeatedColumn(named);
    if (repeated !== undefined) throw new UnreadableRecord(line, `the column "${repeated}" appears twice`);
    if (this.#meanings.email === undefined) throw new UnreadableRecord(line, 'there is no column "email"');
    for (const name of ignoredColumns(plain, this.#meanings)) {
      if (name.startsWith('x-') || name === 'until' || name === 'note') continue;
      const [hint = `known: ${columns.join(', ')}`] = didYouMean(name, columns);
      this.#problems.add(line, `"${name}" is not a column; ${hint}; "x-${name}" would be left alone`);
    }
  }

  #untilIn(text: string, line: number): Until | undefined {
    const until = text === '' ? undefined : parseUntil(text);
    if (text !== '' && until === undefined) this.#problems.add(line, notADate(text));
    return until;
  }

  #add(row: Row, { none, until, note }: { none: boolean; until: Until | undefined; note: string }): void {
    const { line, email, authType } = row;
    const key = foldEmail(email);
    const person = this.#people.get(key) ?? { line, email };
    this.#people.set(key, person);
    if (note !== '') person.note ??= note;
    if (authType !== undefined && person.auth_type !== undefined && person.auth_type !== authType) {
      this.#problems.add(line, `"${email}" has another auth_type than in an earlier line`);
    }
    if (authType !== undefined) person.auth_type ??= authType;
    this.#addRoles(person, row, none);
    // In a row without a role, `until` is that of the person.
    if (until === undefined) return;
    if (row.roles.length === 0) person.until = until;
    else person.roles = (person.roles ?? []).map((role) => (role.line === line ? { ...role, until } : role));
  }

  #addRoles(person: Draft, { line, email, roles }: Row, none: boolean): void {
    if (!none && roles.length === 0) return;
    const hadNone = person.roles?.length === 0;
    if ((none && person.roles !== undefined && !hadNone) || (!none && hadNone)) {
      this.#problems.add(line, `"${email}" has both "-", for no role at all, and a role`);
    }
    person.roles = (person.roles ?? []).concat(roles.map((role) => ({ line, role: this.#shared(role) })));
  }

  /** One object for each role, which many rows share. */
  #shared(role: Role): Role {
    const text = formatRole(role);
    const known = this.#roles.get(text) ?? role;
    this.#roles.set(text, known);
    return known;
  }
}

function withoutRole(record: FileRecord, place: number | undefined): FileRecord {
  return { ...record, cells: record.cells.map((cell, index) => (index === place ? '' : cell)) };
}
