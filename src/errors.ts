import { getSystemErrorMap } from 'node:util';

/** The error codes, each with its exit code. A code, once released, keeps its meaning. */
export const exitCodes = {
  internal: 1,
  io_error: 1,
  usage: 2,
  invalid_email: 2,
  invalid_file: 2,
  confirmation_required: 2,
  config_invalid: 2,
  read_only: 2,
  network: 3,
  timeout: 3,
  tls: 3,
  proxy: 3,
  api_unavailable: 3,
  bad_response: 3,
  outcome_unknown: 3,
  auth_required: 4,
  auth_invalid: 4,
  forbidden: 5,
  not_found: 6,
  profile_not_found: 6,
  already_exists: 7,
  already_accepted: 7,
  ambiguous: 7,
  locked: 7,
  not_possible: 7,
  unsafe_plan: 7,
  stale_plan: 7,
  pending: 8,
  partial_failure: 9,
  drift: 10,
  quota_exceeded: 11,
  rate_limited: 11,
  cancelled: 130,
} as const;

export type FailureCode = keyof typeof exitCodes;

export interface FailureDetails {
  /** Why it failed, where the message alone does not say so. */
  readonly reason?: string | undefined;
  /** Sentences or runnable commands, each shown on a `hint:` line. */
  readonly hints?: readonly string[] | undefined;
  readonly http_status?: number | undefined;
  readonly request_id?: string | undefined;
  /** Where the resource is that exists already, if the server says. */
  readonly location?: string | undefined;
  /** Running the same command again may succeed. */
  readonly retryable?: boolean | undefined;
  /** The argument, id or e-mail that failed. */
  readonly target?: string | undefined;
  readonly cause?: unknown;
}

/** The error object of json output. Every key is always present. */
interface ErrorRecord {
  readonly code: FailureCode;
  readonly message: string;
  readonly exit_code: number;
  readonly http_status: number | null;
  readonly request_id: string | null;
  readonly retryable: boolean;
  readonly target: string | null;
  readonly hints: readonly string[];
}

/** An expected failure. Any other error that reaches `main` is a bug in invite. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: FailureCode;
  readonly details: FailureDetails;

  /** @param message What failed, with the value in double quotes. */
  constructor(code: FailureCode, message: string, details: FailureDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    // A detail that is undefined is one that nobody knows.
    this.details = Object.fromEntries(Object.entries(details).filter(([, detail]) => detail !== undefined));
  }

  get exitCode(): number {
    return exitCodes[this.code];
  }

  with(details: FailureDetails): CliError {
    return new CliError(this.code, this.message, { ...this.details, ...details });
  }

  toRecord(): ErrorRecord {
    const {
      reason,
      hints = [],
      http_status = null,
      request_id = null,
      retryable = false,
      target = null,
    } = this.details;
    const message = reason === undefined ? this.message : `${this.message}: ${reason}`;
    return { code: this.code, message, exit_code: this.exitCode, http_status, request_id, retryable, target, hints };
  }
}

/** What it returns; undefined where it fails, whatever the reason. */
export function ifPossible<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}

/** What a path leads to is nothing that may be read or written; the message says what it is. */
export class UnusableFile extends Error {
  override readonly name = 'UnusableFile';
}

/** Where the system's own words would mislead, or libuv has none. */
const words: Readonly<Record<string, string>> = {
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of the path is not a directory',
  ELOOP: 'it is a symbolic link',
  ENXIO: 'it is a pipe or a device, not a file',
  EDQUOT: 'disk quota exceeded',
};

/** EDQUOT is unknown to Node, which gives only the number: of Linux, of macOS. */
const codes = new Map([
  [-122, 'EDQUOT'],
  [-69, 'EDQUOT'],
]);

/** The code of an error of the system, such as ENOSPC; undefined for any other error. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, errno } = error as NodeJS.ErrnoException;
  if (code !== undefined && /^E[A-Z0-9]+$/.test(code)) return code;
  if (errno === undefined || !/^Unknown system error/.test(code ?? error.message)) return undefined;
  return codes.get(errno) ?? `E${-errno}`;
}

/** Why it failed, as `no space left on device (ENOSPC)`; the error's own message where the system has not spoken. */
export function wordsOf(error: unknown): string {
  const code = errnoOf(error);
  if (code === undefined) return error instanceof Error ? error.message : String(error);
  const known = words[code] ?? [...getSystemErrorMap().values()].find(([name]) => name === code)?.[1];
  return known === undefined ? code : `${known} (${code})`;
}

/** The failure for what went wrong with a file. What is no error of the system or of its files is returned as it is. */
export function ioError(message: string, path: string | undefined, error: unknown): unknown {
  if (!(error instanceof UnusableFile) && errnoOf(error) === undefined) return error;
  return new CliError('io_error', message, {
    reason: wordsOf(error),
    target: path,
    cause: error,
  });
}

/** What says that the path is wrong, or not for this user, and nothing about the disk. */
const ofThePath = ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EISDIR', 'ENAMETOOLONG', 'ELOOP', 'ENXIO'];

/** The failure for a file that cannot be used: `code` where another path or file would do, else `io_error`. */
export function unusable(code: FailureCode, message: string, path: string, error: unknown): unknown {
  const errno = errnoOf(error);
  const isFault = errno !== undefined && !ofThePath.includes(errno);
  const failure = ioError(message, path, error);
  const isOther = isFault || !(failure instanceof CliError) || failure === error;
  return isOther ? failure : new CliError(code, failure.message, failure.details);
}
