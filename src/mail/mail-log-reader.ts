import { appendFileSync, lstatSync, renameSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { EmailMap, foldEmail } from '../api/email.ts';
import type { Mailed } from './change.ts';
import { errorReason, formatEntry, type JournalEntry, parseEntry } from './journal.ts';
import { allJournalsIn, journalFolder } from './journal-file.ts';
import { readHeader, wholeLines } from './journal-reader.ts';
import { logHead, mailLogPath, mailLogsOf, memorySpan, type Sender } from './mail-log.ts';

export interface Remembering {
  readonly stateDir: string;
  readonly sender: Sender;
  /** Who is of interest. The e-mail is in small letters. */
  readonly wanted: { has(email: string): boolean };
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly uid: number | undefined;
  /** Nothing is to be moved or written. */
  readonly readOnly: boolean;
  /** The journal of the import that asks: it knows what it began itself. */
  readonly own?: string;
  say(text: string): void;
}

/** How far ahead of this clock another one may have been, in milliseconds. */
const skew = 300_000;

/** Whom this machine mailed in the last 24 hours, by the logs of single commands and the journals of imports. */
export function recentMails(remembering: Remembering): EmailMap<Mailed> {
  const mails = new EmailMap<Mailed>();
  const { now, wanted } = remembering;
  for (const entries of [...logs(remembering), ...journals(remembering)]) {
    const inFile = new Map<string, Mail>();
    for (const entry of entries) {
      const email = foldEmail('started' in entry ? entry.started : entry.done);
      if (wanted.has(email)) learn(inFile, email, entry);
    }
    for (const [email, { at, id }] of inFile) {
      const newest = mails.get(email)?.at ?? now - memorySpan;
      if (at >= newest) mails.set(email, { at, ...(id === undefined ? {} : { id }) });
    }
  }
  return mails;
}

interface Mail extends Mailed {
  /** The one before, which counts again if this one is refused. */
  readonly before?: Mail | undefined;
}

function learn(mails: Map<string, Mail>, email: string, entry: JournalEntry): void {
  const last = mails.get(email);
  if ('started' in entry) {
    mails.set(email, { at: Date.parse(entry.at), before: last?.id === undefined ? undefined : last });
    return;
  }
  // Whether that one left is not known; and what nobody began has mailed nobody.
  if (entry.outcome === 'unknown' || last === undefined || last.id !== undefined) return;
  const isMail = mailOutcomes.some((outcome) => outcome === entry.outcome);
  if (isMail) mails.set(email, { at: last.at, ...(entry.id === undefined ? {} : { id: entry.id }) });
  else if (last.before !== undefined) mails.set(email, last.before);
  else mails.delete(email);
}

const mailOutcomes: readonly string[] = ['created', 'reinvited', 'resent', 'already_invited'];

function* journals({ stateDir, sender, now, own, wanted }: Remembering): Generator<Iterable<JournalEntry>> {
  for (const path of allJournalsIn(journalFolder(stateDir))) {
    if (path === own || (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) < now - memorySpan) continue;
    const head = readHeader(path);
    if (head?.origin !== sender.origin || head.key_id !== sender.key_id) continue;
    const entries = journalEntries(path, wanted);
    // Set aside by --restart: what it does not know the end of is looked up anew.
    const isOwn = own !== undefined && basename(path).startsWith(basename(own));
    yield isOwn ? settledOnly(entries) : entries;
  }
}

/** What a journal says of these people; it may be of a hundred thousand others. */
function* journalEntries(path: string, wanted: Remembering['wanted']): Generator<JournalEntry> {
  for (const line of wholeLines(path)) {
    const text = line.toString();
    const email = /^\{"(?:started|done)":"([^"\\]+)"/.exec(text)?.[1];
    const entry = email !== undefined && wanted.has(foldEmail(email)) ? entryIn(text) : undefined;
    if (entry !== undefined) yield entry;
  }
}

function* settledOnly(entries: Iterable<JournalEntry>): Generator<JournalEntry> {
  const begun = new Map<string, JournalEntry>();
  for (const entry of entries) {
    if ('started' in entry) begun.set(foldEmail(entry.started), entry);
    else {
      const started = begun.get(foldEmail(entry.done));
      begun.delete(foldEmail(entry.done));
      if (started !== undefined && (entry.outcome !== 'unknown' || entry.answered)) yield* [started, entry];
    }
  }
}

