import { CliError } from '../errors.ts';
import { clean } from '../text/sanitize.ts';

/** A failure on one line of a file: why, which word was probably meant or how to write it; never a flag, which a file does not have. */
export function inOneLine({ message, details: { reason, hints = [] } }: CliError): string {
  const meant = hints.find((hint) => /^(did you mean|write it as) /.test(hint));
  const more = reason?.split('\n', 1)[0] ?? meant;
  return more === undefined ? message : `${message}; ${more}`;
}

const shown = 20;

/** What is wrong with a line of a file. */
export interface FileProblem {
  readonly line: number;
  readonly message: string;
}

/** Everything that is wrong with a file, so that it can be corrected in one go. */
export class FileProblems {
  readonly #onProblem: (problem: FileProblem) => void;
  readonly #shown: FileProblem[] = [];
  #count = 0;
  #areAllEmails = true;

  /** @param onProblem Is called with each one as it is found. */
  constructor(onProblem: (problem: FileProblem) => void = () => {}) {
    this.#onProblem = onProblem;
  }

  /** @param kind What is wrong: an address, or anything else. */
  add(line: number, words: string, kind: 'email' | 'other' = 'other'): void {
    this.#count += 1;
    this.#areAllEmails &&= kind === 'email';
    this.#onProblem({ line, message: words });
    if (this.#shown.length < shown) this.#shown.push({ line, message: clean(words) });
  }

  get count(): number {
    return this.#count;
  }

  /** Throws `invalid_file`, or `invalid_email` if nothing but addresses is wrong. @param act What was to be done with the file. */
  throwIfAny(name: string, hints: readonly string[] = [], act = 'import'): void {
    if (this.#count === 0) return;
    // Some are only found once the whole file was read.
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
