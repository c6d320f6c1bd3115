import { foldEmail } from '../api/email.ts';
import { hasEnded } from '../files/lock.ts';
import type { Processes } from '../host.ts';
import { type JsonObject, objectIn, textAt } from '../text/json-fields.ts';

/** Milliseconds that a mail is remembered. */
export const memorySpan = 86_400_000;

/** Milliseconds that a list may lag behind: what is older than this and not in it has not happened. */
export const settlingTime = 600_000;

/** How far ahead of this clock another one may have been, in milliseconds. */
const skew = 300_000;

export interface End {
  /** `sent`: a mail has left; `refused`: the API answered that none has; `withdrawn`: nothing was asked of the API. */
  readonly outcome: 'sent' | 'refused' | 'unknown' | 'withdrawn';
  readonly id?: string | undefined;
  /** The API said that it took it, and only what it made of it is not known. */
  readonly answered?: boolean | undefined;
}

/** A process that claims, and where it runs. */
export interface Claimant {
  readonly command: string;
  readonly host: string;
  readonly namespace: string;
  readonly pid: number;
  /** When the process was started, as the system counts. */
  readonly start: string;
}

/** Somebody's word that they are about to mail an address. Times are milliseconds since 1970. */
export interface Claim {
  readonly id: string;
  /** In small letters. */
  readonly email: string;
  readonly as: string;
  readonly by: Claimant;
  readonly at: number;
  /** When the mail was sent that an earlier one, whose end is unknown, made a second one. */
  againAt?: number;
  end?: End | undefined;
  endedAt?: number;
}

export interface PastMails {
  /** The newest invitation that is known to have been sent. */
  readonly id?: string | undefined;
  /** When a mail last left of which that is known. */
  readonly sentAt?: number | undefined;
  /** When something was sent of which nobody knows the end, in the last ten minutes. */
  readonly unknownAt?: number | undefined;
  /** Until then nothing more is sent. */
  readonly blockedUntil?: number | undefined;
}

interface World {
  /** Milliseconds since 1970, by the server's clock. */
  readonly now: () => number;
  readonly processes: Processes;
}

