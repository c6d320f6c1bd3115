import { createHash } from 'node:crypto';
import type { JournalHeader } from '../../changes/journal.ts';
import { type Organization, organizationOf } from '../../confluent/organizations.ts';
import { formatRole } from '../../confluent/roles.ts';
import type { Context } from '../../context.ts';
import type { FileProblem } from '../../import/problems.ts';
import { type Rows, readRows } from '../../import/rows.ts';
import { decode, readFile, readStream } from '../../import/source.ts';
import type { Identity } from '../../profiles/profile.ts';
import type { ImportOptions } from '../import.ts';

/** A file that was read and found right, and whom it is for. */
export interface ImportInput extends Rows {
  /** For sentences: as typed, or `stdin`. */
  readonly name: string;
  /** As typed; left out for stdin. */
  readonly file?: string;
  /** Shows a workflow what is wrong with a line of it. */
  readonly mark: (complaint: FileProblem) => void;
  readonly text: Buffer;
  readonly organization: Organization | undefined;
  readonly head: JournalHeader;
}

/** Reads and checks the whole file before anything is asked of the API. */
export async function readImport(ctx: Context, file: string, options: ImportOptions): Promise<ImportInput> {
  const source = file === '-' ? await readStream(ctx.host.stdin.stream, ctx.signal) : readFile(file);
  const text = decode(source.bytes, source.name);
  const place = source.path === undefined ? {} : { file };
  const mark = (complaint: FileProblem) => ctx.github.reject({ ...place, ...complaint });
  const rows = await readRows(text, source.name, { allowUnicode: options.allowUnicode === true, hear: mark });
  sayWhatWasRead(ctx, rows);
  const identity = ctx.identity();
  const organization = rows.rows.size === 0 ? undefined : await organizationOf(await ctx.api());
  if (identity.kind === 'token' && organization === undefined && rows.rows.size > 0) {
    ctx.say(
      'the API does not name the organization of the access token: an import that is interrupted will start over',
    );
  }
  const created_at = new Date(ctx.host.clock.now()).toISOString();
  const head: JournalHeader = {
    file: source.path ?? '-',
    file_sha256: createHash('sha256').update(source.bytes).digest('hex'),
    origin: identity.endpoint.origin,
    organization: organization?.id ?? null,
    key_id: keyIdOf(identity, { organization, created_at }),
    auth_type: options.authType ?? null,
    roles: (options.role ?? []).map(formatRole).sort(),
    rows: rows.rows.size,
    created_at,
  };
  return { ...rows, ...place, mark, name: source.name, text, organization, head };
}

function sayWhatWasRead(ctx: Context, { carried, repeated, repetitions }: Rows): void {
  if (carried.length > 0)
    ctx.say(`columns that mean nothing here are carried along: ${carried.map((name) => `"${name}"`).join(', ')}`);
  if (repetitions === 0) return;
  const more = repetitions > repeated.length ? ` and ${repetitions - repeated.length} more` : '';
  const named = repeated.map(({ email, line }) => `"${email}" in line ${line}`).join(', ');
  ctx.say(`rows that repeat an address add their roles to the first: ${named}${more}`);
}

/**
 * First and last four characters of a key: enough to know it by, and too little to use it. An access token has no id and
 * is another one on every run; where the API does not name its organization either, the run is an import of its own.
 */
function keyIdOf({ kind, api_key }: Identity, run: { organization: Organization | undefined; created_at: string }) {
  if (kind === 'sandbox') return null;
  if (kind === 'key') return `${api_key.slice(0, 4)}…${api_key.slice(-4)}`;
  return run.organization === undefined ? `access token, ${run.created_at}` : null;
}
