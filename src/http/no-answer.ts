import { CliError, type FailureCode, type FailureDetails } from '../errors.ts';

/** No answer that could be read. Whether the server may have acted decides what may be repeated. */
export class NoAnswer extends CliError {
  /** False if not a byte of the request left; true if the server may have got it. */
  readonly sent: boolean;

  constructor(code: FailureCode, message: string, details: FailureDetails & { readonly sent: boolean }) {
    const { sent, ...rest } = details;
    super(code, message, rest);
    this.sent = sent;
  }

  override with(details: FailureDetails): NoAnswer {
    return new NoAnswer(this.code, this.message, { ...this.details, ...details, sent: this.sent });
  }
}

/** The request was sent and must not be repeated blindly, and whether it was carried out is not known. */
export class UnknownOutcome extends CliError {
  /** @param failure What was seen of it: its code, words and status stay. */
  constructor(failure: CliError) {
    super(failure.code, failure.message, failure.details);
  }

  override with(details: FailureDetails): UnknownOutcome {
    return new UnknownOutcome(super.with(details));
  }
}
