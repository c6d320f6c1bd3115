import { existsSync } from 'node:fs';
import { type EmailMap, foldEmail } from '../api/email.ts';
import type { AuthType } from '../api/invitation.ts';
import { findOrganization, type Organization } from '../api/organizations.ts';
import { checkRequiredScope, formatRole, organizationIn, type Role } from '../api/roles.ts';
import { type Context, once, requirePrompter } from '../cli/context.ts';
import { allowedDomains, type DomainOptions, refuseUnknownRoles, unknownRoles } from '../cli/invite-options.ts';
import { CliError, ioError } from '../errors.ts';
import { look, readBytes } from '../files/read.ts';
import { renameFile, replaceFile } from '../files/write.ts';
import { unlessFailed } from '../http/failure.ts';
import { clean } from '../text/sanitize.ts';
import { fileWord } from '../text/suggest.ts';
import { firstOf } from '../text/times.ts';
import { openToday, type PeopleFile, tableOf } from './open.ts';
import { type FileProblem, FileProblems, UnreadableFile } from './problems.ts';
import { absent, countsByReason, emailText, People, type Row } from './rows.ts';
import { decode, encode, formOf, readFile, readStdin } from './source.ts';
import { formatOf, isPeopleFile, type Table, type TableRow, topKeys } from './table.ts';
import type { PeopleFlags } from './understand.ts';

