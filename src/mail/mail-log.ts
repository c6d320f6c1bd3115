import { closeSync, fstatSync, lstatSync, mkdirSync, openSync, readdirSync, readSync, unlinkSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { foldEmail } from '../api/email.ts';
import { textAt } from '../text/json-fields.ts';
import type { Change, MailOutcome } from './change.ts';
import { errorReason, formatEntry, Journal, type JournalEntry, journalFile } from './journal.ts';
import type { Recorder } from './perform.ts';
import type { Result } from './result.ts';
import { OutcomeUnknown } from './send-invitation.ts';

/** Whose mails: those of one key at one API. */
export interface Sender {
  readonly origin: string;
  /** First and last four characters of the key, or null for the sandbox. */
  readonly key_id: string | null;
}

/** Milliseconds that a mail is remembered. */
export const memorySpan = 86_400_000;

export const logHead = `${JSON.stringify({ invite_mail_log: 1 })}\n`;

function mailLogFolder(stateDir: string): string {
  return join(stateDir, 'mails');
}

/** A file a day, so that what is too old goes with its file and nothing is ever written anew. */
export function mailLogPath(stateDir: string, sender: Sender, now: number): string {
  return join(mailLogFolder(stateDir), `${senderName(sender)}.${dayOf(now)}.ndjson`);
}

/** The logs of this sender, the oldest first. */
export function mailLogsOf(stateDir: string, sender: Sender): string[] {
  const names = namesIn(mailLogFolder(stateDir)).filter((name) => logName.exec(name)?.[1] === senderName(sender));
  return names.map((name) => join(mailLogFolder(stateDir), name));
}

const logName = /^([\w.-]+)\.(\d{4}-\d\d-\d\d)\.ndjson$/;

/** `api.confluent.cloud_ABCD_WXYZ` */
function senderName({ origin, key_id }: Sender): string {
  return `${origin.replace(/^https:\/\//, '')}_${key_id ?? 'sandbox'}`.replace(/[^\w.-]+/g, '_').slice(0, 200);
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

interface MailLogOptions {
  readonly stateDir: string;
  readonly sender: Sender;
  /** Milliseconds since 1970. */
  now(): number;
  /** Called, once, if this machine cannot keep the log. */
  say(text: string): void;
}

/**
 * Writes down each mail before it leaves and what came of it, for later commands. Unlike the journal of an import it is
 * no condition: on a machine that cannot keep it the mail is sent all the same, and that is said.
 */
export class MailLog implements Recorder {
  readonly #options: MailLogOptions;
  #journal: Promise<Journal | undefined> | undefined;
  #hasFailed = false;

  constructor(options: MailLogOptions) {
    this.#options = options;
  }

  async begin(change: Change): Promise<void> {
    const mail = mailOf(change);
    if (mail !== undefined) await this.#write({ started: mail.email, as: mail.as, at: this.#time() });
  }

  async end(change: Change, result: Result): Promise<void> {
    const mail = mailOf(change);
    if (mail !== undefined) await this.#write(endOf(mail.email, result, this.#time()));
  }

  async close(): Promise<void> {
    await (await this.#journal)?.close().catch((error) => this.#fail(error));
  }

  async #write(entry: JournalEntry): Promise<void> {
    if (this.#hasFailed) return;
    try {
      this.#journal ??= openLog(this.#options).catch((error) => this.#fail(error));
      await (await this.#journal)?.write(formatEntry(entry));
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): undefined {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    const reason = errorReason(error instanceof Error && error.cause !== undefined ? error.cause : error);
    this.#options.say(
      `warning: cannot remember on this machine who was mailed, in "${mailLogFolder(this.#options.stateDir)}": ${reason}`,
    );
  }

  #time(): string {
    return new Date(this.#options.now()).toISOString();
  }
}

/** Whom a change mails; undefined if nobody. */
function mailOf(change: Change): { readonly email: string; readonly as: MailOutcome } | undefined {
  if (change.kind === 'create' && change.decision.act === 'post')
    return { email: foldEmail(change.target), as: change.decision.outcome };
  if (change.kind !== 'resend' || change.decision.act !== 'post') return undefined;
  return { email: foldEmail(textAt(change.decision.invitation, 'email') ?? change.target), as: 'resent' };
}

function endOf(email: string, { outcome, invitation, error }: Result, at: string): JournalEntry {
  const id = textAt(invitation ?? {}, 'id');
  return {
    ...{ done: email, outcome },
    ...(id === undefined ? {} : { id }),
    ...(error === undefined ? {} : { error: error.code }),
    ...(error instanceof OutcomeUnknown && error.answered ? { answered: true } : {}),
    at,
  };
}

/** Opens the log of today, which other processes may be writing as well. Throws what the system says. */
async function openLog({ stateDir, sender, now }: Omit<MailLogOptions, 'say'>): Promise<Journal> {
  mkdirSync(mailLogFolder(stateDir), { recursive: true, mode: 0o700 });
  forgetOld(mailLogFolder(stateDir), now());
  const path = mailLogPath(stateDir, sender, now());
  // A pipe would keep us waiting for ever.
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile() === false) throw new Error(`"${path}": it is no file`);
  const journal = new Journal(path, journalFile(await open(path, 'a', 0o600)), now);
  const beginning = beginningOf(path);
  if (beginning !== '') await journal.write(beginning);
  return journal;
}

/** What has to come before the first line: a head, or an end for a line that was being written when the power went. */
function beginningOf(path: string): string {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    if (size === 0) return logHead;
    const last = Buffer.alloc(1);
    readSync(file, last, 0, 1, size - 1);
    return last[0] === 10 ? '' : '\n';
  } finally {
    closeSync(file);
  }
}

function forgetOld(folder: string, now: number): void {
  const oldest = dayOf(now - memorySpan);
  for (const name of namesIn(folder)) {
    const day = logName.exec(name)?.[2];
    if (day === undefined || day >= oldest) continue;
    try {
      unlinkSync(join(folder, name));
    } catch {
      // Another process was faster, or it stays: it is too old to be read as anything.
    }
  }
}