function entryIn(line: string): JournalEntry | undefined {
  try {
    return parseEntry(line);
  } catch {
    return undefined;
  }
}

function* logs(remembering: Remembering): Generator<Iterable<JournalEntry>> {
  for (const path of mailLogsOf(remembering.stateDir, remembering.sender)) {
    const { entries, problem } = readLog(path, remembering);
    if (problem !== undefined) putAside(path, { entries, problem }, remembering);
    yield entries;
  }
}

interface Reading {
  readonly entries: readonly JournalEntry[];
  /** Why the file is not to be used any more. */
  readonly problem?: string;
}

/** Reads what can be read. Addresses in a damaged line count as mailed, so that nobody is mailed twice because of it. */
function readLog(path: string, { now, uid }: Remembering): Reading {
  const entries: JournalEntry[] = [];
  try {
    let problem = strangeness(path, uid);
    if (problem === unreadable) return { entries, problem };
    for (const line of wholeLines(path)) {
      const text = line.toString();
      if (text === '' || `${text}\n` === logHead || isTorn(text)) continue;
      const entry = entryIn(text);
      const fault = entry === undefined ? faultOf(text) : isLate(entry, now) ? 'it is from the future' : undefined;
      problem ??= fault;
      if (entry !== undefined && fault === undefined) entries.push(entry);
      else entries.push(...(entry === undefined ? mentions(text, now) : [{ ...entry, at: timeOf(now) }]));
    }
    return problem === undefined ? { entries } : { entries, problem };
  } catch (error) {
    return { entries, problem: `it cannot be read (${errorReason(error)})` };
  }
}

const unreadable = 'it is no file';

function strangeness(path: string, uid: number | undefined): string | undefined {
  const file = lstatSync(path);
  if (!file.isFile()) return unreadable;
  if (uid === undefined) return undefined;
  if (file.uid !== uid) return `it belongs to another user (number ${file.uid})`;
  return (file.mode & 0o022) === 0 ? undefined : 'others may write to it';
}

/** The beginning of a line of ours that never got to the disk whole: no mail left for it. */
function isTorn(line: string): boolean {
  return /^\{(?!.*\}$)/.test(line) && ['{"started":', '{"done":', logHead].some((begin) => overlaps(line, begin));
}

function overlaps(line: string, begin: string): boolean {
  return line.startsWith(begin) || begin.startsWith(line);
}

function faultOf(line: string): string {
  return /^\{"invite_mail_log":\d+/.test(line) ? 'a newer version of invite wrote it' : 'it is damaged';
}

function isLate(entry: JournalEntry, now: number): boolean {
  return Date.parse(entry.at ?? '') > now + skew;
}

function mentions(line: string, now: number): JournalEntry[] {
  const emails = line.match(/[^\s"'\\:,<>{}[\]]{1,64}@[^\s"'\\:,<>{}[\]]{1,255}/g) ?? [];
  return [...new Set(emails)].map((email) => ({ started: foldEmail(email), as: 'created', at: timeOf(now) }));
}

function timeOf(now: number): string {
  return new Date(now).toISOString();
}

/** Keeps the file under another name and what it says in a new one. */
function putAside(path: string, { entries, problem }: Required<Reading>, remembering: Remembering): void {
  const { now, readOnly, say, sender, stateDir } = remembering;
  const aside = `${path}.${timeOf(now).replaceAll(':', '-')}`;
  const about = `warning: what this machine remembers of mails is not in order, "${path}": ${problem}`;
  if (readOnly) {
    say(about);
    return;
  }
  try {
    renameSync(path, aside);
    const lines = entries.map(formatEntry).join('');
    appendFileSync(mailLogPath(stateDir, sender, now), `${logHead}${lines}`, { mode: 0o600, flush: true });
    say(`${about}; it is kept as "${aside}", and the addresses in it count as mailed`);
  } catch (error) {
    say(`${about}; and it cannot be replaced (${errorReason(error)})`);
  }
}
