import { stringify } from 'yaml';
import { orTooDeep } from '../text/json-fields.ts';
import { cleanLines, jsonSafe } from '../text/sanitize.ts';
import { recordsOf } from './fields.ts';
import type { Renderer } from './view.ts';

/** A sequence for many, a mapping for one. The home of yaml. */
export const renderer: Renderer = {
  async *many(view, batches, options) {
    const toRecord = recordsOf(view, options);
    let empty = true;
    for await (const batch of batches) {
      if (batch.length === 0) continue;
      empty = false;
      yield yamlText(batch.map(toRecord));
    }
    if (empty) yield '[]\n';
  },
  one: (view, item, options) => yamlText(recordsOf(view, options)(item)),
};

const yamlOptions = {
  // Quotes what a reader of YAML 1.1 would take for a boolean or a time.
  compat: 'yaml-1.1',
  aliasDuplicateObjects: false,
  // Every scalar on one line: in a block of its own, a line of it could pass for a workflow command.
  blockQuote: false,
  lineWidth: 0,
  doubleQuotedMinMultiLineLength: Number.POSITIVE_INFINITY,
} as const;

function yamlText(value: unknown): string {
  const text = orTooDeep(() => stringify(value, yamlOptions));
  if (cleanLines(text) === text) return text;
  // Only double-quoted scalars can hold escapes, so all are quoted, the keys as well.
  return jsonSafe(orTooDeep(() => stringify(value, { ...yamlOptions, defaultStringType: 'QUOTE_DOUBLE' })));
}
