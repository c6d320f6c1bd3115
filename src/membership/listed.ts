import { basename } from 'node:path';
import { foldEmail } from '../api/email.ts';
import type { Context } from '../cli/context.ts';
import { CliError } from '../errors.ts';
import { isPeopleFile } from '../people/import-input.ts';
import { openPeople, type PeopleFlags, type PeopleSource } from '../people/open.ts';
import { countsByReason } from '../people/reader.ts';
import { decode, readStdin } from '../people/source.ts';
import { isPast } from './desired.ts';
import { readDesired, readPeopleFile } from './people-file.ts';

/** The folded e-mails of everybody whom a file lists as there. Throws `invalid_file` if that is nobody. */
export async function listedIn(ctx: Context, file: string, flags: PeopleFlags = {}): Promise<ReadonlySet<string>> {
  const source = file === '-' ? await readStdin(ctx) : readPeopleFile(ctx, file);
  const name = file === '-' ? source.name : basename(file);
  const text = decode(source.bytes, name);
  const emails = isPeopleFile(text)
    ? await fromDocument(ctx, { file, name, bytes: text })
    : await fromRows(ctx, { text, name }, flags);
  if (emails.length > 0) return new Set(emails.map(foldEmail));
  throw new CliError('invalid_file', `"${name}" lists nobody`, {
    reason: 'everybody would be missing from it',
    target: name,
  });
}

async function fromDocument(ctx: Context, source: { file: string; name: string; bytes: Buffer }): Promise<string[]> {
  const { people } = await readDesired(ctx, source, { allowUnicode: true });
  return people.filter(({ until }) => !isPast(until, ctx.now())).map(({ email }) => email);
}

async function fromRows(ctx: Context, source: PeopleSource, flags: PeopleFlags): Promise<string[]> {
  const { columns, skipRowsWithoutEmail = false } = flags;
  const emails: string[] = [];
  const options = {
    ...{ act: 'read', allowUnicode: true, ignoresRoles: true, now: ctx.now(), prompter: ctx.prompter() },
    ...{ skipRowsWithoutEmail, ...(columns === undefined ? {} : { columns }) },
  };
  const { leftOut } = await openPeople(source, options, ({ email }) => emails.push(email));
  if (leftOut.length > 0) ctx.say(`"${source.name}" says that these are gone: ${countsByReason(leftOut)}`);
  return emails;
}
