import type { TextColumn } from '../output/text-table.ts';
import type { Report } from './report.ts';

/** A section of the report as text: a table, or a note. */
export interface Section {
  /** The field of the report that it shows. */
  readonly field: keyof Report;
  readonly title: string;
  readonly columns: readonly TextColumn[];
  readonly rows: readonly Row[];
  /** A note below the table, or in place of a table without rows. */
  readonly note?: string;
}

export interface Row {
  readonly cells: readonly string[];
  /** The length of the bar, in tables that have bars. */
  readonly count?: number;
}