export interface ImportOptions extends PeopleFlags, DomainOptions {
  readonly authType?: AuthType;
  readonly role?: readonly Role[];
  readonly concurrency?: number;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

/** A file that was read and found right, and whom it is for. */
export interface ImportInput extends PeopleFile {
  readonly options: ImportOptions;
  /** One for each person, in the order of the file; the roles of everybody are among theirs. */
  readonly rows: EmailMap<Row>;
  /** The domains that may be mailed, if not all may. */
  readonly domains: readonly string[];
  /** For messages: as typed, or `stdin`. */
  readonly name: string;
  /** As typed; left out for stdin. */
  readonly file?: string;
  /** As they were read, not decoded. */
  readonly bytes: Buffer;
  /** Annotates a line of it in a workflow. */
  readonly annotate: (problem: FileProblem) => void;
  readonly organization: Organization | undefined;
}

/** The file that was named; on a terminal, a missing one is asked for. Throws `usage` elsewhere. */
export async function fileToImport(ctx: Context, typed: string | undefined): Promise<string> {
  if (typed !== undefined) return typed;
  const hints = ['invite import people.csv', 'invite import --help'];
  const prompter = requirePrompter(ctx, 'missing required argument "file"', hints);
  const { askText } = await import('../terminal/prompt.ts');
  const validate = (text: string) => existsSync(text.trim()) || `no such file: "${text.trim()}"`;
  return (await askText(prompter, 'file to import:', validate)).trim();
}

/** Reads and checks the whole file before anything is sent. */
export async function readImport(ctx: Context, file: string, options: ImportOptions): Promise<ImportInput> {
  const { role = [] } = options;
  const names = role.map(({ role_name }) => role_name);
  if (!options.allowUnknownRoles) await refuseUnknownRoles(ctx, names);
  const { name, bytes, path } = file === '-' ? await readStdin(ctx) : readFile(file);
  const decoded = decode(bytes, name);
  // A file without anything in it is a list of nobody, as a heading alone is.
  const text = formatOf(decoded) === undefined ? '[]' : decoded;
  const keys = topKeys(text);
  const exported = exportedFrom(text, keys);
  if (isPeopleFile(keys) && exported === undefined)
    throw new CliError('invalid_file', `cannot import "${name}", nothing was sent`, {
      reason:
        'it is a file of people for "invite plan" and "invite apply"; import reads a table or a list of addresses',
      hints: [`invite plan ${fileWord(file)}`, 'invite help membership'],
      target: name,
    });
  const place = path === undefined ? {} : { file };
  const annotate = (problem: FileProblem) => ctx.github.reject({ ...place, ...problem });
  const domains = allowedDomains(ctx, options);
  let people = new People();
  // A key may invite without being allowed to read its organization.
  const ask = once(async () => unlessFailed(findOrganization(await ctx.api())));
  const found = await openToday(
    { name, text },
    {
      ...options,
      act: 'import',
      roles: role,
      problems: new FileProblems(annotate),
      allowedDomains: domains,
      prompter: ctx.prompter(),
      check: ({ understood }) => {
        if (understood.role !== undefined || understood.scope.length === 0)
          for (const one of role) checkRequiredScope(one);
      },
      unknownRoles: (unknown) => unknownRoles(ctx, unknown),
    },
    { now: ctx.now, ask },
    () => {
      people = new People();
      return people.add;
    },
  );
  const { rows } = people;
  report(ctx, found, people);
  const organization = rows.size === 0 ? undefined : await ask();
  if (organization !== undefined) refuseOtherOrganizations({ name, rows, exported }, organization);
  const leftOut = absent(found.leftOut, rows);
  return { ...place, ...found, options, annotate, name, bytes, rows, leftOut, domains: domains ?? [], organization };
}

/** As the head of a saved plan has it: every CRN that names an organization names this one. */
function refuseOtherOrganizations(
  { name, rows, exported }: Pick<ImportInput, 'name' | 'rows'> & { readonly exported: string | undefined },
  { id }: Organization,
): void {
  const problems = new FileProblems();
  if (exported !== undefined && exported !== id)
    problems.add(1, `it is an export of the organization ${exported}; this is ${id}`);
  for (const { line, roles } of rows.values()) {
    for (const role of roles) {
      const other = organizationIn(role.scope ?? '');
      if (other !== undefined && other.toLowerCase() !== id.toLowerCase())
        problems.add(line, `"${formatRole(role)}" is a role of another organization; this is ${id}`);
    }
  }
  problems.throwIfAny(name);
}

/** What each column was taken for, and who is left out, to be seen before anything is done. */
export function understoodLines({ format, understood, leftOut }: PeopleFile): string[] {
  const { email, role, auth_type, scope, tellings } = understood;
  const ends = [...tellings.keys()].filter((column) => tellings.get(column) === 'until');
  const parts = {
    addresses: [email],
    roles: [role],
    scopes: scope.map(([, column]) => column),
    'sign-in': [auth_type],
    'who is there': [...tellings.keys()].filter((column) => !ends.includes(column)),
    ends,
  };
  const told = Object.entries(parts).flatMap(([what, columns]) => {
    const found = columns.flatMap((column) => column?.heading ?? []);
    return found.length === 0 ? [] : [`${what} from ${quoted(found)}`];
  });
  const noEnd =
    'an end in the file does not end access by itself, "invite plan" and "invite apply" do; hint: invite help membership';
  return [
    ...(format.kind === 'lines' || told.length === 0 ? [] : [`columns: ${told.join('; ')}`]),
    ...(leftOut.length === 0 ? [] : [`left out: ${countsByReason(leftOut)}`]),
    ...(ends.length === 0 ? [] : [noEnd]),
  ];
}

function report(ctx: Context, { notes, understood }: PeopleFile, { repeated }: People): void {
  for (const note of notes) ctx.say(note);
  if (understood.ignored.length > 0) ctx.say(`ignored columns: ${quoted(understood.ignored.slice(0, 100))}`);
  if (repeated.length === 0) return;
  const named = repeated.map(({ email, line }) => `"${email}" in line ${line}`);
  ctx.say(`rows that repeat an address add their roles to the first: ${firstOf(named, 10).join(', ')}`);
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}

/**
 * The organization of a file that `invite export` wrote, which says nothing but who is there with which roles. Undefined
 * for any other: what it says beside its people, only a plan understands.
 */
function exportedFrom(text: string, keys: readonly string[]): string | undefined {
  const isMore = keys.some((key) => !/^(?:version|organization|managed|people|\$schema|x-.*)$/.test(key));
  const head = text.slice(0, 1 << 16);
  const isPlain = /^[ \t]*"?version"?\s*:\s*1\b/m.test(head) && /^[ \t]*"?managed"?\s*:\s*"?none\b/m.test(head);
  return isMore || !isPlain ? undefined : /^[ \t]*"?organization"?\s*:\s*"?([\w-]+)/m.exec(head)?.[1];
}

const ending = '.rejected.csv';

/** More than the rows of an import can be. */
const maxBytes = 256 * 1024 * 1024;

/**
 * The file for rejected rows, next to the imported file, or in the current folder for stdin. The rows rejected from a
 * file of rejected rows replace that file.
 */
export function rejectedPath(file: string | undefined, columns: readonly string[] = []): string {
  const isRejected = isRejectedFile(file) && columns.includes(errorColumn);
  return file !== undefined && isRejected ? file : `${file ?? 'invite-import'}${ending}`;
}

/** Whether a file is one of rejected rows by its name, which may have lost the column of the reasons. */
export function isRejectedFile(file: string | undefined): file is string {
  return file?.endsWith(ending) === true;
}

/** The column of the reason. A column of that name, from an earlier import, is replaced. */
const errorColumn = 'error';

/**
 * Writes the rejected rows in the form of their file, with the reason, to be corrected and imported. Throws `io_error`.
 * @param reasons Why each is rejected, by e-mail in lower case.
 */
export async function writeRejected(
  path: string,
  { text, format, understood, bytes, annotate }: Pick<ImportInput, keyof PeopleFile | 'bytes' | 'annotate'>,
  reasons: ReadonlyMap<string, string>,
): Promise<void> {
  const { csvText } = await import('../output/csv.ts');
  const table = await tableOf(text, format);
  const { columns, places } = withoutErrors(table);
  const { encoding, hasMark, lineEnd } = formOf(bytes);
  const delimiter = format.kind === 'csv' ? format.delimiter : ',';
  const line = (cells: readonly string[]) => csvText([cells], lineEnd, delimiter);
  const lines = [line([...columns, errorColumn])];
  for (const row of table.rows) {
    const reason = reasons.get(foldEmail(emailText(row.cells[understood.email?.at ?? -1] ?? '')));
    if (reason === undefined) continue;
    annotate({ line: row.line, message: reason });
    lines.push(line([...places.map((at) => row.cells[at] ?? ''), clean(reason)]));
  }
  await replaceFile(path, [encode(`${hasMark ? '\ufeff' : ''}${lines.join('')}`, encoding)]);
}

/** The columns of a table but that of the reasons, and where they are. */
function withoutErrors({ columns }: Table) {
  const places = columns.flatMap((column, at) => (column === errorColumn ? [] : [at]));
  return { columns: places.map((at) => columns[at] ?? ''), places };
}

/**
 * Whether there is a file of rejected rows that was edited since it was written: it has a row that the import has not.
 * It may be the only copy of a correction. What is no file counts as such: it is not looked into.
 */
export async function isCorrected(path: string, imported: Pick<ImportInput, 'text' | 'format'>): Promise<boolean> {
  const found = lookAt(path);
  if (found?.isFile() !== true) return found !== undefined;
  let corrected: Table | undefined;
  try {
    const text = decode(readBytes(path, { maxBytes, noFollow: true }), path);
    const format = formatOf(text);
    corrected = format && (await tableOf(text, format));
  } catch (error) {
    if (error instanceof UnreadableFile || error instanceof CliError) return true;
    throw ioError(`cannot read "${path}"`, path, error);
  }
  if (corrected === undefined) return false;
  const { columns, places } = withoutErrors(corrected);
  const table = await tableOf(imported.text, imported.format);
  const own = columns.map((column) => table.columns.indexOf(column));
  const keyOf = ({ cells }: TableRow, at: readonly number[]) =>
    JSON.stringify(at.map((one) => cells[one]?.trim() ?? ''));
  const known = new Set(table.rows.map((row) => keyOf(row, own)));
  return corrected.rows.some((row) => !known.has(keyOf(row, places)));
}

function lookAt(path: string): ReturnType<typeof look> {
  try {
    return look(path);
  } catch (error) {
    throw ioError(`cannot read "${path}"`, path, error);
  }
}

/** Renames a file, which may be the only record of what is in it. Returns its new path. Throws `io_error`. */
export function keptAs(path: string, wanted: string): string {
  // What has the name is kept as well.
  let free = wanted;
  for (let number = 2; lookAt(free) !== undefined; number += 1)
    free = wanted.replace(/(\.done\.csv|\.bak)$/, `-${number}$1`);
  renameFile(path, free);
  return free;
}
