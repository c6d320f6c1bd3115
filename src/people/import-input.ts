import { existsSync } from 'node:fs';
import { organizationIn } from '../api/crn.ts';
import { type EmailMap, misspelledAmong, misspelledLines } from '../api/email.ts';
import type { AuthType } from '../api/invitation.ts';
import { type Organization, organizationOf } from '../api/organizations.ts';
import { formatRole, type Role } from '../api/roles.ts';
import type { Context } from '../cli/context.ts';
import { allowedDomains, type DomainOptions, refuseUnknownRoles, unknownRoles } from '../cli/invite-options.ts';
import { CliError } from '../errors.ts';
import { shellQuote } from '../text/suggest.ts';
import type { ColumnHeadings } from './columns.ts';
import { type FileFormat, formatOf } from './format.ts';
import { openPeople, type PeopleFile, type PeopleFlags } from './open.ts';
import { type FileProblem, FileProblems } from './problems.ts';
import type { Column } from './profile.ts';
import { absent, countsByReason, type LeftOut, People, type Row } from './rows.ts';
import { decode, readFile, readStdin } from './source.ts';
import type { Understood } from './understand.ts';

export interface ImportOptions extends PeopleFlags, DomainOptions {
  readonly authType?: AuthType;
  readonly role?: readonly Role[];
  readonly concurrency?: number;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

/** A file that was read and found right, and whom it is for. */
export interface ImportInput {
  /** One for each person, in the order of the file; the roles of everybody are among theirs. */
  readonly rows: EmailMap<Row>;
  /** Those who are in no row of these. */
  readonly leftOut: readonly LeftOut[];
  /** The domains that may be mailed, if not all may. */
  readonly domains: readonly string[];
  readonly understood: Understood;
  readonly format: FileFormat;
  /** For messages: as typed, or `stdin`. */
  readonly name: string;
  /** As typed; left out for stdin. */
  readonly file?: string;
  /** Annotates a line of it in a workflow. */
  readonly annotate: (problem: FileProblem) => void;
  readonly text: string;
  /** As they were read, not decoded. */
  readonly bytes: Buffer;
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
  const validate = (text: string) => existsSync(text.trim()) || `no such file: "${text.trim()}"`;
  return (await askText(prompter, 'file to import:', validate)).trim();
}

/** Reads and checks the whole file before anything is sent. */
export async function readImport(ctx: Context, file: string, options: ImportOptions): Promise<ImportInput> {
  const { role = [], columns, allowedDomains: _, ...flags } = options;
  if (!options.allowUnknownRoles) {
    const names = role.map(({ role_name }) => role_name);
    await refuseUnknownRoles(ctx, names);
  }
  const source = file === '-' ? await readStdin(ctx) : readFile(file);
  const decoded = decode(source.bytes, source.name);
  // A file without anything in it is a list of nobody, as a heading alone is.
  const text = formatOf(decoded) === undefined ? '[]' : decoded;
  const exported = isPeopleFile(text) ? exportedFrom(text) : undefined;
  if (isPeopleFile(text) && exported === undefined) throw peopleFile(source.name, file);
  const place = source.path === undefined ? {} : { file };
  const annotate = (problem: FileProblem) => ctx.github.reject({ ...place, ...problem });
  const people = new People();
  const domains = allowedDomains(ctx, options);
  const found = await openPeople(
    { name: source.name, text },
    {
      ...{ ...flags, ...(columns === undefined ? {} : { columns }), act: 'import', roles: role, onProblem: annotate },
      ...{
        allowedDomains: domains,
        now: ctx.now(),
        prompter: ctx.prompter(),
        unknownRoles: (names) => unknownRoles(ctx, names),
      },
    },
    people.add,
  );
  const leftOut = absent(found.leftOut, people.rows);
  report(ctx, found, people);
  const organization = people.rows.size === 0 ? undefined : await organizationOf(await ctx.api());
  refuseOtherOrganizations(people.rows, organization, source.name);
  if (exported !== undefined && organization !== undefined && exported !== organization.id)
    throw new CliError('invalid_file', `cannot import "${source.name}", nothing was sent`, {
      reason: `it is an export of the organization ${exported}; this is ${organization.id}`,
      target: source.name,
    });
  const { rows } = people;
  const { headings, understood, format } = found;
  return {
    ...place,
    annotate,
    name: source.name,
    text,
    bytes: source.bytes,
    format,
    rows,
    leftOut,
    domains: domains ?? [],
    understood,
    headings,
    organization,
  };
}

/** As the head of a saved plan has it: every CRN that names an organization names this one. */
function refuseOtherOrganizations(
  rows: ImportInput['rows'],
  organization: Organization | undefined,
  name: string,
): void {
  const problems = new FileProblems();
  if (organization === undefined) return;
  for (const { line, roles } of rows.values()) {
    for (const role of roles) {
      const id = organizationIn(role.scope ?? '');
      if (id !== undefined && id.toLowerCase() !== organization.id.toLowerCase())
        problems.add(line, `"${formatRole(role)}" is a role of another organization; this is ${organization.id}`);
    }
  }
  problems.throwIfAny(name);
}

/** @param domain That of most of the organization. */
export function misspelledIn({ rows, domains }: Pick<ImportInput, 'rows' | 'domains'>, domain?: string): string[] {
  const emails = [...rows.values()].map(({ email }) => email);
  return misspelledLines(misspelledAmong(emails, [...domains, domain]));
}

/** What each column was taken for, and who is left out, to be seen before anything is done. */
export function understoodLines({
  format,
  understood,
  leftOut,
}: Pick<ImportInput, 'format' | 'understood' | 'leftOut'>): string[] {
  const { email, role, auth_type, scope, tellings } = understood;
  const tellingsOf = (isEnd: boolean) =>
    [...tellings].filter(([, telling]) => (telling === 'until') === isEnd).map(([column]) => column);
  const parts: readonly (readonly [string, readonly (Column | undefined)[]])[] = [
    ['addresses', [email]],
    ['roles', [role]],
    ['scopes', [...scope.values()]],
    ['sign-in', [auth_type]],
    ['who is there', tellingsOf(false)],
    ['ends', tellingsOf(true)],
  ];
  const told = parts.flatMap(([what, columns]) => {
    const found = columns.flatMap((column) => column?.heading ?? []);
    return found.length === 0 ? [] : [`${what} from ${quoted(found)}`];
  });
  return [
    ...(format.kind === 'lines' || told.length === 0 ? [] : [`columns: ${told.join('; ')}`]),
    ...(leftOut.length === 0 ? [] : [`left out: ${countsByReason(leftOut)}`]),
    ...(tellingsOf(true).length === 0
      ? []
      : [
          'an end in the file does not end access by itself, "invite plan" and "invite apply" do; hint: invite help membership',
        ]),
  ];
}

function report(ctx: Context, { notes, understood }: PeopleFile, { repeated }: People): void {
  for (const note of notes.slice(0, 10)) ctx.say(note);
  if (notes.length > 10) ctx.say(`and ${notes.length - 10} more lines are left out`);
  if (understood.ignored.length > 0) ctx.say(`ignored columns: ${quoted(understood.ignored.slice(0, 100))}`);
  if (repeated.length === 0) return;
  const more = repeated.length > 10 ? ` and ${repeated.length - 10} more` : '';
  const named = repeated.slice(0, 10).map(({ email, line }) => `"${email}" in line ${line}`);
  ctx.say(`rows that repeat an address add their roles to the first: ${named.join(', ')}${more}`);
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}

/**
 * The organization of a file that `invite export` wrote, which says nothing but who is there with which roles. Undefined
 * for any other: what it says beside its people, only a plan understands.
 */
function exportedFrom(text: string): string | undefined {
  const head = text.slice(0, 1 << 16);
  const isMore = /^\s*"?(?:teams|auth_type|reinvite|domains)"?\s*:/m.test(head);
  const isPlain = /^\s*"?version"?\s*:\s*1\b/m.test(head) && /^\s*"?managed"?\s*:\s*"?none\b/m.test(head);
  return isMore || !isPlain ? undefined : /^\s*"?organization"?\s*:\s*"?([\w-]+)/m.exec(head)?.[1];
}

/** A file for `invite plan`: its first key, below comments, is one that stands at the top of such a file. */
export function isPeopleFile(text: string): boolean {
  const head = text.slice(0, 4096);
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
