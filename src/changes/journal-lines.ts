import type { MailOutcome } from './change.ts';
import { type Outcome, outcomes } from './result.ts';

/** What the file of a journal begins with: which import it is of. Holds no secret. */
export interface JournalHead {
  /** As a full path; `-` is stdin. */
  readonly file: string;
  /** Of the bytes as they were read. */
  readonly file_sha256: string;
  /** The origin of the API. */
  readonly origin: string;
  /** Its id, or null where the API does not tell. */
  readonly organization: string | null;
  /**
   * First and last four characters; null for the sandbox, and for an access token, which has no id. Where a token's
   * organization is unknown, the time of the run, which no other run shares.
   */
  readonly key_id: string | null;
  readonly auth_type: string | null;
  /** Granted to everybody in the file. */
  readonly roles: readonly string[];
  /** People in the file; older journals do not say it. */
  readonly rows?: number;
  readonly created_at: string;
}

/** A change that is about to be begun, or one that has ended. */
export type JournalEntry =
  | { readonly started: string; readonly as: MailOutcome; readonly at: string }
  | {
      readonly done: string;
      readonly outcome: Outcome;
      readonly id?: string;
      readonly error?: string;
      /** The API took it, but what it answered was not learnt. */
      readonly answered?: boolean;
      readonly at?: string;
    };

const started: readonly unknown[] = ['created', 'reinvited', 'resent'] satisfies MailOutcome[];

const version = 1;

export function headLine(head: JournalHead): string {
  return `${JSON.stringify({ invite_journal: version, ...head })}\n`;
}

export function entryLine(entry: JournalEntry): string {
  return `${JSON.stringify(entry)}\n`;
}

/** Throws an `Error` that says what is wrong with the line. */
export function headOf(line: string): JournalHead {
  const value = objectOf(line);
  if (value.invite_journal !== version) throw new Error('it is not the beginning of a journal of this version');
  const { file, file_sha256, origin, created_at } = value;
  for (const text of [file, file_sha256, origin, created_at]) {
    if (typeof text !== 'string') throw new Error('it lacks what the first line of a journal says');
  }
  return value as unknown as JournalHead;
}

/** Throws an `Error` that says what is wrong with the line. */
export function entryOf(line: string): JournalEntry {
  const value = objectOf(line);
  const isStart = typeof value.started === 'string' && started.includes(value.as);
  if (isStart && !Number.isNaN(Date.parse(String(value.at)))) return value as JournalEntry;
  const isEnd = typeof value.done === 'string' && outcomes.some((outcome) => outcome === value.outcome);
  if (isEnd && isTextOrNone(value.id) && isTextOrNone(value.error)) return value as JournalEntry;
  throw new Error('it says neither that something was started nor that it is done');
}

function isTextOrNone(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

function objectOf(line: string): Record<string, unknown> {
  const value: unknown = JSON.parse(line);
  if (typeof value === 'object' && value !== null) return { ...value };
  throw new Error('it is no JSON object');
}
