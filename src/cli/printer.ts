import { type Host, OutputClosed } from '../host.ts';
import type { Redactor } from '../http/redact.ts';
import { checkFields } from '../output/fields.ts';
import { formatDefinition } from '../output/formats.ts';
import { colorLevel } from '../output/style.ts';
import type { Batches, RenderOptions, View } from '../output/view.ts';
import { clean, cleanLines } from '../text/sanitize.ts';
import { type GlobalOptions, withConnectionFlags } from './global-options.ts';

/** Puts results on stdout in the format that was asked for. */
export interface Printer {
  /** Throws `usage` if `--fields` names what the view does not have; to be asked before anything is sent. */
  expect(view: Pick<View<never>, 'fields'>): void;
  /** Items that arrive in batches. If the reader leaves, no more are asked for. */
  list<T>(view: View<T>, batches: Batches<T>): Promise<void>;
  /** The same for the pages of the API: some formats show all of them, or nothing if one fails. */
  pages<T>(view: View<T>, pages: Batches<T>): Promise<void>;
  show<T>(view: View<T>, item: T): Promise<void>;
  /** The results of changes: all of them are carried out, whether or not somebody still reads. */
  results<T>(view: View<T>, results: AsyncIterable<T>): Promise<void>;
}

/** Where results go, what decides how they look there, and what is said about them. */
interface PrinterOptions {
  readonly host: Pick<Host, 'stdout' | 'env'>;
  readonly globals: GlobalOptions;
  /** Milliseconds since 1970. */
  now(): number;
  /** Says on stderr what is only of use to somebody who looks at a table. */
  remark(text: string): void;
}

export function createPrinter(options: PrinterOptions): Printer {
  const { fields, output } = options.globals;
  const { stdout } = options.host;
  const { load, reader, held } = formatDefinition(output);
  const expect: Printer['expect'] = (view) => (fields === undefined ? undefined : checkFields(view, fields));
  const print = async <T>(view: View<T>, batches: Batches<T>, isHeld = held === 'everything') => {
    expect(view);
    const leftOut = new Set<string>();
    const add = (titles: readonly string[]) => titles.forEach((title) => void leftOut.add(title));
    const texts = (await load()).many(view, batches, { ...renderOptions(options), leftOut: add });
    for await (const text of isHeld ? bufferedToEnd(texts) : texts) await stdout.write(text);
    remarkLeftOut(leftOut, options.remark);
  };
  return {
    expect,
    list: (view, batches) => print(view, batches),
    pages: (view, pages) => print(view, pages, held !== 'nothing'),
    show: async (view, item) => {
      expect(view);
      await stdout.write((await load()).one(view, item, renderOptions(options)));
    },
    results: async (view, results) => {
      expect(view);
      const source = results[Symbol.asyncIterator]();
      // A reader that leaves does not end the source: it has no `return`.
      const rest = { [Symbol.asyncIterator]: () => ({ next: () => source.next() }) };
      let failure: unknown;
      try {
        await print(view, inBatches(rest, reader === 'person' ? 100 : 1));
      } catch (error) {
        failure = error;
      }
      // Nobody may be reading any more, but what was begun is finished.
      for await (const _ of rest);
      if (failure !== undefined && !(failure instanceof OutputClosed)) throw failure;
    },
  };
}

/** Characters held back until all is there. */
const mostHeld = 16 * 1024 * 1024;

/** Nothing before the source has ended: if it fails, nothing at all. Beyond 16 Mi characters texts are passed on. */
async function* bufferedToEnd(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let held: string[] = [];
  let size = 0;
  for await (const text of texts) {
    held.push(text);
    size += text.length;
    if (size <= mostHeld) continue;
    yield held.join('');
    held = [];
  }
  if (held.length > 0) yield held.join('');
}

/** Prints tables on stderr, beside a question: stdout is for the results. */
export function printerBesideResults(options: PrinterOptions & { readonly host: Host }): Printer {
  const { stderr, env } = options.host;
  const globals = { ...options.globals, output: 'table', fields: undefined } as const;
  return createPrinter({ ...options, host: { stdout: stderr, env }, globals });
}

export function remarkLeftOut(titles: ReadonlySet<string>, remark: (text: string) => void): void {
  if (titles.size === 0) return;
  remark(`not shown, the terminal is too narrow: ${[...titles].join(', ')} (-o json has everything)`);
}

/** Batches of this size, for a table takes its widths from the first one. */
async function* inBatches<T>(items: AsyncIterable<T>, size: number): AsyncIterable<readonly T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** What stdout is at this moment, and how results are to look there. */
export function renderOptions({ host: { stdout, env }, globals, now }: Omit<PrinterOptions, 'remark'>): RenderOptions {
  return {
    ...globals,
    isTTY: stdout.isTTY,
    width: stdout.columns ?? 80,
    color: colorLevel({ flag: globals.color, env, isTTY: stdout.isTTY }),
    now,
    accessible: env.ACCESSIBLE !== undefined,
    borderless: env.TERM === 'dumb',
  };
}

/** What draws a line on the terminal: the progress of changes, or the wait for an answer, which is shown before it. */
type Drawer = 'progress' | 'answer';

/** Draws a line in place of the previous one; undefined erases it. */
export type DrawLine = (line: string | undefined) => void;

interface MessagesOptions {
  readonly host: Host;
  readonly globals: GlobalOptions;
  readonly redactor: Redactor;
}

