import type { Printer } from './cli/printer.ts';
import { OutcomeCounts, outcomes } from './cli/printer.ts';
import { wordsOf } from './errors.ts';
import { appendTo } from './files/write.ts';
import type { Host } from './host.ts';
import { columnsOf, rowOf, type TableColumn } from './output/fields.ts';
import { columnTable } from './output/markdown.ts';
import type { View } from './output/view.ts';
import { clean } from './text/sanitize.ts';

interface RejectedRow {
  /** As it was typed; left out for stdin. */
  readonly file?: string;
  readonly line: number;
  readonly message: string;
}

/** Annotations, summaries and outputs of a GitHub workflow. */
export interface GitHub {
  /** The same printer; results of changes also go into the summary of the step, and are counted. */
  watch(printer: Printer): Printer;
  summarize(markdown: () => string): void;
  /** Sets outputs of the step; names are made of small letters and `_`. */
  count(counts: Readonly<Record<string, number>>): void;
  /** Annotates a row where reviewers of the file see it. */
  reject(row: RejectedRow): void;
  group<T>(title: string, act: () => Promise<T>): Promise<T>;
  /** The log never shows this text again. GitHub keeps it from the log itself. */
  mask(secret: string): void;
  /** Writes summary and outputs. */
  close(): void;
}

interface GitHubOptions {
  readonly host: Host;
  readonly redact: (text: string) => string;
  readonly say: (text: string) => void;
  /** Milliseconds since 1970. */
  now(): number;
}

/** More annotations are dropped: GitHub shows ten a step, and people read the log as well. */
const maxAnnotations = 50;

/** Bytes of a summary; GitHub drops one of more than 1 MiB altogether. */
const summaryLimit = 1_000_000;

export function createGitHub({ host, redact, say, now }: GitHubOptions): GitHub {
  const summaries: string[] = [];
  const outputs: Record<string, number> = {};
  let annotations = 0;
  // To stderr: GitHub reads commands from both streams, and stdout carries nothing but the result.
  const command = (text: string) => void host.stderr.write(`${text}\n`).catch(() => {});
  const count = (counts: Readonly<Record<string, number>>) => void Object.assign(outputs, counts);
  const record = (table: StepSummary) => {
    summaries.push(table.markdown());
    count(table.outputs());
  };
  return {
    watch: (printer) => watched(printer, record, now),
    summarize: (markdown) => summaries.push(markdown()),
    count,
    reject: ({ file, line, message }) => {
      annotations += 1;
      if (annotations > maxAnnotations) return;
      const place = file === undefined ? '' : ` file=${property(file)},line=${line}`;
      const text = file === undefined ? `line ${line}: ${message}` : message;
      command(`::error${place}::${data(redact(text))}`);
    },
    group: async (title, act) => {
      command(`::group::${data(redact(title))}`);
      try {
        return await act();
      } finally {
        command('::endgroup::');
      }
    },
    mask: (secret) => command(`::add-mask::${data(secret)}`),
    close: () => {
      const text = Object.entries(outputs).map(([name, number]) => `${name}=${number}\n`);
      append(host.env.GITHUB_OUTPUT, text.join(''), say);
      append(host.env.GITHUB_STEP_SUMMARY, redact(cut(summaries.join('\n'))), say);
    },
  };
}

function watched(printer: Printer, record: (table: StepSummary) => void, now: () => number): Printer {
  const watch = async <T>(view: View<T>, print: (see: (item: T) => void) => Promise<void>) => {
    const hasOutcomes = view.columns.some(({ field }) => field === 'outcome');
    const table = hasOutcomes ? new StepSummary(view as View<unknown>) : undefined;
    try {
      await print((item) => table?.add(item, now()));
    } finally {
      if (table !== undefined) record(table);
    }
  };
  return {
    ...printer,
    list: (view, batches) =>
      watch(view, (see) => {
        const seen = tapped(batches, (batch) => batch.forEach(see));
        return printer.list(view, seen);
      }),
    results: (view, results) => watch(view, (see) => printer.results(view, tapped(results, see))),
    show: (view, item) =>
      watch(view, (see) => {
        see(item);
        return printer.show(view, item);
      }),
  };
}

async function* tapped<T>(source: AsyncIterable<T> | Iterable<T>, see: (item: T) => void): AsyncIterable<T> {
  for await (const item of source) {
    see(item);
    yield item;
  }
}

/** What follows the last `::` of a workflow command. */
function data(text: string): string {
  return clean(text).replaceAll('%', '%25');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

function cut(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= summaryLimit) return text;
  const kept = bytes.subarray(0, summaryLimit).toString('utf8');
  return `${kept.slice(0, kept.lastIndexOf('\n'))}\n\ntruncated: the summary was too long\n`;
}

/** A summary that cannot be written is no reason to fail, since the work is done. */
function append(path: string | undefined, text: string, say: (text: string) => void): void {
  if (path === undefined || text === '') return;
  try {
    appendTo(path, text);
  } catch (error) {
    say(`cannot write "${path}" for the workflow: ${wordsOf(error)}`);
  }
}

/** Rows that a summary shows; the counts say how many there were. */
const maxRows = 500;

class StepSummary extends OutcomeCounts {
  readonly #view: View<unknown>;
  readonly #columns: readonly TableColumn[];
  readonly #rows: string[][] = [];
  #isDry = false;

  constructor(view: View<unknown>) {
    super();
    this.#view = view;
    this.#columns = columnsOf(view, {});
  }

  /** @param now Milliseconds since 1970. */
  add(item: unknown, now: number): void {
    const record = this.#view.record(item, now);
    this.#isDry ||= record.dry_run === true;
    this.counted(String(record.outcome), record.error);
    if (this.#rows.length >= maxRows) return;
    this.#rows.push(rowOf(this.#columns, record));
  }

  /**
   * Every outcome that a change can have, so that a workflow need not ask whether an output is set. `failed` counts all
   * that failed, also where something was done, so that it agrees with the exit code.
   */
  outputs(): Record<string, number> {
    const isOfChanges = [...this.counts.keys()].every((outcome) => outcomes.some((known) => known === outcome));
    const all = isOfChanges ? Object.fromEntries(outcomes.map((outcome) => [outcome, 0])) : {};
    const ofChanges = isOfChanges ? { failed: this.failed } : {};
    return { total: this.total, ...all, ...Object.fromEntries(this.counts), ...ofChanges };
  }

  markdown(): string {
    const counts = this.summary().replaceAll('_', ' ');
    const title = `### Invitations: ${counts}${this.#isDry ? ' (dry run)' : ''}\n`;
    if (this.#rows.length === 0) return title;
    const table = columnTable(this.#columns, this.#rows);
    const left = this.total - this.#rows.length;
    return `${title}\n${table}${left > 0 ? `\nand ${left} more\n` : ''}`;
  }
}
