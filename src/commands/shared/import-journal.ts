import { rmSync } from 'node:fs';
import type { Mailed } from '../../changes/change.ts';
import type { Journal } from '../../changes/journal.ts';
import {
  archiveJournal,
  findOtherImport,
  type JournalState,
  journalFolder,
  journalPath,
  makeJournalFolder,
  openJournal,
  readJournal,
} from '../../changes/journal-file.ts';
import type { Context } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { withLock } from '../../files/lock.ts';
import { ByEmail } from '../../invitations/by-email.ts';
import { shellQuote } from '../../text/shell.ts';
import type { ImportOptions } from '../import.ts';
import type { ImportInput } from './import-input.ts';
import { rememberedMails } from './mail-memory.ts';

/** What earlier runs of this import did, and the way to write down what this one does. */
export interface ImportJournal {
  readonly past: JournalState;
  /** Whom other commands of this machine mailed not long ago. */
  readonly mails: ByEmail<Mailed>;
  /** Unsaid: there is nothing to write down. */
  open?(): Promise<Journal>;
}

interface Remembered {
  readonly input: ImportInput;
  readonly options: ImportOptions;
}

const nothing: JournalState = { done: new ByEmail(), begun: new Map(), failed: new Set(), size: 0 };

/** Acts while no other process imports the same. Nothing is locked, moved or made where nothing is to be sent. */
export async function withJournal(
  ctx: Context,
  what: Remembered,
  act: (memory: ImportJournal) => Promise<void>,
): Promise<void> {
  const { input, options } = what;
  const path = journalPath(ctx.host.stateDir, input.head);
  if (input.rows.size === 0) return act({ past: nothing, mails: new ByEmail() });
  if (options.dryRun) return act(openedJournal(ctx, what, path));
  makeJournalFolder(ctx.host.stateDir);
  const lock = `${path}.lock`;
  if (options.forceUnlock) rmSync(lock, { force: true });
  const { clock, processes } = ctx.host;
  await withLock(lock, { clock, processes, wait: 0 }, async () => {
    if (options.restart) sayAside(ctx, archiveJournal(path, clock.now()));
    const memory = openedJournal(ctx, what, path);
    let journal: Journal | undefined;
    const open = async () => {
      journal = await openJournal(path, { head: input.head, size: memory.past.size, now: () => clock.now() });
      return journal;
    };
    try {
      await act({ ...memory, open });
    } finally {
      await journal?.close();
    }
  }).catch((error) => {
    throw error instanceof CliError && error.code === 'locked' && error.details.target === lock
      ? runningAlready(input, error)
      : error;
  });
}

function openedJournal(ctx: Context, { input, options }: Remembered, path: string): ImportJournal {
  const past = options.restart ? nothing : readJournal(path);
  sayPast(ctx, input, past);
  const mails = rememberedMails(ctx, { wanted: input.rows, readOnly: options.dryRun === true, own: path });
  return { past, mails };
}

/** First of all: what is known already, or that the file is another than last time. */
function sayPast(ctx: Context, { head, name }: ImportInput, { done, begun, failed, size }: JournalState): void {
  if (size > 0) {
    const parts = [
      `${done.size} done`,
      ...(begun.size > 0 ? [`${begun.size} begun and looked up now`] : []),
      ...(failed.size > 0 ? [`${failed.size} refused and tried again`] : []),
    ];
    ctx.say(`going on with an earlier import of "${name}": ${parts.join(', ')} (--restart begins anew)`);
    return;
  }
  const other = head.file === '-' ? undefined : findOtherImport(journalFolder(ctx.host.stateDir), head);
  if (other === undefined) return;
  ctx.say(
    `"${name}" has changed since it was imported on ${other.created_at.slice(0, 10)}; this is an import of its own`,
  );
}

function sayAside(ctx: Context, aside: string | undefined): void {
  if (aside !== undefined) ctx.say(`the journal of earlier runs is kept as "${aside}"`);
}

function runningAlready({ name, file }: ImportInput, error: CliError): CliError {
  return new CliError('locked', `"${name}" is being imported already`, {
    ...error.details,
    hints: [`if it is not, whatever the process is: invite import ${shellQuote(file ?? '-')} --force-unlock`],
  });
}
