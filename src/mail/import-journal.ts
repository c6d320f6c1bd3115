import { rmSync } from 'node:fs';
import { EmailMap } from '../api/email.ts';
import type { Context } from '../cli/context.ts';
import { CliError } from '../errors.ts';
import { withLock } from '../files/lock.ts';
import type { ImportInput, ImportOptions } from '../people/import-input.ts';
import { shellQuote } from '../text/shell.ts';
import type { Mailed } from './change.ts';
import type { Journal } from './journal.ts';
import {
  archiveJournal,
  findOtherImport,
  journalFolder,
  journalPath,
  makeJournalFolder,
  openJournal,
} from './journal-file.ts';
import { type JournalState, readJournal } from './journal-reader.ts';
import { rememberedMails } from './mail-memory.ts';

/** What earlier runs of this import did, and where to record what this one does. */
export interface ImportJournal {
  readonly past: JournalState;
  /** People whom other commands on this machine mailed recently. */
  readonly mails: EmailMap<Mailed>;
  /** Left out where there is nothing to record. */
  open?(): Promise<Journal>;
}

interface ImportRequest {
  readonly input: ImportInput;
  readonly options: ImportOptions;
}

/** One run of an import. */
export interface ImportRun extends ImportRequest {
  readonly journal: ImportJournal;
}

const nothing: JournalState = { done: new EmailMap(), begun: new Map(), failed: new Set(), size: 0 };

/** Runs while no other process imports the same. Nothing is locked, moved or created where nothing is to be sent. */
export async function withJournal(
  ctx: Context,
  request: ImportRequest,
  act: (run: ImportRun) => Promise<void>,
): Promise<void> {
  const { input, options } = request;
  const path = journalPath(ctx.host.stateDir, input.head);
  if (input.rows.size === 0) return act({ ...request, journal: { past: nothing, mails: new EmailMap() } });
  if (options.dryRun) return act({ ...request, journal: openedJournal(ctx, request, path) });
  makeJournalFolder(ctx.host.stateDir);
  const lock = `${path}.lock`;
  if (options.forceUnlock) rmSync(lock, { force: true });
  const { clock, processes } = ctx.host;
  await withLock(lock, { clock, processes, wait: 0 }, async () => {
    if (options.restart) reportArchive(ctx, archiveJournal(path, clock.now()));
    const opened = openedJournal(ctx, request, path);
    let journal: Journal | undefined;
    const open = async () => {
      journal = await openJournal(path, { head: input.head, size: opened.past.size, now: () => clock.now() });
      return journal;
    };
    try {
      await act({ ...request, journal: { ...opened, open } });
    } finally {
      await journal?.close();
    }
  }).catch((error) => {
    throw error instanceof CliError && error.code === 'locked' && error.details.target === lock
      ? alreadyRunning(input, error)
      : error;
  });
}

function openedJournal(ctx: Context, { input, options }: ImportRequest, path: string): ImportJournal {
  const past = options.restart ? nothing : readJournal(path);
  reportPast(ctx, input, past);
  const mails = rememberedMails(ctx, { wanted: input.rows, readOnly: options.dryRun === true, own: path });
  return { past, mails };
}

/** Says what earlier runs did, or that the file has changed since. */
function reportPast(ctx: Context, { head, name }: ImportInput, { done, begun, failed, size }: JournalState): void {
  if (size > 0) {
    const parts = [
      `${done.size} done`,
      ...(begun.size > 0 ? [`${begun.size} with an unknown outcome, looked up now`] : []),
      ...(failed.size > 0 ? [`${failed.size} failed, tried again`] : []),
    ];
    ctx.say(`resuming an earlier import of "${name}": ${parts.join(', ')} (--restart starts over)`);
    return;
  }
  const other = head.file === '-' ? undefined : findOtherImport(journalFolder(ctx.host.stateDir), head);
  if (other === undefined) return;
  ctx.say(`"${name}" has changed since it was imported on ${other.created_at.slice(0, 10)}; this is a new import`);
}

function reportArchive(ctx: Context, aside: string | undefined): void {
  if (aside !== undefined) ctx.say(`the journal of earlier runs is kept as "${aside}"`);
}

function alreadyRunning({ name, file }: ImportInput, error: CliError): CliError {
  return new CliError('locked', `"${name}" is being imported already`, {
    ...error.details,
    hints: [`if it is not: invite import ${shellQuote(file ?? '-')} --force-unlock`],
  });
}
