import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { foldEmail } from '../api/email.ts';
import { CliError } from '../errors.ts';
import { ioError, UnusableFile, wordsOf } from '../files/io-error.ts';
import { isMissing, linesIn, look, ownerProblem, withFile } from '../files/read.ts';
import { type LogFile, makeFolder, openLog, removeFile, renameFile, replaceFile } from '../files/write.ts';
import type { Processes } from '../host.ts';
import {
  type Claim,
  Claims,
  claimLine,
  type End,
  endLine,
  isHead,
  isTorn,
  linesOf,
  logHead,
  type MailOutcome,
  mentionedIn,
  sendLine,
  waitLine,
} from './mail-log-lines.ts';

/** Milliseconds that a mail is remembered. */
const memorySpan = 86_400_000;

/** Milliseconds that a list may lag behind: what is older than this and not in it has not happened. */
export const settlingTime = 600_000;

/** How far ahead of this clock another one may have been, in milliseconds. */
const skew = 300_000;

export interface MailLogOptions {
  readonly stateDir: string;
  /** Endpoint and organization, as a part of a file's name. */
  readonly sender: string;
  readonly command: string;
  /** Milliseconds since 1970, by the server's clock. */
  readonly now: () => number;
  /** The same by the clock of this machine, which dates its files. */
  readonly localNow: () => number;
  readonly processes: Processes;
  readonly uid: number | undefined;
  say(text: string): void;
}

/** What the log says about an address. */
export interface PastMails {
  /** The newest invitation that is known to have been sent. */
  readonly id?: string;
  /** When something was sent of which nobody knows the end, in the last ten minutes. */
  readonly unknownAt?: number;
  /** Until then nothing more is sent. */
  readonly blockedUntil?: number;
}

export function mailFolder(stateDir: string): string {
  return join(stateDir, 'mails');
}

/** `2026-11-29.api.confluent.cloud_1111aaaa.ndjson`; a file that was set aside has more behind that. */
const logName = /^(\d{4}-\d\d-\d\d)\.([\w.-]+)\.ndjson(\.[\w.-]+)?$/;

/** Names of the files of earlier versions, which are left alone. */
export function formerLogs(stateDir: string): string[] {
  return namesIn(mailFolder(stateDir)).filter((name) => !logName.test(name));
}

/** None if there is no such folder. Throws `io_error`: what cannot be listed may hold the claims of others. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw ioError(`cannot read the folder "${folder}"`, folder, error);
  }
}

/**
 * Who is being mailed from this machine, and was in the last 24 hours, for all commands and processes. An address is
 * claimed before it is mailed; the earliest claim that is open wins. All claims are in one file, the newest, whose lines
 * every process sees in the same order.
 */
export class MailLog {
  readonly #options: MailLogOptions;
  readonly #claims = new Claims();
  /** How far each file has been read, by its path and the number of its content on disk. */
  readonly #offsets = new Map<string, number>();
  readonly #said = new Set<string>();
  #file: { readonly log: LogFile; readonly path: string; readonly inode: number } | undefined;
  #failure: CliError | undefined;
  #ending: Promise<void> = Promise.resolve();

  constructor(options: MailLogOptions) {
    this.#options = options;
  }

  /**
   * Begins to write. A damaged file is set aside. Throws `io_error` if a file is not ours to read, for then nobody knows
   * who was mailed, or if the log cannot be kept.
   */
  async open(): Promise<void> {
    const { stateDir, localNow } = this.#options;
    makeFolder(mailFolder(stateDir));
    for (const path of this.#paths()) {
      const problem = this.#readFile(path);
      if (problem !== undefined) await this.#setAside(path, problem);
    }
    for (const name of namesIn(mailFolder(stateDir))) removeOld(join(mailFolder(stateDir), name), localNow());
    this.#openFile();
  }

  async close(): Promise<void> {
    await this.#ending;
    this.#file?.log.close();
    this.#file = undefined;
  }

