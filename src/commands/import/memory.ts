import { rmSync } from 'node:fs';
import type { Mailed } from '../../changes/change.ts';
import type { Journal } from '../../changes/journal.ts';
import { journalFolder, journalPath, makeJournalFolder, openJournal, setAside } from '../../changes/journal-file.ts';
import { otherImportOf, type Past, readPast } from '../../changes/journal-past.ts';
import type { Context } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { withLock } from '../../files/lock.ts';
import { ByEmail } from '../../invitations/addresses.ts';
import { shellQuote } from '../../output/shell.ts';
import type { ImportOptions } from '../import.ts';
import { rememberedMails } from '../remembering.ts';
import type { ImportInput } from './input.ts';

/** What earlier runs of this import did, and the way to write down what this one does. */
export interface Memory {
  readonly past: Past;
  /** Whom other commands of this machine mailed not long ago. */
  readonly mails: ByEmail<Mailed>;
  /** Unsaid: there is nothing to write down. */
  open?(): Promise<Journal>;
}

interface Remembered {
  readonly input: ImportInput;
  readonly options: ImportOptions;
}

const nothing: Past = { done: new ByEmail(), begun: new Map(), failed: new Set(), size: 0 };

/** Acts while no other process imports the same. Nothing is locked, moved or made where nothing is to be sent. */
export async function withMemory(
  ctx: Context,
  what: Remembered,
  act: (memory: Memory) => Promise<void>,
): Promise<void> {
  const { input, options } = what;
  const path = journalPath(ctx.host.stateDir, input.head);
  if (input.rows.size === 0) return act({ past: nothing, mails: new ByEmail() });
  if (options.dryRun) return act(memoryOf(ctx, what, path));
  makeJournalFolder(ctx.host.stateDir);
  const lock = `${path}.lock`;
  if (options.forceUnlock) rmSync(lock, { force: true });
  const { clock, processes } = ctx.host;
  await withLock(lock, { clock, processes, wait: 0 }, async () => {
    if (options.restart) sayAside(ctx, setAside(path, clock.now()));
    const memory = memoryOf(ctx, what, path);
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

function memoryOf(ctx: Context, { input, options }: Remembered, path: string): Memory {
  const past = options.restart ? nothing : readPast(path);
  sayPast(ctx, input, past);
  const mails = rememberedMails(ctx, { wanted: input.rows, readOnly: options.dryRun === true, own: path });
  return { past, mails };
}

/** First of all: what is known already, or that the file is another than last time. */
function sayPast(ctx: Context, { head, name }: ImportInput, { done, begun, failed, size }: Past): void {
  if (size > 0) {
    const parts = [
      `${done.size} done`,
      ...(begun.size > 0 ? [`${begun.size} begun and looked up now`] : []),
      ...(failed.size > 0 ? [`${failed.size} refused and tried again`] : []),
    ];
    ctx.say(`going on with an earlier import of "${name}": ${parts.join(', ')} (--restart begins anew)`);
    return;
  }
  const other = head.file === '-' ? undefined : otherImportOf(journalFolder(ctx.host.stateDir), head);
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
