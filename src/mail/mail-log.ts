import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { foldEmail } from '../api/email.ts';
import { CliError, ifPossible, ioError, UnusableFile, wordsOf } from '../errors.ts';
import { isMissing, linesIn, look, ownerProblem, withFile } from '../files/read.ts';
import { type LogFile, makeFolder, openLog, removeFile, renameFile, replaceFile } from '../files/write.ts';
import type { Clock, Host } from '../host.ts';
import {
  type Claim,
  type Claimant,
  Claims,
  claimLine,
  type End,
  linesOf,
  logHead,
  logLine,
  memorySpan,
} from './claims.ts';

interface MailLogOptions {
  readonly host: Pick<Host, 'processes' | 'uid' | 'stateDir'> & { readonly clock: Pick<Clock, 'now'> };
  /** Milliseconds since 1970, by the server's clock. That of this machine dates its files. */
  readonly now: () => number;
  readonly say: (text: string) => void;
  /** Endpoint and organization, as a part of a file's name. */
  readonly sender: string;
  /** Whether what another one wrote may be about the same organization. */
  readonly isKin?: (sender: string) => boolean;
  readonly command: string;
}

export function mailFolder(stateDir: string): string {
  return join(stateDir, 'mails');
}

/** `2026-11-29.api.confluent.cloud_1111aaaa.ndjson`; a file that was set aside has more behind that. */
const logName = /^(\d{4}-\d\d-\d\d)\.([\w.-]+)\.ndjson(\.[\w.-]+)?$/;

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
  readonly claims: Claims;
  readonly #options: MailLogOptions;
  readonly #folder: string;
  readonly #claimant: Claimant;
  /** How far each file has been read, by its path and the number of its content on disk. */
  readonly #offsets = new Map<string, number>();
  readonly #said = new Set<string>();
  #file: { readonly log: LogFile; readonly path: string; readonly inode: number } | undefined;
  #failure: CliError | undefined;
  #ending: Promise<void> = Promise.resolve();

  constructor(options: MailLogOptions) {
    const { command, host, now } = options;
    const { processes } = host;
    const { pid } = processes;
    const [machine = '', namespace = ''] = processes.place().split('/');
    this.#options = options;
    this.#folder = mailFolder(host.stateDir);
    this.#claimant = { command, host: machine, namespace, pid, start: processes.startTime(pid) ?? '' };
    this.claims = new Claims({ now, processes });
  }

  /**
   * Begins to write. A damaged file is set aside. Throws `io_error` if a file is not ours to read, for then nobody knows
   * who was mailed, or if the log cannot be kept.
   */
  async open(): Promise<void> {
    makeFolder(this.#folder);
    for (const path of this.#paths(this.#options.isKin)) {
      const fault = this.#readFile(path);
      if (fault?.isUnreadable) throw unusableLog(path, fault.words);
      if (fault !== undefined) await this.#setAside(path, fault.words);
    }
    // The clock of the machine, which dates a file, may have been wrong when today's was written.
    const today = this.#today();
    for (const name of namesIn(this.#folder).filter((one) => !one.startsWith(today)))
      removeOld(join(this.#folder, name), this.#options.host.clock.now());
    this.#openFile();
  }

  async close(): Promise<void> {
    await this.#ending;
    this.#file?.log.close();
    this.#file = undefined;
  }

  /** Claims an address. Resolves once that is on disk and what others have written is known. */
  async claim(email: string, as: string): Promise<Claim> {
    const by = this.#claimant;
    const at = this.#options.now();
    for (;;) {
      const id = crypto.randomUUID();
      const claim: Claim = { id, email: foldEmail(email), as, by, at, end: undefined };
      this.claims.announce(claim);
      await this.#append(claimLine(claim));
      this.readBack();
      this.claims.add(claim);
      if (this.#failure !== undefined || this.#isCurrent()) return claim;
      await this.close();
      await this.note(claim, 'end', { outcome: 'withdrawn' });
    }
  }

  /** Reads what was written, by other processes too, since the last time. Changes nothing. */
  readBack(): void {
    for (const path of this.#paths(this.#options.isKin)) {
      const fault = this.#readFile(path);
      if (fault !== undefined) this.#warn(`ignoring damaged mail log "${path}": ${fault.words}`);
    }
  }

  /** Says what holds for a claim from now on: `send`, before something is sent a second time, or its `end`. */
  async note(claim: Claim, what: 'send' | 'end', more: { readonly again: true } | End): Promise<void> {
    const at = this.#options.now();
    // The field of an end that has this name is the id of its invitation.
    const fields = { [what]: claim.id, ...more };
    this.claims.take(fields, at);
    await this.#append(logLine(fields, at));
  }

  /**
   * Nobody has to wait for it: without it the claim is one whose end is unknown. If it cannot be written, the next claim
   * fails.
   */
  end(claim: Claim, end: End): void {
    this.#ending = this.note(claim, 'end', end).catch(() => {});
  }

  async #append(line: string): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      await (this.#file ?? this.#openFile()).log.append(line);
    } catch (cause) {
      const details = { reason: wordsOf(cause), cause };
      const isKnown = cause instanceof CliError && cause.code === 'io_error';
      this.#failure = isKnown
        ? cause
        : new CliError('io_error', `cannot write the mail log in "${this.#folder}"`, details);
      throw this.#failure;
    }
  }

  #today(): string {
    return new Date(this.#options.now()).toISOString().slice(0, 10);
  }

  #openFile() {
    const newest = this.#paths().at(-1);
    const today = join(this.#folder, `${this.#today()}.${this.#options.sender}.ndjson`);
    // Two processes around midnight write to the same file.
    const path = newest !== undefined && newest > today ? newest : today;
    this.#file = { log: openLog(path, logHead), path, inode: inodeOf(path) };
    return this.#file;
  }

  /** Whether others write to the same file: nobody has begun the one of a new day, or set this one aside. */
  #isCurrent(): boolean {
    const newest = this.#paths().at(-1);
    return newest === this.#file?.path && inodeOf(newest ?? '') === this.#file?.inode;
  }

  /**
   * The files of this sender, the oldest first, and of others. Of one day theirs come first: what they claim is seen
   * before the claim of this process that waits for it.
   */
  #paths(isOther = (_sender: string) => false): string[] {
    const keys = namesIn(this.#folder).flatMap((name) => {
      const [, day, sender = '', aside] = logName.exec(name) ?? [];
      const isOwn = sender === this.#options.sender;
      return aside === undefined && (isOwn || isOther(sender)) ? `${day}/${Number(isOwn)}/${name}` : [];
    });
    return keys.sort().map((key) => join(this.#folder, basename(key)));
  }

  #readFile(path: string): Fault | undefined {
    const { uid } = this.#options.host;
    let words: string | undefined;
    try {
      withFile(path, { noFollow: true }, (file, stats) => {
        words = uid === undefined ? undefined : ownerProblem(stats, uid);
        if (words?.includes('another user')) throw new UnusableFile(words);
        const key = `${stats.ino} ${path}`;
        for (const { text, end } of linesIn(file, this.#offsets.get(key) ?? 0)) {
          this.#offsets.set(key, end);
          const fault = this.claims.learn(text);
          words ??= fault;
        }
      });
      return words === undefined ? undefined : { words, isUnreadable: false };
    } catch (error) {
      return isMissing(error) ? undefined : { words: wordsOf(error), isUnreadable: true };
    }
  }

  /** Keeps a file under another name, and what it says in a new one. */
  async #setAside(path: string, problem: string): Promise<void> {
    const now = this.#options.now();
    const aside = `${path}.${new Date(now).toISOString().replaceAll(':', '-')}`;
    renameFile(path, aside);
    // Another process may have written to it until now.
    this.#readFile(aside);
    await replaceFile(path, [logHead, ...this.claims.recent().map((claim) => linesOf(claim, now))]);
    const about = `the mail log "${path}" cannot be used: ${problem}`;
    this.#warn(`${about}; it is kept as "${aside}", and the addresses in it count as mailed`);
  }

  #warn(text: string): void {
    if (this.#said.has(text)) return;
    this.#said.add(text);
    this.#options.say(`warning: ${text}`);
  }
}

/** Why a part of a file, or all of it, cannot be used. */
interface Fault {
  readonly words: string;
  readonly isUnreadable: boolean;
}

/** There is a log that is not to be read, so nobody knows who was mailed. */
export class UnusableLog extends CliError {}

function unusableLog(path: string, reason: string): CliError {
  return new UnusableLog('io_error', `cannot use the mail log "${path}"`, {
    reason: `${reason}; so it is not known who was mailed in the last 24 hours, and nothing was sent`,
    hints: ['move it away to continue without it'],
    target: path,
  });
}

/** 0 where it cannot be told: who writes to it is then looked up anew. */
function inodeOf(path: string): number {
  return ifPossible(() => look(path)?.ino) ?? 0;
}

/** Removes a file that is older than what is remembered, whoever it is of and whether or not it was set aside. */
function removeOld(path: string, localNow: number): void {
  // Another process may be faster, or it stays: it is too old to be read as anything.
  ifPossible(() => {
    const found = look(path);
    const isOld = found !== undefined && localNow - found.mtimeMs > memorySpan;
    if (isOld && logName.test(basename(path))) removeFile(path);
  });
}
