import { CliError } from '../errors.ts';
import { didYouMean } from '../text/suggest.ts';

const columnFields = ['email', 'role', 'scope', 'auth_type', 'status', 'until', 'note', 'ignore'] as const;

/** What a column holds; `ignore` if nothing is to be read from it. */
export type ColumnField = (typeof columnFields)[number];

export interface ColumnTold {
  readonly field: ColumnField;
  /** Empty if no column contains the field. */
  readonly heading: string;
}

/** A column for each field, and any number that are ignored. */
export type ColumnHeadings = readonly ColumnTold[];

export function headingTold(headings: ColumnHeadings, wanted: ColumnField): string | undefined {
  return headings.find(({ field }) => field === wanted)?.heading;
}

/** Instead of what was told of the field before. */
export function alsoTold(headings: ColumnHeadings, told: ColumnTold): ColumnHeadings {
  return [...headings.filter(({ field }) => field === 'ignore' || field !== told.field), told];
}

/** Reads `email="E-Mail-Adresse",role=Rolle`. Throws `usage` on anything else. */
export function parseColumns(text: string, before: ColumnHeadings = []): ColumnHeadings {
  const headings = [...before];
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
    if (field !== 'ignore' && headingTold(headings, field) !== undefined)
      throw new CliError('usage', `--columns names "${field}" twice`);
    headings.push({ field, heading: quoted?.replaceAll('""', '"') ?? plain });
  }
  if (headings.length === before.length) throw notColumns(text);
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
  const quoted = (text: string) => (/[",]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return headings.map(({ field, heading }) => `${field}=${quoted(heading)}`).join(',');
}
