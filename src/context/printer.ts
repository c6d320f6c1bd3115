import { OutputClosed } from '../host/output.ts';
import type { Host } from '../host.ts';
import { checkFields } from '../output/fields.ts';
import { formatDefinition } from '../output/formats.ts';
import { colorLevel } from '../output/style.ts';
import type { RenderOptions, View } from '../output/view.ts';
import type { GlobalOptions } from './global-options.ts';

/** Puts results on stdout in the format that was asked for. */
export interface Printer {
  /** Throws `usage` if `--fields` names what the view does not have; to be asked before anything is sent. */
  expect(view: Pick<View<never>, 'fields'>): void;
  /** Items that arrive in batches. If the reader leaves, no more are asked for. */
  list<T>(view: View<T>, batches: AsyncIterable<readonly T[]>): Promise<void>;
  show<T>(view: View<T>, item: T): Promise<void>;
  /** What changes came to: all of them are carried out, whether or not somebody still reads. */
  results<T>(view: View<T>, results: AsyncIterable<T>): Promise<void>;
}

export function createPrinter(host: Host, globals: GlobalOptions): Printer {
  const { output } = globals;
  const paper = (): RenderOptions => renderOptions(host, globals);
  const expect: Printer['expect'] = (view) => {
    if (globals.fields !== undefined) checkFields(view, globals.fields);
  };
  const list: Printer['list'] = async (view, batches) => {
    expect(view);
    const renderer = await formatDefinition(output).load();
    for await (const text of renderer.many(view, batches, paper())) await host.stdout.write(text);
  };
  return {
    expect,
    list,
    show: async (view, item) => {
      expect(view);
      const renderer = await formatDefinition(output).load();
      await host.stdout.write(renderer.one(view, item, paper()));
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

/**
 * Batches of so many, for a table takes its widths from the first one. Written by hand, for a generator would end its
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

/** The place that stdout is; widths and colours are asked for when something is drawn. */
export function renderOptions({ stdout, env, clock }: Host, globals: GlobalOptions): RenderOptions {
  return {
    isTTY: stdout.isTTY,
    width: stdout.columns ?? 80,
    color: colorLevel({ flag: globals.color, env, isTTY: stdout.isTTY }),
    now: clock.now(),
    csvRaw: globals.csvRaw,
    csvCrlf: globals.csvCrlf,
    accessible: env.ACCESSIBLE !== undefined,
    ...(globals.fields === undefined ? {} : { fields: globals.fields }),
  };
}
