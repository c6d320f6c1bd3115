import { outcomes } from '../changes/result.ts';
import { cellText, columnsOf, type TableColumn } from '../output/cells.ts';
import { markdownTable } from '../output/markdown.ts';
import type { View } from '../output/view.ts';

/** Rows that a summary shows; the counts say how many there were. */
const mostRows = 500;

/** The results of changes, as a table for the summary of a step. */
export class StepSummary {
  readonly #view: View<unknown>;
  readonly #columns: readonly TableColumn[];
  readonly #rows: string[][] = [];
  readonly #counts = new Map<string, number>();
  #total = 0;
  #isDry = false;

  constructor(view: View<unknown>) {
    this.#view = view;
    this.#columns = columnsOf(view, {});
  }

  get hasOutcomes(): boolean {
    return this.#view.columns.some(({ field }) => field === 'outcome');
  }

  add(item: unknown): void {
    const record = this.#view.record(item);
    const outcome = String(record.outcome);
    this.#total += 1;
    this.#isDry ||= record.dry_run === true;
    this.#counts.set(outcome, (this.#counts.get(outcome) ?? 0) + 1);
    if (this.#rows.length >= mostRows) return;
    this.#rows.push(this.#columns.map((column) => cellText(record, column)));
  }

  /** Every outcome that a change can have, so that a workflow need not ask whether an output is set. */
  counts(): Record<string, number> {
    const isOfChanges = [...this.#counts.keys()].every((outcome) => outcomes.some((known) => known === outcome));
    const all = isOfChanges ? Object.fromEntries(outcomes.map((outcome) => [outcome, 0])) : {};
    return { total: this.#total, ...all, ...Object.fromEntries(this.#counts) };
  }

  markdown(): string {
    const counts = [...this.#counts].map(([outcome, count]) => `${count} ${outcome.replaceAll('_', ' ')}`).join(', ');
    const title = `### Invitations: ${counts === '' ? 'nothing to do' : counts}${this.#isDry ? ' (dry run)' : ''}\n`;
    if (this.#rows.length === 0) return title;
    const isShown = (_: unknown, index: number) =>
      this.#columns[index]?.optional !== true || this.#rows.some((row) => row[index] !== '-');
    const titles = this.#columns.map(({ title }) => title);
    const table = markdownTable(
      titles.filter(isShown),
      this.#rows.map((row) => row.filter(isShown)),
    );
    const left = this.#total - this.#rows.length;
    return `${title}\n${table}${left > 0 ? `\nand ${left} more\n` : ''}`;
  }
}
