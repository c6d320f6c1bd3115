import { formatRole } from '../../src/api/roles.ts';
import { CliError } from '../../src/errors.ts';
import { parseColumns } from '../../src/people/columns.ts';
import { type OpenOptions, openPeople } from '../../src/people/open.ts';
import { People } from '../../src/people/rows.ts';

export const now = Date.UTC(2026, 10, 25, 12);

/** A file as import reads it, where nobody can be asked. */
export async function read(
  text: string | Buffer,
  { columns, ...more }: Partial<Omit<OpenOptions, 'columns'>> & { columns?: string | undefined } = {},
) {
  const people = new People();
  const options: OpenOptions = {
    ...{ act: 'import', now, unknownRoles: async (names) => names, ...more },
    ...(columns === undefined ? {} : { columns: parseColumns(columns) }),
  };
  const file = await openPeople({ name: 'people', text: String(text) }, options, people.add);
  return { ...file, people };
}

/** `ann@example.com Operator`, a person a line. */
export async function people(text: string, columns?: string): Promise<string[]> {
  const { rows } = (await read(text, { columns })).people;
  return [...rows.values()].map(({ email, roles }) => [email, ...roles.map(formatRole)].join(' '));
}

export async function refusal(text: string | Buffer, columns?: string) {
  const error = await read(text, { columns }).catch((error: unknown) => error);
  if (!(error instanceof CliError)) throw new Error('it was read');
  return { code: error.code, reason: error.details.reason ?? '', hints: error.details.hints ?? [] };
}
