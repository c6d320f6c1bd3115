import { existsSync } from 'node:fs';
import type { AuthType } from '../api/invitation.ts';
import { type Organization, organizationOf } from '../api/organizations.ts';
import type { Role } from '../api/roles.ts';
import type { Context } from '../cli/context.ts';
import { refuseUnknownRoles } from '../cli/role-names.ts';
import { CliError } from '../errors.ts';
import { shellQuote } from '../text/shell.ts';
import { type ColumnHeadings, formatColumns } from './columns.ts';
import type { FileProblem } from './problems.ts';
import { type Rows, readRows } from './rows.ts';
import { decode, readFile, readStream } from './source.ts';

export interface ImportOptions {
  readonly authType?: AuthType;
  readonly role?: readonly Role[];
  readonly columns?: ColumnHeadings;
  readonly allowUnicode?: boolean;
  readonly allowUnknownRoles?: boolean;
  readonly concurrency?: number;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

/** A file that was read and found right, and whom it is for. */
export interface ImportInput extends Rows {
  /** For messages: as typed, or `stdin`. */
  readonly name: string;
  /** As typed; left out for stdin. */
  readonly file?: string;
  /** Annotates a line of it in a workflow. */
  readonly annotate: (problem: FileProblem) => void;
  readonly text: Buffer;
  /** What `--columns`, or an answer, says about its columns. */
  readonly headings: ColumnHeadings;
  readonly organization: Organization | undefined;
}

/** The file that was named; on a terminal, a missing one is asked for. Throws `usage` elsewhere. */
export async function fileToImport(ctx: Context, typed: string | undefined): Promise<string> {
  if (typed !== undefined) return typed;
  const prompter = ctx.prompter();
  if (prompter === undefined) {
    throw new CliError('usage', 'missing required argument "file"', {
      hints: ['invite import people.csv', 'invite import --help'],
    });
  }
  const { askText } = await import('../terminal/prompt.ts');
  const validate = (text: string) => existsSync(text.trim()) || `there is no file "${text.trim()}"`;
  return (await askText(prompter, 'file to import:', validate)).trim();
}

/** Reads and checks the whole file before any request is sent. */
export async function readImport(ctx: Context, file: string, options: ImportOptions): Promise<ImportInput> {
  if (!options.allowUnknownRoles)
    await refuseUnknownRoles(
      ctx,
      (options.role ?? []).map(({ role_name }) => role_name),
    );
  const source = file === '-' ? await readStream(ctx.host.stdin.stream, ctx.signal) : readFile(file);
  const text = decode(source.bytes, source.name);
  if (isPeopleFile(text)) throw peopleFile(source.name, file);
  const place = source.path === undefined ? {} : { file };
  const annotate = (problem: FileProblem) => ctx.github.reject({ ...place, ...problem });
  const read = (headings: ColumnHeadings) =>
    readRows(text, source.name, { allowUnicode: options.allowUnicode === true, headings, onProblem: annotate });
  const { rows, headings } = await decideRoleColumn(ctx, source.name, { read, given: options.columns ?? new Map() });
  if (!options.allowUnknownRoles) await refuseUnknownRoles(ctx, roleNames(rows));
  reportColumns(ctx, rows);
  const organization = rows.rows.size === 0 ? undefined : await organizationOf(await ctx.api());
  return { ...rows, ...place, annotate, name: source.name, text, headings, organization };
}

function* roleNames({ rows }: Rows): Generator<string> {
  for (const { roles } of rows.values()) for (const { role_name } of roles) yield role_name;
}

/** A file for `invite plan`: its first key, below comments, is one that stands at the top of such a file. */
export function isPeopleFile(text: Buffer): boolean {
  const head = text.toString('latin1', 0, 4096);
  return (
    /^(?:[ \t]*(?:#[^\n]*)?\r?\n|---\r?\n)*(?:version|organization|managed|people):[ \r\n]/.test(head) ||
    /^\s*\{\s*"(?:version|organization|managed|people)"\s*:[^{]*"people"\s*:\s*\[|^\s*\{\s*"people"\s*:\s*\[/.test(head)
  );
}

function peopleFile(name: string, file: string): CliError {
  return new CliError('invalid_file', `cannot import "${name}", nothing was sent`, {
    reason: 'it is a file of people for "invite plan" and "invite apply"; import reads a table or a list of addresses',
    hints: [`invite plan ${shellQuote(file)}`, 'invite help membership'],
    target: name,
  });
}

interface RoleColumnChoice {
  readonly given: ColumnHeadings;
  read(headings: ColumnHeadings): Promise<Rows>;
}

/** A column that looks like roles is not ignored unless somebody says so. */
async function decideRoleColumn(ctx: Context, name: string, { read, given }: RoleColumnChoice) {
  const rows = await read(given);
  if (rows.roleColumns.size === 0) return { rows, headings: given };
  const prompter = ctx.prompter();
  const without = new Map([...given, ['role', rows.roleColumn ?? ''] as const]);
  if (prompter === undefined) throw undecidedRoles(name, rows, { given, without });
  const { askYesNo } = await import('../terminal/prompt.ts');
  for (const [column, cells] of rows.roleColumns) {
    const instead = rows.roleColumn === undefined ? '' : ` instead of those in "${rows.roleColumn}"`;
    const question = `the column "${column}" looks like roles (${cells}); grant them${instead}?`;
    if (!(await askYesNo(prompter, question))) continue;
    const headings = new Map([...given, ['role', column] as const]);
    return { rows: await read(headings), headings };
  }
  return { rows, headings: without };
}

function undecidedRoles(
  name: string,
  { roleColumns }: Rows,
  { given, without }: { given: ColumnHeadings; without: ColumnHeadings },
): CliError {
  const [[column, cells] = ['', '']] = roleColumns;
  const flag = (headings: ColumnHeadings) => `--columns ${shellQuote(formatColumns(headings))}`;
  return new CliError('invalid_file', `cannot import "${name}", nothing was sent`, {
    reason: `the column "${column}" looks like roles (${cells}), and nothing says whether to grant them`,
    hints: [`${flag(new Map([...given, ['role', column]]))} grants them`, `${flag(without)} ignores them`],
    target: name,
  });
}

function reportColumns(ctx: Context, { ignored, repeated, repetitions }: Rows): void {
  const quoted = (names: readonly string[]) => names.map((name) => `"${name}"`).join(', ');
  if (ignored.length > 0) ctx.say(`ignored columns: ${quoted(ignored)}`);
  if (repetitions === 0) return;
  const more = repetitions > repeated.length ? ` and ${repetitions - repeated.length} more` : '';
  const named = repeated.map(({ email, line }) => `"${email}" in line ${line}`).join(', ');
  ctx.say(`rows that repeat an address add their roles to the first: ${named}${more}`);
}
