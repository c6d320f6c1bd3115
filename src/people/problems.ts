import { CliError } from '../errors.ts';
import { clean } from '../text/sanitize.ts';

/** A failure as one line: the reason and a suggestion, but no hint with a flag, which a file does not have. */
export function inOneLine({ message, details: { reason, hints = [] } }: CliError): string {
  const meant = hints.find((hint) => /^(did you mean|write it as) /.test(hint));
  const more = reason?.split('\n', 1)[0] ?? meant;
  return more === undefined ? message : `${message}; ${more}`;
}

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

/** Lists and objects in each other; more of them would take the stack of who walks through them. */
export const deepest = 500;

/** Collects all problems of a file, so that they can be corrected at once. */
export class FileProblems {
  readonly #onProblem: (problem: FileProblem) => void;
  readonly #most: number;
  /** The first ones, which are shown. */
  readonly shown: FileProblem[] = [];
  count = 0;
  readonly #hints = new Set<string>();
  #areAllEmails = true;

  /**
   * @param onProblem Called with each problem when it is found.
   * @param most So many are shown.
   */
  constructor(onProblem: (problem: FileProblem) => void = () => {}, most = 20) {
    this.#onProblem = onProblem;
    this.#most = most;
  }

  add(line: number, words: string, { isEmail = false, hint }: ProblemDetails = {}): void {
    this.count += 1;
    this.#areAllEmails &&= isEmail;
    if (hint !== undefined) this.#hints.add(hint);
    this.#onProblem({ line, message: words });
    if (this.shown.length < this.#most) this.shown.push({ line, message: words });
  }

  throwIfAny(name: string, hints: readonly string[] = [], act = 'import'): void {
    if (this.count > 0) throw this.failure(name, hints, act);
  }

  /** `invalid_file`, or `invalid_email` if only addresses are wrong. @param act The verb in the message. */
  failure(name: string, hints: readonly string[], act: string): CliError {
    // Some are found only after the whole file was read.
    this.shown.sort((one, other) => one.line - other.line);
    const lines = this.shown.map(({ line, message }) => `line ${line}: ${clean(message)}`);
    const more = this.count > this.#most ? [`and ${this.count - this.#most} more`] : [];
    const code = this.#areAllEmails ? 'invalid_email' : 'invalid_file';
    return new CliError(code, `cannot ${act} "${name}", nothing was sent`, {
      reason: [...lines, ...more].join('\n'),
      hints: [...this.#hints, ...hints],
      target: name,
    });
  }
}

interface ProblemDetails {
  /** Whether an address is wrong, rather than anything else. */
  readonly isEmail?: boolean;
  /** What would let the file pass. */
  readonly hint?: string | undefined;
}

/** Both sides of a merge would be taken for the file. */
export function checkConflicts(text: string, problems: FileProblems): void {
  if (!text.includes('<<<<<<< ') && !text.includes('>>>>>>> ')) return;
  for (const [index, line] of text.split('\n').entries())
    if (/^(?:<{7}|>{7}|\|{7}) |^={7}\r?$/.test(line)) problems.add(index + 1, 'this is an unresolved merge conflict');
}
