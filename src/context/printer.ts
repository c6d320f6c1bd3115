import { OutputClosed } from '../host/output.ts';
import type { Host } from '../host.ts';
import { checkFields } from '../output/fields.ts';
import { formatDefinition } from '../output/formats.ts';
import { colorLevel, isDumb } from '../output/style.ts';
import type { RenderOptions, View } from '../output/view.ts';
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
  /** Says on stderr what is only of use to somebody who looks at a table. */
  remark(text: string): void;
}

export function createPrinter({ host, globals, remark }: PrinterOptions): Printer {
  const { output } = globals;
  const expect: Printer['expect'] = (view) => {
    if (globals.fields !== undefined) checkFields(view, globals.fields);
  };
  const list: Printer['list'] = async (view, batches) => {
    expect(view);
    const leftOut = new Set<string>();
    const options = { ...renderOptions(host, globals), leftOut: (titles: readonly string[]) => titles.forEach(add) };
    const add = (title: string) => void leftOut.add(title);
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
      await host.stdout.write(renderer.one(view, item, renderOptions(host, globals)));
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
export function renderOptions({ stdout, env, clock }: Host, globals: GlobalOptions): RenderOptions {
  return {
    ...globals,
    isTTY: stdout.isTTY,
    width: stdout.columns ?? 80,
    color: colorLevel({ flag: globals.color, env, isTTY: stdout.isTTY }),
    now: clock.now(),
    accessible: env.ACCESSIBLE !== undefined,
    borderless: isDumb(env),
  };
}
