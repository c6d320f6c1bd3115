import { foldEmail } from '../api/email.ts';
import { textAt } from '../text/json-fields.ts';

/** What a change is called that mailed somebody. */
export type MailOutcome = 'created' | 'reinvited' | 'resent';

/** What became of a claim. */
export interface End {
  /** `sent`: a mail has left; `refused`: the API answered that none has; `withdrawn`: nothing was asked of the API. */
  readonly outcome: 'sent' | 'refused' | 'unknown' | 'withdrawn';
  /** The invitation, where it is known. */
  readonly id?: string;
  /** The API said that it took it, and only what it made of it is not known. */
  readonly answered?: boolean;
}

/** Where a process runs, and which one it is. */
interface ProcessName {
  /** Machine and process namespace. */
  readonly place: string;
  readonly pid: number;
  /** When it was started, as the system counts. */
  readonly start: string;
}

/** Somebody's word that they are about to mail an address. Times are milliseconds since 1970. */
export interface Claim {
  readonly id: string;
  /** In small letters. */
  readonly email: string;
  readonly as: MailOutcome;
  readonly command: string;
  readonly owner: ProcessName;
  readonly at: number;
  /** Nothing is being sent yet. */
  isWaiting: boolean;
  /** When the mail was sent that an earlier one, whose end is unknown, made a second one. */
  againAt?: number;
  end?: End;
}

const version = 2;

export const logHead = formatLine({ invite_mail_log: version });

function formatLine(line: object): string {
  return `${JSON.stringify(line)}\n`;
}

function timeText(time: number): string {
  return new Date(time).toISOString();
}

export function claimLine({ id, email, as, command, owner: { place, pid, start }, at }: Claim): string {
  const [host = '', namespace = ''] = place.split('/');
  return formatLine({ claim: id, email, as, command, host, namespace, pid, start, at: timeText(at) });
}

/** The claim is kept while something is looked up: if its process ends, nothing was sent. */
export function waitLine({ id }: Claim, at: number): string {
  return formatLine({ wait: id, at: timeText(at) });
}

/** From now on something may be sent. */
export function sendLine({ id }: Claim, at: number, again: boolean): string {
  return formatLine({ send: id, ...(again ? { again } : {}), at: timeText(at) });
}

export function endLine({ id }: Claim, end: End, at: number): string {
  return formatLine({ end: id, ...end, at: timeText(at) });
}

/** A claim with all that followed, as lines. */
export function linesOf(claim: Claim, now: number): string {
  return [
    claimLine(claim),
    ...(claim.isWaiting ? [waitLine(claim, now)] : []),
    ...(claim.againAt === undefined ? [] : [sendLine(claim, claim.againAt, true)]),
    ...(claim.end === undefined ? [] : [endLine(claim, claim.end, now)]),
  ].join('');
}

/** Claims, by address and by id, in the order of the log. */
export class Claims {
  readonly byEmail = new Map<string, Claim[]>();
  readonly #byId = new Map<string, Claim>();
  /** What the claims of one process have in common, which may be a hundred thousand. */
  #last: Pick<Claim, 'owner' | 'command'> | undefined;

  add(claim: Claim): void {
    if (this.#byId.has(claim.id)) return;
    this.#byId.set(claim.id, claim);
    const others = this.byEmail.get(claim.email);
    if (others === undefined) this.byEmail.set(claim.email, [claim]);
    else others.push(claim);
  }

  /** Learns from a line of the log. Returns its time, or why it is not one. What is from the future counts as of now. */
  learn(text: string, now: number): { readonly at: number } | { readonly fault: string } {
    const line = parsedLine(text);
    const at = Date.parse(textAt(line ?? {}, 'at') ?? '');
    if (line === undefined || Number.isNaN(at)) return { fault: faultOf(text) };
    if (typeof line.claim === 'string')
      return this.#learnClaim(line, Math.min(at, now)) ? { at } : { fault: faultOf(text) };
    const claim = this.#byId.get([line.wait, line.send, line.end].find((id) => typeof id === 'string') as string);
    // What it belongs to may have been in a file that is gone.
    if (claim === undefined) return { at };
    if (line.wait !== undefined) claim.isWaiting = true;
    if (line.send !== undefined) {
      claim.isWaiting = false;
      if (line.again === true) claim.againAt = Math.min(at, now);
    }
    if (line.end !== undefined) claim.end = endIn(line);
    return { at };
  }

  #learnClaim(line: Record<string, unknown>, at: number): boolean {
    const { claim: id, email, as, command, host, namespace, pid, start } = line;
    const texts = [id, email, as, command, host, namespace, start];
    if (!texts.every((text) => typeof text === 'string') || typeof pid !== 'number') return false;
    const shared = this.#shared({ place: `${host}/${namespace}`, pid, start: String(start) }, String(command));
    this.add({
      ...{ id: String(id), email: foldEmail(String(email)), as: as as MailOutcome, at, isWaiting: false },
      ...shared,
    });
    return true;
  }

  #shared(owner: ProcessName, command: string): Pick<Claim, 'owner' | 'command'> {
    const last = this.#last;
    const isSame = last?.command === command && last.owner.pid === owner.pid && last.owner.start === owner.start;
    if (isSame && last.owner.place === owner.place) return last;
    this.#last = { owner, command };
    return this.#last;
  }
}

function endIn({ outcome, id, answered }: Record<string, unknown>): End {
  const known = (['sent', 'refused', 'withdrawn'] as const).find((one) => one === outcome) ?? 'unknown';
  return {
    outcome: known,
    ...(typeof id === 'string' ? { id } : {}),
    ...(answered === true ? { answered } : {}),
  };
}

function parsedLine(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

export function isHead(text: string): boolean {
  return `${text}\n` === logHead;
}

/** The beginning of a line of ours that never got to the disk whole: nothing was sent for it. */
export function isTorn(line: string): boolean {
  if (/^\{.*\}$/.test(line)) return false;
  const beginnings = ['{"claim":"', '{"wait":"', '{"send":"', '{"end":"', logHead];
  return beginnings.some((beginning) => line.startsWith(beginning) || beginning.startsWith(line));
}

function faultOf(line: string): string {
  return /^\{"invite_mail_log":\d+/.test(line) ? 'a newer version of invite wrote it' : 'it is damaged';
}

/** The addresses in a text that cannot be read count as mailed a moment ago, so that nobody is mailed because of it. */
export function mentionedIn(text: string, now: number): Claim[] {
  const emails = text.match(/[^\s"'\\:,<>{}[\]]{1,64}@[^\s"'\\:,<>{}[\]]{1,255}/g) ?? [];
  return [...new Set(emails.map(foldEmail))].map((email) => ({
    ...{ id: crypto.randomUUID(), email, as: 'created', command: 'unknown', at: now, isWaiting: false },
    owner: { place: '', pid: 0, start: '' },
    end: { outcome: 'unknown', answered: true },
  }));
}