  /** Claims an address. Resolves once that is on disk and what others have written is known. */
  async claim(email: string, as: MailOutcome): Promise<Claim> {
    const { processes, command, now } = this.#options;
    const start = processes.startTime(processes.pid) ?? '';
    const owner = { place: processes.place(), pid: processes.pid, start };
    for (;;) {
      const claim: Claim = {
        ...{ id: crypto.randomUUID(), email: foldEmail(email), as, command },
        owner,
        at: now(),
        isWaiting: false,
      };
      await this.#append(claimLine(claim));
      this.readBack();
      if (this.#failure !== undefined || this.#isCurrent()) return this.#known(claim);
      await this.close();
      this.#openFile();
      await this.#append(endLine(claim, { outcome: 'withdrawn' }, now()));
    }
  }

  /** The claim of another process that goes first. */
  rivalOf(claim: Claim): Claim | undefined {
    const others = this.#claims.byEmail.get(claim.email) ?? [];
    const earlier = others.slice(
      0,
      others.findIndex(({ id }) => id === claim.id),
    );
    return earlier.find((one) => one.end === undefined && !this.#isGone(one));
  }

  /** Reads what was written, by other processes too, since the last time. Changes nothing. */
  readBack(): void {
    for (const path of this.#paths()) {
      const problem = this.#readFile(path);
      if (problem !== undefined) this.#warn(`ignoring what cannot be used of the mail log "${path}": ${problem}`);
    }
  }

  async wait(claim: Claim): Promise<void> {
    claim.isWaiting = true;
    await this.#append(waitLine(claim, this.#options.now()));
  }

  /** To be called before something is sent after a wait, or for a second time. */
  async send(claim: Claim, again: boolean): Promise<void> {
    const now = this.#options.now();
    claim.isWaiting = false;
    if (again) claim.againAt = now;
    await this.#append(sendLine(claim, now, again));
  }

  /**
   * Nobody has to wait for it: without it the claim is one whose end is unknown. If it cannot be written, the next claim
   * fails.
   */
  end(claim: Claim, end: End): void {
    claim.end = end;
    this.#ending = this.#append(endLine(claim, end, this.#options.now())).catch(() => {});
  }

  /** What is known of an address, apart from a claim of one's own. */
  past(email: string, own?: Claim): PastMails {
    const now = this.#options.now();
    let id: string | undefined;
    let unknown: Claim[] = [];
    // Who claimed it later, and still waits for the end of our claim, has sent nothing.
    let isLater = false;
    for (const claim of this.#claims.byEmail.get(foldEmail(email)) ?? []) {
      if (claim.id === own?.id) isLater = now - sentAt(claim) < settlingTime;
      if (claim.id === own?.id || now - claim.at > memorySpan) continue;
      if (claim.end?.id !== undefined) {
        id = claim.end.id;
        unknown = [];
      } else if (this.#isUnknown(claim) && !(isLater && claim.end === undefined)) unknown.push(claim);
    }
    const recent = unknown.filter((claim) => now - sentAt(claim) < settlingTime);
    const blocking = recent.filter(({ againAt, end }) => againAt !== undefined || end?.answered === true);
    return {
      ...(id === undefined ? {} : { id }),
      ...(recent.length === 0 ? {} : { unknownAt: Math.max(...recent.map(sentAt)) }),
      ...(blocking.length === 0 ? {} : { blockedUntil: Math.max(...blocking.map(sentAt)) + settlingTime }),
    };
  }

  #isUnknown({ end, isWaiting }: Claim): boolean {
    if (end === undefined) return !isWaiting;
    return end.outcome === 'unknown' || end.outcome === 'sent';
  }

  /** Its process has ended without a word, or cannot be seen from here and has been silent for too long. */
  #isGone({ owner, at, againAt = at }: Claim): boolean {
    const { processes, now } = this.#options;
    if (now() - againAt > settlingTime) return true;
    if (owner.place !== processes.place()) return false;
    const start = processes.startTime(owner.pid);
    return start === undefined || (start !== '' && owner.start !== '' && start !== owner.start);
  }

  /** The claim as it was read back, or as it is where nothing can be kept. */
  #known(claim: Claim): Claim {
    this.#claims.add(claim);
    return this.#claims.byEmail.get(claim.email)?.find(({ id }) => id === claim.id) ?? claim;
  }

