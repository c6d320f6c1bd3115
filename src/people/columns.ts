import { CliError } from '../errors.ts';
import { didYouMean } from '../text/suggest.ts';

const columnFields = ['email', 'role', 'scope', 'auth_type', 'status', 'until', 'note'] as const;

export type ColumnField = (typeof columnFields)[number];

/** The heading of the column for each field in `--columns`; empty if no column contains the field. */
export type ColumnHeadings = ReadonlyMap<ColumnField, string>;

/** Reads `email="E-Mail-Adresse",role=Rolle`. Throws `usage` on anything else. */
export function parseColumns(text: string, before: ColumnHeadings = new Map()): ColumnHeadings {
  const headings = new Map(before);
  const pair = /\s*([^=,"]+?)\s*=\s*(?:"((?:[^"]|"")*)"|([^",]*?))\s*(?:,|$)/y;
  while (pair.lastIndex < text.length) {
    const match = pair.exec(text);
    if (match === null) throw notColumns(text);
    const [, name = '', quoted, plain = ''] = match;
    const field = columnFields.find((one) => one === name);
    if (field === undefined) {
      const [hint = `known: ${columnFields.join(', ')}`] = didYouMean(name, columnFields);
      throw new CliError('usage', `unknown field "${name}" in --columns`, { hints: [hint] });
    }
    if (headings.has(field)) throw new CliError('usage', `--columns names "${field}" twice`);
    headings.set(field, quoted?.replaceAll('""', '"') ?? plain);
  }
  if (headings.size === before.size) throw notColumns(text);
  return headings;
}

function notColumns(text: string): CliError {
  return new CliError('usage', `cannot read --columns "${text}"`, {
    reason: 'it is a list of field=heading',
    hints: [`--columns 'email="E-Mail-Adresse",role=Rolle'`],
  });
}

/** As typed on the command line. */
export function formatColumns(headings: ColumnHeadings): string {
  return [...headings]
    .map(
      ([field, heading]) => `${field}=${/[",]|^\s|\s$/.test(heading) ? `"${heading.replaceAll('"', '""')}"` : heading}`,
    )
    .join(',');
}
