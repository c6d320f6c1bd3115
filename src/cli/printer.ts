import { OutputClosed } from '../host/output.ts';
import type { Host } from '../host.ts';
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

interface PrinterOptions {
  readonly host: Host;
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
    // The server's time is known only when the first row has arrived.
    const options = Object.defineProperty({ ...renderOptions(host, globals, now()), leftOut: add }, 'now', {
      get: now,
    });
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
      await host.stdout.write(renderer.one(view, item, renderOptions(host, globals, now())));
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

/** All items at once; none is no batch. */
export async function* inOneBatch<T>(items: readonly T[]): AsyncIterable<readonly T[]> {
  if (items.length > 0) yield items;
}

/** Names the columns that the terminal was too narrow for. */
export function remarkLeftOut(titles: ReadonlySet<string>, remark: (text: string) => void): void {
  if (titles.size === 0) return;
  remark(`not shown, the terminal is too narrow: ${[...titles].join(', ')} (-o json has everything)`);
}

/**
 * Batches of this size, for a table takes its widths from the first one. Written by hand, for a generator would end its
 * source when its reader leaves.
 */
function batched<T>(source: AsyncIterator<T>, size: number): AsyncIterable<readonly T[]> {
  const next = async (): Promise<IteratorResult<readonly T[]>> => {
    const batch: T[] = [];
    while (batch.length < size) {
      const { done, value } = await source.next();
      if (done === true) break;
      batch.push(value);
    }
    return batch.length === 0 ? { done: true, value: undefined } : { done: false, value: batch };
  };
  return { [Symbol.asyncIterator]: () => ({ next }) };
}

/** What stdout is at this moment, and how results are to look there. */
export function renderOptions({ stdout, env }: Host, globals: GlobalOptions, now: number): RenderOptions {
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

/** Whether a line on stderr can be drawn over. A screen reader would read it again and again, and a dumb terminal cannot redraw. */
export function canRedraw({ stderr, env }: Host): boolean {
  return stderr.isTTY && env.ACCESSIBLE === undefined && !isDumb(env);
}

/** Something drawn on the terminal, such as a progress bar, that makes room for messages. */
export interface Overlay {
  hide(): void;
  show(): void;
}

/** Messages on stderr: sanitized, redacted, and kept apart from what is drawn there. */
export interface Messages {
  print(text: string): void;
  /** The same, unless `--quiet` is set. */
  say(text: string): void;
  /** A message of use only to somebody who reads a table. */
  remark(text: string): void;
  setOverlay(drawing: Overlay | undefined): void;
  /** Draws a line in place of the previous one and of the overlay; undefined erases it. */
  status(line: string | undefined): void;
  /** Erases the status line while something else is written to the terminal. */
  withoutStatus<T>(write: () => T): T;
  /** Erases whatever is drawn, before the process ends at once. */
  clear(): void;
}

interface MessagesOptions {
  readonly host: Host;
  readonly globals: GlobalOptions;
  readonly redactor: Redactor;
}

export function createMessages({ host, globals, redactor }: MessagesOptions): Messages {
  let overlay: Overlay | undefined;
  let line: string | undefined;
  const draw = (text: string) => void host.stderr.write(text).catch(() => {});
  const withoutStatus = <T>(write: () => T): T => {
    if (line === undefined) return write();
    draw(clearLine);
    const result = write();
    draw(line);
    return result;
  };
  const print = (text: string) => {
    const message = cleanLines(redactor.redact(text)).replace(/\n*$/, '\n');
    overlay?.hide();
    // A closed stderr is no reason to stop.
    withoutStatus(() => host.stderr.write(message).catch(() => {}));
    overlay?.show();
  };
  const say = (text: string) => (globals.quiet ? undefined : print(text));
  return {
    print,
    say,
    remark: (text) => (formatDefinition(globals.output).reader === 'person' ? say(text) : undefined),
    setOverlay: (next) => {
      overlay = next;
      if (line !== undefined) next?.hide();
    },
    status: (text) => {
      if (line === undefined && text !== undefined) overlay?.hide();
      if (line !== undefined) draw(clearLine);
      const wasShown = line !== undefined;
      line = text === undefined ? undefined : fitLine(cleanLines(redactor.redact(text)), host.stderr.columns);
      if (line !== undefined) draw(line);
      else if (wasShown) overlay?.show();
    },
    withoutStatus,
    clear: () => {
      if (line === undefined) overlay?.hide();
      else draw(clearLine);
      line = undefined;
      overlay = undefined;
    },
  };
}

const clearLine = '\r\u001b[K';

/** Cut to the width of the terminal: a wrapped line could not be erased. */
function fitLine(text: string, columns = 80): string {
  return text.length < columns ? text : `${text.slice(0, Math.max(0, columns - 2))}…`;
}
