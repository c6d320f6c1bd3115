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

  /** The same failure with more details. */
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
