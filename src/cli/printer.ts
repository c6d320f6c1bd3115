import { type Host, OutputClosed } from '../host.ts';
import type { Redactor } from '../http/redact.ts';
import { checkFields } from '../output/fields.ts';
import { formatDefinition } from '../output/formats.ts';
import { colorLevel, isDumb } from '../output/style.ts';
import type { RenderOptions, View } from '../output/view.ts';
import { cleanLines } from '../text/sanitize.ts';
import type { GlobalOptions } from './global-options.ts';

/** Puts results on stdout in the format that was asked for. */
export interface Printer {
  /** Throws `usage` if `--fields` names what the view does not have; to be asked before anything is sent. */
  expect(view: Pick<View<never>, 'fields'>): void;
  /** Items that arrive in batches. If the reader leaves, no more are asked for. */
  list<T>(view: View<T>, batches: AsyncIterable<readonly T[]>): Promise<void>;
  show<T>(view: View<T>, item: T): Promise<void>;
  /** The results of changes: all of them are carried out, whether or not somebody still reads. */
  results<T>(view: View<T>, results: AsyncIterable<T>): Promise<void>;
}

/** Where results go, and what decides how they look there. */
type Paper = Pick<Host, 'stdout' | 'env'>;

interface PrinterOptions {
  readonly host: Paper;
  readonly globals: GlobalOptions;
  /** Milliseconds since 1970. */
  now(): number;
  /** Says on stderr what is only of use to somebody who looks at a table. */
  remark(text: string): void;
}

export function createPrinter({ host, globals, now, remark }: PrinterOptions): Printer {
  const { output } = globals;
  const expect: Printer['expect'] = (view) => {
    if (globals.fields !== undefined) checkFields(view, globals.fields);
  };
  const list: Printer['list'] = async (view, batches) => {
    expect(view);
    const leftOut = new Set<string>();
    const add = (titles: readonly string[]) => titles.forEach((title) => void leftOut.add(title));
    const options = { ...renderOptions(host, globals, now), leftOut: add };
    const renderer = await formatDefinition(output).load();
    for await (const text of renderer.many(view, batches, options)) await host.stdout.write(text);
    remarkLeftOut(leftOut, remark);
  };
  return {
    expect,
    list,
    show: async (view, item) => {
      expect(view);
      const renderer = await formatDefinition(output).load();
      await host.stdout.write(renderer.one(view, item, renderOptions(host, globals, now)));
    },
    results: async (view, results) => {
      expect(view);
      const source = results[Symbol.asyncIterator]();
      let failure: unknown;
      try {
        await list(view, batched(source, formatDefinition(output).reader === 'person' ? 100 : 1));
      } catch (error) {
        failure = error;
      }
      // Nobody may be reading any more, but what was begun is finished.
      for (let next = await source.next(); next.done !== true; next = await source.next());
      if (failure !== undefined && !(failure instanceof OutputClosed)) throw failure;
    },
  };
}

/** Prints tables on stderr, beside a question: stdout is for the results. */
export function printerBesideResults({
  host: { stderr, env },
  globals,
  now,
  remark,
}: PrinterOptions & { readonly host: Host }): Printer {
  const asTable = { ...globals, output: 'table', fields: undefined } as const;
  return createPrinter({ host: { stdout: stderr, env }, globals: asTable, now, remark });
}

/** All items at once; none is no batch. */
export async function* inOneBatch<T>(items: readonly T[]): AsyncIterable<readonly T[]> {
  if (items.length > 0) yield items;
}

/** Names the columns that the terminal was too narrow for. */
export function remarkLeftOut(titles: ReadonlySet<string>, remark: (text: string) => void): void {
  if (titles.size === 0) return;
  remark(`not shown, the terminal is too narrow: ${[...titles].join(', ')} (-o json has everything)`);
}

/** Batches of this size, for a table takes its widths from the first one. A reader that leaves does not end the source. */
async function* batched<T>(source: AsyncIterator<T>, size: number): AsyncIterable<readonly T[]> {
  for (let isDone = false; !isDone; ) {
    const batch: T[] = [];
    while (batch.length < size && !isDone) {
      const next = await source.next();
      if (next.done === true) isDone = true;
      else batch.push(next.value);
    }
    if (batch.length > 0) yield batch;
  }
}

/** What stdout is at this moment, and how results are to look there. */
export function renderOptions({ stdout, env }: Paper, globals: GlobalOptions, now: () => number): RenderOptions {
  return {
    ...globals,
    isTTY: stdout.isTTY,
    width: stdout.columns ?? 80,
    color: colorLevel({ flag: globals.color, env, isTTY: stdout.isTTY }),
    now,
    accessible: env.ACCESSIBLE !== undefined,
    borderless: isDumb(env),
  };
}

/** What draws a line on the terminal: the progress of changes, or the wait for an answer, which is shown before it. */
type Drawer = 'progress' | 'answer';

/** Draws a line in place of the previous one; undefined erases it. */
export type DrawLine = (line: string | undefined) => void;

/** Messages on stderr: sanitized, redacted, and kept apart from the line that is drawn there. */
export interface Messages {
  print(text: string): void;
  /** The same, unless `--quiet` is set. */
  say(text: string): void;
  /** A message of use only to somebody who reads a table. */
  remark(text: string): void;
  /** Left out with `--quiet` and where no line can be redrawn. */
  readonly draw?: Readonly<Record<Drawer, DrawLine>> | undefined;
  /** Erases the line while something else is written to the terminal. */
  withoutLine<T>(write: () => T): T;
  /** Erases the line before the process ends at once. */
  clear(): void;
}

interface MessagesOptions {
  readonly host: Host;
  readonly globals: GlobalOptions;
  readonly redactor: Redactor;
}

export function createMessages({ host, globals, redactor }: MessagesOptions): Messages {
  const { stderr, env } = host;
  const lines: Partial<Record<Drawer, string | undefined>> = {};
  let shown = '';
  // A closed stderr is no reason to stop.
  const write = (text: string) => void stderr.write(text).catch(() => {});
  const show = (line: string) => {
    if (line === shown) return;
    write((shown === '' ? '' : erasing(shown, stderr.columns)) + line);
    shown = line;
  };
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
  const say = (text: string) => (globals.quiet ? undefined : print(text));
  const drawn = (drawer: Drawer) => (line: string | undefined) => {
    lines[drawer] = line;
    show(fitLine(cleanLines(redactor.redact(lines.answer ?? lines.progress ?? '')), stderr.columns));
  };
  // A screen reader would read a line again and again, and a dumb terminal cannot redraw.
  const canRedraw = stderr.isTTY && env.ACCESSIBLE === undefined && !isDumb(env);
  return {
    ...{ print, say, withoutLine },
    remark: (text) => (formatDefinition(globals.output).reader === 'person' ? say(text) : undefined),
    draw: canRedraw && !globals.quiet ? { progress: drawn('progress'), answer: drawn('answer') } : undefined,
    clear: () => show(''),
  };
}

/** Erases all rows of a line: a window that has become narrower has wrapped it. */
function erasing(line: string, columns: number | undefined): string {
  const rowsAbove = Math.ceil(line.length / (columns || 80)) - 1;
  return rowsAbove > 0 ? `\u001b[${rowsAbove}A\r\u001b[J` : '\r\u001b[K';
}

/** Cut to the width of the terminal: a wrapped line could not be erased. */
function fitLine(text: string, columns: number | undefined): string {
  const room = columns || 80;
  return text.length < room ? text : `${text.slice(0, Math.max(0, room - 2))}…`;
}
