import { emailProblem } from '../api/email.ts';
import { resemblesRole } from '../api/roles.ts';
import { type ColumnMapping, ignoredColumns } from './columns.ts';
import type { FileRecord } from './record.ts';
import { cellText, emailText, roleWords } from './row.ts';

const mostExamples = 3;

/** Finds ignored columns all of whose cells that are not empty look like roles. */
export class RoleColumns {
  /** Some cells of each column; undefined for a column that contains something else too. */
  readonly #examples = new Map<string, Set<string> | undefined>();
  readonly #known = new Map<string, boolean>();
  #columns: readonly string[] | undefined;
  #candidates: { readonly column: string; readonly index: number }[] = [];

  see({ columns, cells }: FileRecord, mapping: ColumnMapping): void {
    if (columns !== this.#columns) this.#learn(columns, mapping);
    for (const candidate of this.#candidates) {
      const cell = cellText(cells[candidate.index]);
      if (cell === '') continue;
      if (!this.#looksLikeRoles(cell)) this.#exclude(candidate);
      else this.#addExample(candidate.column, cell);
    }
  }

  /** The columns found, each with some of its cells. */
  found(): ReadonlyMap<string, string> {
    const found = new Map<string, string>();
    for (const [column, cells] of this.#examples) if (cells !== undefined) found.set(column, [...cells].join(', '));
    return found;
  }

  #addExample(column: string, cell: string): void {
    const cells = this.#examples.get(column) ?? new Set();
    this.#examples.set(column, cells);
    if (cells.size < mostExamples) cells.add(cell);
  }

  #learn(columns: readonly string[], mapping: ColumnMapping): void {
    this.#columns = columns;
    this.#candidates = ignoredColumns(columns, mapping)
      .filter((column) => !this.#examples.has(column) || this.#examples.get(column) !== undefined)
      .map((column) => ({ column, index: columns.indexOf(column) }));
  }

  #exclude(candidate: { readonly column: string }): void {
    this.#examples.set(candidate.column, undefined);
    this.#candidates = this.#candidates.filter((other) => other !== candidate);
  }

  #looksLikeRoles(cell: string): boolean {
    const before = this.#known.get(cell);
    if (before !== undefined) return before;
    const words = roleWords(cell);
    const result = words.length > 0 && words.every(resemblesRole);
    if (this.#known.size < 1000) this.#known.set(cell, result);
    return result;
  }
}

/** The number of rows read to find the column of addresses. */
const mostLookedAt = 1000;

/** Finds columns in which most cells that are not empty are addresses. */
export class AddressColumns {
  readonly #columns: readonly string[];
  readonly #addresses: number[];
  readonly #others: number[];
  #rows = 0;

  constructor(columns: readonly string[]) {
    this.#columns = columns;
    this.#addresses = columns.map(() => 0);
    this.#others = columns.map(() => 0);
  }

  /** False if no more rows are needed. */
  see(cells: readonly unknown[]): boolean {
    this.#rows += 1;
    for (const [index, cell] of cells.entries()) {
      const text = emailText(cell);
      if (text === '') continue;
      const counts = emailProblem(text, { allowUnicode: true }) === undefined ? this.#addresses : this.#others;
      counts[index] = (counts[index] ?? 0) + 1;
    }
    return this.#rows < mostLookedAt;
  }

  /** Sorted by the number of addresses, descending. */
  found(): string[] {
    return this.#columns
      .map((column, index) => {
        const [addresses = 0, others = 0] = [this.#addresses[index], this.#others[index]];
        return { column, addresses, others };
      })
      .filter(({ column, addresses, others }) => addresses > others && column.trim() !== '')
      .sort((a, b) => b.addresses - a.addresses)
      .map(({ column }) => column);
  }
}
