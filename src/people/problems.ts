import { CliError } from '../errors.ts';
import { clean } from '../text/sanitize.ts';

/** A failure as one line: the reason and a suggestion, but no hint with a flag, which a file does not have. */
export function inOneLine({ message, details: { reason, hints = [] } }: CliError): string {
  const meant = hints.find((hint) => /^(did you mean|write it as) /.test(hint));
  const more = reason?.split('\n', 1)[0] ?? meant;
  return more === undefined ? message : `${message}; ${more}`;
}

const shown = 20;

/** A problem in one line of a file. */
export interface FileProblem {
  readonly line: number;
  readonly message: string;
}

/** A problem after which the rest of the file cannot be read. */
export class UnreadableFile extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/** Collects all problems of a file, so that they can be corrected at once. */
export class FileProblems {
  readonly #onProblem: (problem: FileProblem) => void;
  readonly #shown: FileProblem[] = [];
  #count = 0;
  #areAllEmails = true;

  /** @param onProblem Called with each problem when it is found. */
  constructor(onProblem: (problem: FileProblem) => void = () => {}) {
    this.#onProblem = onProblem;
  }

  /** @param kind Whether an address is wrong, or anything else. */
  add(line: number, words: string, kind: 'email' | 'other' = 'other'): void {
    this.#count += 1;
    this.#areAllEmails &&= kind === 'email';
    this.#onProblem({ line, message: words });
    if (this.#shown.length < shown) this.#shown.push({ line, message: clean(words) });
  }

  get count(): number {
    return this.#count;
  }

  /** Throws `invalid_file`, or `invalid_email` if only addresses are wrong. @param act The verb in the message. */
  throwIfAny(name: string, hints: readonly string[] = [], act = 'import'): void {
    if (this.#count === 0) return;
    // Some are found only after the whole file was read.
    const lines = this.#shown
      .sort((one, other) => one.line - other.line)
      .map(({ line, message }) => `line ${line}: ${message}`);
    const more = this.#count > shown ? [`and ${this.#count - shown} more`] : [];
    throw new CliError(
      this.#areAllEmails ? 'invalid_email' : 'invalid_file',
      `cannot ${act} "${name}", nothing was sent`,
      {
        reason: [...lines, ...more].join('\n'),
        hints,
        target: name,
      },
    );
  }
}
