import { resemblesRole } from '../confluent/roles.ts';
import { emailProblem } from '../invitations/email.ts';
import { type ColumnMapping, ignoredColumns } from './columns.ts';
import type { FileRecord } from './record.ts';
import { cellText, emailText, roleWords } from './row.ts';

/** Finds ignored columns whose cells, as far as they are not empty, all look like roles. */
export class RoleColumns {
  /** A cell of each; undefined for a column that holds something else as well. */
  readonly #examples = new Map<string, string | undefined>();
  readonly #known = new Map<string, boolean>();
  #columns: readonly string[] | undefined;
  #candidates: { readonly column: string; readonly index: number }[] = [];

  see({ columns, cells }: FileRecord, mapping: ColumnMapping): void {
    if (columns !== this.#columns) this.#learn(columns, mapping);
    for (const candidate of this.#candidates) {
      const cell = cellText(cells[candidate.index]);
      if (cell === '') continue;
      if (this.#looksLikeRoles(cell)) this.#examples.set(candidate.column, cell);
      else this.#exclude(candidate);
    }
  }

  found(): ReadonlyMap<string, string> {
    const found = new Map<string, string>();
    for (const [column, example] of this.#examples) if (example !== undefined) found.set(column, example);
    return found;
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

/** Rows that are looked at to find the column of addresses. */
const mostLookedAt = 1000;

/** Finds columns whose cells, as far as they are not empty, are all addresses. */
export class AddressColumns {
  readonly #columns: readonly string[];
  readonly #counts: number[];
  #rows = 0;

  constructor(columns: readonly string[]) {
    this.#columns = columns;
    this.#counts = columns.map(() => 0);
  }

  /** False if enough has been seen. */
  see(cells: readonly unknown[]): boolean {
    this.#rows += 1;
    for (const [index, cell] of cells.entries()) {
      const text = emailText(cell);
      if (text === '') continue;
      if (emailProblem(text, { allowUnicode: true }) === undefined)
        this.#counts[index] = (this.#counts[index] ?? 0) + 1;
      else this.#counts[index] = Number.NEGATIVE_INFINITY;
    }
    return this.#rows < mostLookedAt;
  }

  /** The one with most addresses first. */
  found(): string[] {
    return this.#columns
      .map((column, index) => ({ column, count: this.#counts[index] ?? 0 }))
      .filter(({ column, count }) => count > 0 && column.trim() !== '')
      .sort((a, b) => b.count - a.count)
      .map(({ column }) => column);
  }
}
