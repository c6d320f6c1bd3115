import { describe, expect, test } from 'vitest';
import { resolveGlobals } from '../../src/cli/global-options.ts';
import { createPrinter } from '../../src/cli/printer.ts';
import { ann, batches, bob, failing, view } from '../output/samples.ts';
import { testHost } from '../support/run-cli.ts';

function printerOf(output: string) {
  const { host, stdout } = testHost({});
  const globals = resolveGlobals({ output }, {});
  return { printer: createPrinter({ host, globals, now: () => 0, remark: () => {} }), stdout };
}

describe('what is written before a source fails', () => {
  test.each([
    ['table', true, true],
    ['ndjson', true, true],
    ['csv', true, false],
    ['yaml', true, false],
    ['id', true, false],
    ['json', false, false],
  ])('%s: of a list %j, of pages of the API %j', async (output, ofList, ofPages) => {
    for (const [act, isWritten] of [
      ['list', ofList],
      ['pages', ofPages],
    ] as const) {
      const { printer, stdout } = printerOf(output);
      await expect(printer[act](view, failing([ann], new Error('page 2')))).rejects.toThrow('page 2');
      expect([act, stdout.length > 0]).toEqual([act, isWritten]);
    }
  });

  test('beyond 16 MiB all of it', async () => {
    const big = Array(17).fill({ ...ann, extra: 'x'.repeat(1024 * 1024) });
    const { printer, stdout } = printerOf('json');
    await printer.list(view, batches(big, [ann], [bob]));
    expect([stdout.length, JSON.parse(stdout.join('')).length]).toEqual([4, 19]);
    const failed = printerOf('json');
    await expect(failed.printer.list(view, failing(big, new Error('late')))).rejects.toThrow('late');
    expect(failed.stdout.join('').endsWith('"}')).toBe(true);
  });
});