/** Messages on stderr: sanitized, redacted, and kept apart from the line that is drawn there. */
export function createMessages({ host: { stderr, env }, globals, redactor }: MessagesOptions) {
  const lines: Partial<Record<Drawer, string | undefined>> = {};
  let shown = '';
  // A closed stderr is no reason to stop.
  const write = (text: string) => void stderr.write(text).catch(() => {});
  const show = (line: string) => {
    if (line === shown) return;
    write((shown === '' ? '' : erasing(shown, stderr.columns)) + line);
    shown = line;
  };
  /** Erases the line while something else is written to the terminal. */
  const withoutLine = <T>(act: () => T): T => {
    const line = shown;
    show('');
    const result = act();
    show(line);
    return result;
  };
  const print = (text: string) => {
    const message = cleanLines(redactor.redact(text)).replace(/\n*$/, '\n');
    withoutLine(() => write(message));
  };
  const say = (text: string) => (globals.quiet ? undefined : print(clean(withConnectionFlags(text, globals))));
  const drawn = (drawer: Drawer) => (line: string | undefined) => {
    lines[drawer] = line;
    show(fitLine(cleanLines(redactor.redact(lines.answer ?? lines.progress ?? '')), stderr.columns));
  };
  // A screen reader would read a line again and again, and a dumb terminal cannot redraw.
  const canRedraw = stderr.isTTY && env.ACCESSIBLE === undefined && env.TERM !== 'dumb';
  return {
    print,
    /** The same, unless `--quiet` is set. */
    say,
    /** Prints a message that is of use only to somebody who reads a table: counts, hints, "nothing found". */
    remark: (text: string) => (formatDefinition(globals.output).reader === 'person' ? say(text) : undefined),
    /** Undefined with `--quiet` and where no line can be redrawn. */
    draw: canRedraw && !globals.quiet ? { progress: drawn('progress'), answer: drawn('answer') } : undefined,
    withoutLine,
    /** Erases the line before the process ends at once. */
    clear: () => show(''),
  };
}

/** Erases all rows of a line: a window that has become narrower has wrapped it. */
function erasing(line: string, columns: number | undefined): string {
  const rowsAbove = Math.ceil(line.length / (columns || 80)) - 1;
  return rowsAbove > 0 ? `\u001b[${rowsAbove}A\r\u001b[J` : '\r\u001b[K';
}

/** Cut to one row of the terminal, with the `^C` that it adds when that is typed: a wrapped line could not be erased. */
function fitLine(text: string, columns: number | undefined): string {
  const room = (columns || 80) - 3;
  return text.length <= room ? text : `${text.slice(0, Math.max(0, room - 1))}…`;
}

/** What a change did to its target, with what that means: what was done first, then where nothing was to be done. */
export const outcomeMeanings = {
  created: 'invited; a mail was sent',
  reinvited: 'invited again after an invitation that had ended; a mail was sent',
  resent: 'the invitation was mailed again',
  deleted: 'the invitation was revoked',
  granted: 'one or more roles were granted',
  revoked: 'one or more roles were revoked',
  removed: 'the user of a member was deleted, or the roles that were left were revoked',
  withdrawn: 'removed before they accepted',
  already_invited: 'an invitation is pending, no mail was sent',
  already_member: 'already a member, no mail was sent',
  already_deleted: 'the invitation had been revoked before',
  already_granted: 'they had the roles already',
  not_granted: 'they did not have the roles',
  already_gone: 'already gone; nothing was left to remove',
  skipped: 'left out: the file says that they are gone, or are not people',
  not_found: 'not there: a failure, unless --if-exists is given',
  blocked: 'left alone, for a person to decide: exit code 10',
  failed: 'failed, or not tried because it cannot succeed',
  unknown: 'sent, and the answer was lost: exit code 3 if it is the only one',
  not_attempted: 'never tried, because the command ended before',
} as const;

export type Outcome = keyof typeof outcomeMeanings;

export const outcomes = Object.keys(outcomeMeanings) as readonly Outcome[];

/** Outcomes that say by themselves that something is not as it was wanted. */
const sayIt: readonly string[] = ['not_found', 'blocked', 'failed', 'unknown', 'not_attempted'] satisfies Outcome[];

/** Counts what became of many targets. */
export class OutcomeCounts {
  readonly counts = new Map<string, number>();
  /** Of each outcome, those that failed all the same, such as an invitation without one of its roles. */
  readonly #failed = new Map<string, number>();
  total = 0;
  failed = 0;

  /** Returns whether it is a failure. What was left for a person to decide was not tried. */
  protected counted(outcome: string, error: unknown): boolean {
    const isFailure = error !== undefined && outcome !== 'blocked';
    this.total += 1;
    this.counts.set(outcome, this.count(outcome) + 1);
    this.failed += Number(isFailure);
    this.#failed.set(outcome, (this.#failed.get(outcome) ?? 0) + Number(isFailure));
    return isFailure;
  }

  count(outcome: string): number {
    return this.counts.get(outcome) ?? 0;
  }

  /** `2 created (1 failed), 1 failed`, in the order of the list above: what was done, and how much of it was not done whole. */
  summary(): string {
    const order: readonly string[] = outcomes;
    const parts = [...this.counts]
      .sort(([one], [other]) => order.indexOf(one) - order.indexOf(other))
      .map(([outcome, count]) => {
        const failures = sayIt.includes(outcome) ? 0 : (this.#failed.get(outcome) ?? 0);
        return `${count} ${outcome}${failures === 0 ? '' : ` (${failures} failed)`}`;
      });
    return parts.join(', ') || 'nothing to do';
  }
}