  async #append(line: string): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      if (this.#file === undefined) this.#openFile();
      await this.#file?.log.append(line);
    } catch (error) {
      this.#failure = asFailure(error, mailFolder(this.#options.stateDir));
      throw this.#failure;
    }
  }

  #openFile(): void {
    const [newest] = this.#paths().slice(-1);
    const today = join(
      mailFolder(this.#options.stateDir),
      `${dayOf(this.#options.now())}.${this.#options.sender}.ndjson`,
    );
    // Two processes around midnight write to the same file.
    const path = newest !== undefined && newest > today ? newest : today;
    const log = openLog(path, logHead);
    this.#file = { log, path, inode: inodeOf(path) };
  }

  /** Whether others write to the same file: nobody has begun the one of a new day, or set this one aside. */
  #isCurrent(): boolean {
    const [newest] = this.#paths().slice(-1);
    return newest === this.#file?.path && inodeOf(newest ?? '') === this.#file?.inode;
  }

  /** The files of this sender, the oldest first. */
  #paths(): string[] {
    const folder = mailFolder(this.#options.stateDir);
    const isOurs = (name: string) => {
      const [, , sender, aside] = logName.exec(name) ?? [];
      return sender === this.#options.sender && aside === undefined;
    };
    return namesIn(folder)
      .filter(isOurs)
      .map((name) => join(folder, name));
  }

  /** Learns what is new in a file. Returns why a part of it, or all, cannot be used. */
  #readFile(path: string): string | undefined {
    let problem: string | undefined;
    const now = this.#options.now();
    try {
      withFile(path, { noFollow: true }, (file, stats) => {
        const fault = this.#options.uid === undefined ? undefined : ownerProblem(stats, this.#options.uid);
        if (fault?.includes('another user')) throw new UnusableFile(fault);
        problem = fault;
        const key = `${stats.ino} ${path}`;
        for (const { text, end } of linesIn(file, this.#offsets.get(key) ?? 0)) {
          this.#offsets.set(key, end);
          const fault = this.#learn(text, now);
          problem ??= fault;
        }
      });
    } catch (error) {
      if (isMissing(error)) return undefined;
      if (error instanceof UnusableFile) return unusable(error.message);
      return unusable(wordsOf(error));
    }
    return problem;
  }

  #learn(text: string, now: number): string | undefined {
    if (text === '' || isHead(text) || isTorn(text)) return undefined;
    const learnt = this.#claims.learn(text, now);
    if ('at' in learnt) return learnt.at > now + skew ? 'it is from the future' : undefined;
    for (const claim of mentionedIn(text, now)) this.#claims.add(claim);
    return learnt.fault;
  }

  /** Keeps a file under another name, and what it says in a new one. */
  async #setAside(path: string, problem: string): Promise<void> {
    if (problem.startsWith(unusablePrefix)) throw notOurs(path, problem.slice(unusablePrefix.length));
    const now = this.#options.now();
    const aside = `${path}.${new Date(now).toISOString().replaceAll(':', '-')}`;
    const about = `the mail log "${path}" cannot be used: ${problem}`;
    renameFile(path, aside);
    // Another process may have written to it until now.
    this.#readFile(aside);
    const claims = [...this.#claims.byEmail.values()].flat().filter((claim) => now - claim.at < memorySpan);
    await replaceFile(path, [logHead, ...claims.map((claim) => linesOf(claim, now))]);
    this.#warn(`${about}; it is kept as "${aside}", and the addresses in it count as mailed`);
  }

  #warn(text: string): void {
    if (this.#said.has(text)) return;
    this.#said.add(text);
    this.#options.say(`warning: ${text}`);
  }
}

/** There is a log that is not to be read, so nobody knows who was mailed. */
export class UnusableLog extends CliError {}

const unusablePrefix = 'unusable: ';

function unusable(reason: string): string {
  return `${unusablePrefix}${reason}`;
}

function notOurs(path: string, reason: string): CliError {
  return new UnusableLog('io_error', `cannot use the mail log "${path}"`, {
    reason: `${reason}; so it is not known who was mailed in the last 24 hours, and nothing was sent`,
    hints: ['move it away: then everybody is looked up in the list alone'],
    target: path,
  });
}

function asFailure(error: unknown, folder: string): CliError {
  if (error instanceof CliError && error.code === 'io_error') return error;
  return new CliError('io_error', `cannot write the mail log in "${folder}"`, { reason: wordsOf(error), cause: error });
}

/** 0 where it cannot be told: who writes to it is then looked up anew. */
function inodeOf(path: string): number {
  try {
    return look(path)?.ino ?? 0;
  } catch {
    return 0;
  }
}

function sentAt({ at, againAt = at }: Claim): number {
  return againAt;
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** Removes a file that is older than what is remembered, whoever it is of and whether or not it was set aside. */
function removeOld(path: string, localNow: number): void {
  try {
    const found = look(path);
    const isOld = found !== undefined && localNow - found.mtimeMs > memorySpan;
    if (isOld && logName.test(basename(path))) removeFile(path);
  } catch {
    // Another process was faster, or it stays: it is too old to be read as anything.
  }
}
