import type { AuthType } from '../api/invitation.ts';
import { CliError } from '../errors.ts';
import { type Entry, kindInWords, type Value } from '../people/document.ts';
import { type FileProblems, inOneLine } from '../people/problems.ts';
import { authTypeIn } from '../people/row.ts';
import { didYouMean } from '../text/suggest.ts';
import { parseUntil, type Until } from './desired.ts';

/** Reads the values of a document. A value that is not valid is reported and treated as absent. */
export class Fields {
  readonly #problems: FileProblems;

  constructor(problems: FileProblems) {
    this.#problems = problems;
  }

  /** The values of the known keys. Keys that begin with `x-` are ignored, other unknown keys are reported. */
  of<Key extends string>(value: Value, known: readonly Key[], what: string): ReadonlyMap<Key, Value> {
    const fields = new Map<Key, Value>();
    for (const { key, line, value: inner } of this.entries(value, what)) {
      const name = known.find((one) => one === key);
      if (name !== undefined) fields.set(name, inner);
      else if (!key.startsWith('x-')) this.#problems.add(line, unknownKey(key, known, what));
    }
    return fields;
  }

  entries(value: Value | undefined, what: string): Iterable<Entry> {
    if (value === undefined) return [];
    if (value.kind === 'map') return value.entries();
    this.#problems.add(value.line, `${what} is ${kindInWords(value)} here; it is a mapping of keys to values`);
    return [];
  }

  items(value: Value | undefined, what: string): Value[] {
    if (value === undefined) return [];
    if (value.kind === 'list') return [...value.items()];
    const none = value.kind === 'scalar' && value.scalar === null ? '; write [] for none' : '';
    this.#problems.add(value.line, `${what} is ${kindInWords(value)} here; it is a list${none}`);
    return [];
  }

  text(value: Value | undefined, what: string): string | undefined {
    if (value === undefined) return undefined;
    if (value.kind === 'scalar' && typeof value.scalar === 'string') return value.scalar;
    const isPlain = value.kind === 'scalar' && value.scalar !== null;
    const shown = isPlain ? ` (${value.scalar})` : '';
    const hint = isPlain ? '; write it in quotes if it is meant as text' : '';
    this.#problems.add(value.line, `${what} is ${kindInWords(value)}${shown}, not text${hint}`);
    return undefined;
  }

  until(value: Value | undefined): Until | undefined {
    const text = this.text(value, 'until');
    const until = text === undefined ? undefined : parseUntil(text);
    if (text !== undefined && until === undefined) this.#problems.add(value?.line ?? 1, notADate(text));
    return until;
  }

  authType(value: Value | undefined): AuthType | undefined {
    const text = this.text(value, 'auth_type');
    return text === undefined ? undefined : this.attempt(value?.line ?? 1, () => authTypeIn(text));
  }

  /** The result of a parser; a CliError that it throws is reported. */
  attempt<T>(line: number, parse: () => T): T | undefined {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      this.#problems.add(line, inOneLine(error));
      return undefined;
    }
  }
}

function notADate(text: string): string {
  return `"${text}" is not a date; write it as 2027-01-31 or 2027-01-31T18:00:00Z`;
}

function unknownKey(key: string, known: readonly string[], what: string): string {
  const shown = known.filter((name) => !/^(?:x-|\$)/.test(name));
  const [hint = `known: ${shown.join(', ')}`] = didYouMean(key, shown);
  return `"${key}" is not a key of ${what}; ${hint}`;
}
