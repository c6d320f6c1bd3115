import { PassThrough } from 'node:stream';
import { formatRole } from '../../src/api/roles.ts';
import { CliError } from '../../src/errors.ts';
import { parseColumns } from '../../src/people/columns.ts';
import { type OpenOptions, openPeople } from '../../src/people/open.ts';
import { People } from '../../src/people/rows.ts';
import { decode } from '../../src/people/source.ts';
import type { Prompter } from '../../src/terminal/prompt.ts';

const now = Date.UTC(2026, 10, 25, 12);

type Options = Partial<Omit<OpenOptions, 'columns'>> & { columns?: string | undefined };

/** A file as import reads it, where nobody can be asked. */
export async function read(text: string | Buffer, { columns, ...more }: Options = {}) {
  const people = new People();
  const options: OpenOptions = {
    act: 'import',
    now,
    unknownRoles: async (names) => names,
    ...more,
    ...(columns === undefined ? {} : { columns: parseColumns(columns) }),
  };
  const decoded = typeof text === 'string' ? text : decode(text, 'people');
  const file = await openPeople({ name: 'people', text: decoded }, options, people.add);
  return { ...file, people };
}

/** `ann@example.com Operator`, a person a line. */
export async function people(text: string, columns?: string): Promise<string[]> {
  const { rows } = (await read(text, { columns })).people;
  return [...rows.values()].map(({ email, roles }) => [email, ...roles.map(formatRole)].join(' '));
}

/** `ann Operator`, with `-bob` for those who are left out, behind the others. */
export async function everybody(text: string | Buffer, options: Options = {}): Promise<string[]> {
  const { people, leftOut } = await read(text, options);
  const name = (email: string) => email.replace('@example.com', '');
  const rows = [...people.rows.values()].map(({ email, roles }) => [name(email), ...roles.map(formatRole)].join(' '));
  return [...rows, ...leftOut.map(({ email }) => `-${name(email)}`)];
}

/** A terminal at which each question gets the next answer. */
export function answering(answers: readonly string[]) {
  const input = new PassThrough();
  const output = new PassThrough();
  const left = [...answers];
  const asked = [] as string[];
  output.on('data', (question) => {
    asked.push(String(question).trim());
    setImmediate(() => input.write(`${left.shift()}\n`));
  });
  return { asked, prompter: { input, output, isPlain: true } as unknown as Prompter };
}

export async function refusal(text: string | Buffer, columns?: string) {
  const error = await read(text, { columns }).catch((error: unknown) => error);
  if (!(error instanceof CliError)) throw new Error('it was read');
  return { code: error.code, reason: error.details.reason ?? '', hints: error.details.hints ?? [] };
}
