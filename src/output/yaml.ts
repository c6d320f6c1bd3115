import { stringify } from 'yaml';
import { cleanLines, jsonSafe } from '../text/sanitize.ts';
import { recordOf } from './fields.ts';
import { orTooDeep } from './json-text.ts';
import type { Renderer } from './view.ts';

/** A sequence for many, a mapping for one. The home of yaml. */
export const renderer: Renderer = {
  async *many(view, batches, paper) {
    let empty = true;
    for await (const batch of batches) {
      if (batch.length === 0) continue;
      empty = false;
      yield yamlText(batch.map((item) => recordOf(view, item, paper)));
    }
    if (empty) yield '[]\n';
  },
  one: (view, item, paper) => yamlText(recordOf(view, item, paper)),
};

const options = {
  // Quotes what a reader of YAML 1.1 would take for a truth value or a time.
  compat: 'yaml-1.1',
  aliasDuplicateObjects: false,
  // Every scalar on one line: in a block of its own, a line of it could pass for a workflow command.
  blockQuote: false,
  lineWidth: 0,
  doubleQuotedMinMultiLineLength: Number.POSITIVE_INFINITY,
} as const;

function yamlText(value: unknown): string {
  const text = orTooDeep(() => stringify(value, options));
  if (cleanLines(text) === text) return text;
  // Only double quotes know escapes, so all scalars get them, the keys as well.
  return jsonSafe(orTooDeep(() => stringify(value, { ...options, defaultStringType: 'QUOTE_DOUBLE' })));
}
