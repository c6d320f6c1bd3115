import { clean, guardLines } from '../output/sanitize.ts';
import type { Style } from '../output/style.ts';
import type { View } from '../output/view.ts';
import { checks } from './checks.ts';
import type { Diagnosis } from './examine.ts';

const fields = ['id', 'title', 'status', 'detail', 'remedy', 'code'];

export const diagnosisView: View<Diagnosis> = {
  fields,
  times: [],
  columns: [
    { title: 'STATUS', field: 'status', rank: 0 },
    { title: 'CHECK', field: 'title', rank: 0 },
    { title: 'DETAIL', field: 'detail', rank: 1 },
    { title: 'REMEDY', field: 'remedy', rank: 2 },
  ],
  csv: fields,
  block: fields,
  record: ({ id, title, status, detail, remedy = null, code = null }) => ({ id, title, status, detail, remedy, code }),
  // Those that need a hand.
  id: ({ id, status }) => (status === 'pass' ? undefined : id),
};

const width = Math.max(...checks.map(({ title }) => title.length));
const colors = { pass: 'green', warn: 'yellow', fail: 'red' } as const;

/** A line for a person, and a second one with what to do where something is wrong. */
export function diagnosisText({ title, status, detail, remedy }: Diagnosis, style: Style): string {
  const line = `${style[colors[status]](status)}  ${title.padEnd(width)}  ${clean(detail)}\n`;
  const cure = remedy === undefined ? '' : `${' '.repeat(width + 8)}${style.cyan('remedy:')} ${clean(remedy)}\n`;
  return guardLines(line + cure);
}