/** Who is being mailed and was: the claims of a log, in its order. */
export class Claims {
  readonly #world: World;
  readonly #byEmail = new Map<string, Claim[]>();
  readonly #byId = new Map<string, Claim>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Those of the last 24 hours. */
  recent(): Claim[] {
    const now = this.#world.now();
    return [...this.#byId.values()].filter((claim) => now - claim.at < memorySpan);
  }

  /** Knows one that is about to be written. Its place is where its line is read. */
  announce(claim: Claim): void {
    this.#byId.set(claim.id, claim);
  }

  /** Puts it behind those of the same address, unless it is there. */
  add(claim: Claim): void {
    this.#byId.set(claim.id, claim);
    const others = this.#byEmail.get(claim.email);
    if (others === undefined) this.#byEmail.set(claim.email, [claim]);
    else if (!others.includes(claim)) others.push(claim);
  }

  /** The claim of another process that goes first: the earliest that is open. */
  rivalOf(claim: Claim): Claim | undefined {
    const all = this.#byEmail.get(claim.email) ?? [];
    return all.slice(0, all.indexOf(claim)).find((one) => one.end === undefined && !this.#isGone(one));
  }

  /** What is known of an address, apart from a claim of one's own. */
  past(email: string, own?: Claim): PastMails {
    const now = this.#world.now();
    let id: string | undefined;
    let lastAt: number | undefined;
    let unknown: Claim[] = [];
    // Who claimed it later, and still waits for the end of our claim, has sent nothing.
    let isLater = false;
    for (const claim of this.#byEmail.get(foldEmail(email)) ?? []) {
      if (claim === own) isLater = now - sentAt(claim) < settlingTime;
      if (claim === own || now - claim.at > memorySpan) continue;
      if (claim.end?.id !== undefined) {
        id = claim.end.id;
        if (claim.end.outcome === 'sent') lastAt = claim.endedAt;
        unknown = [];
      } else if (isUnknown(claim) && !(isLater && claim.end === undefined)) unknown.push(claim);
    }
    const recent = unknown.filter((claim) => now - sentAt(claim) < settlingTime);
    const blocking = recent.filter(({ againAt, end }) => againAt !== undefined || end?.answered === true);
    const blockedAt = latest(blocking);
    return {
      id,
      sentAt: lastAt,
      unknownAt: latest(recent),
      blockedUntil: blockedAt === undefined ? undefined : blockedAt + settlingTime,
    };
  }

  /** Learns from a line of the log. Returns why it cannot be used, if so. What is from the future counts as of now. */
  learn(text: string): string | undefined {
    if (text === '' || `${text}\n` === logHead || isTorn(text)) return undefined;
    const now = this.#world.now();
    const line = objectIn(text);
    const at = Date.parse(textAt(line ?? {}, 'at') ?? '');
    if (line !== undefined && !Number.isNaN(at) && this.take(line, Math.min(at, now)))
      return at > now + skew ? 'its time is in the future' : undefined;
    for (const claim of mentionedIn(text, now)) this.add(claim);
    return /^\{"invite_mail_log":\d+/.test(text) ? 'a newer version of invite wrote it' : 'it is damaged';
  }

  /**
   * What a line says holds from now on: a claim is made, something may be sent a second time, or it has ended. Returns
   * false for a claim that is not whole.
   */
  take(line: JsonObject, at: number): boolean {
    if (typeof line.claim === 'string') {
      const claim = this.#byId.get(line.claim) ?? claimIn(line, at);
      if (claim !== undefined) this.add(claim);
      return claim !== undefined;
    }
    const claim = this.#byId.get(String(line.send ?? line.end));
    // What it belongs to may have been in a file that is gone.
    if (claim === undefined) return true;
    if (line.end !== undefined) [claim.end, claim.endedAt] = [endIn(line), at];
    if (line.again === true) claim.againAt = at;
    return true;
  }

  /** Its process has ended without a word, or cannot be seen from here and has been silent for too long. */
  #isGone(claim: Claim): boolean {
    const { processes, now } = this.#world;
    if (now() - sentAt(claim) > settlingTime) return true;
    const { host, namespace, pid, start } = claim.by;
    return `${host}/${namespace}` === processes.place() && hasEnded(processes, pid, start);
  }
}

function isUnknown({ end }: Claim): boolean {
  return end === undefined || end.outcome === 'unknown' || end.outcome === 'sent';
}

function sentAt({ at, againAt = at }: Claim): number {
  return againAt;
}

function latest(claims: readonly Claim[]): number | undefined {
  return claims.length === 0 ? undefined : Math.max(...claims.map(sentAt));
}

export const logHead = `${JSON.stringify({ invite_mail_log: 2 })}\n`;

export function logLine(fields: JsonObject, at: number): string {
  return `${JSON.stringify({ ...fields, at: new Date(at).toISOString() })}\n`;
}

export function claimLine({ id, email, as, by, at }: Claim): string {
  return logLine({ claim: id, email, as, ...by }, at);
}

export function linesOf(claim: Claim, now: number): string {
  const { id, againAt, end } = claim;
  return [
    claimLine(claim),
    againAt === undefined ? '' : logLine({ send: id, again: true }, againAt),
    end === undefined ? '' : logLine({ end: id, ...end }, now),
  ].join('');
}

function claimIn(line: JsonObject, at: number): Claim | undefined {
  const { claim: id, email, as, command, host, namespace, pid, start } = line;
  const texts = [id, email, as, command, host, namespace, start];
  if (!texts.every((text) => typeof text === 'string') || typeof pid !== 'number') return undefined;
  return {
    id: String(id),
    email: foldEmail(String(email)),
    as: String(as),
    at,
    end: undefined,
    by: { command: String(command), host: String(host), namespace: String(namespace), pid, start: String(start) },
  };
}

function endIn({ outcome, id, answered }: JsonObject): End {
  const known = (['sent', 'refused', 'withdrawn'] as const).find((one) => one === outcome) ?? 'unknown';
  return { outcome: known, id: typeof id === 'string' ? id : undefined, answered: answered === true || undefined };
}

/** The beginning of a line of ours that never got to the disk whole: nothing was sent for it. */
function isTorn(line: string): boolean {
  if (/^\{.*\}$/.test(line)) return false;
  const beginnings = ['{"claim":"', '{"send":"', '{"end":"', logHead];
  return beginnings.some((beginning) => line.startsWith(beginning) || beginning.startsWith(line));
}

/** The addresses in a text that cannot be read count as mailed a moment ago, so that nobody is mailed because of it. */
function mentionedIn(text: string, now: number): Claim[] {
  const emails = text.match(/[^\s"'\\:,<>{}[\]]{1,64}@[^\s"'\\:,<>{}[\]]{1,255}/g) ?? [];
  return [...new Set(emails.map(foldEmail))].map((email) => ({
    id: crypto.randomUUID(),
    email,
    as: 'created',
    at: now,
    by: { command: 'unknown', host: '', namespace: '', pid: 0, start: '' },
    end: { outcome: 'unknown', answered: true },
  }));
}
