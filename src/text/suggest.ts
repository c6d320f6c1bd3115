import distance from 'leven';
import { CliError } from '../errors.ts';

/** The nearest known word, within two edits and a third of the length of what was typed. */
export function nearest(typed: string, known: readonly string[]): string | undefined {
  if (typed.length > 64) return undefined;
  let best: string | undefined;
  let bestDistance = Math.min(2, Math.floor(typed.length / 3)) + 1;
  for (const word of known) {
    const edits = editsBetween(typed.toLowerCase(), word.toLowerCase());
    if (edits < bestDistance) [best, bestDistance] = [word, edits];
  }
  return best;
}

/** Letters that differ; two neighbours that changed places count once. */
function editsBetween(typed: string, word: string): number {
  const swapped = [...typed.slice(1)].map(
    (letter, index) => typed.slice(0, index) + letter + typed.charAt(index) + typed.slice(index + 2),
  );
  return Math.min(distance(typed, word), ...swapped.map((one) => distance(one, word) + 1));
}

/** `Node.js, curl or a browser` */
export function orList(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

export function didYouMean(typed: string, known: readonly string[]): string[] {
  const suggestion = nearest(typed, known);
  return suggestion === undefined || suggestion === typed ? [] : [`did you mean "${suggestion}"?`];
}

/**
 * A value that is not among those of an option, an argument or a variable.
 * @param valid The values, or what to say of them after "valid values are".
 */
export function invalidArgument(value: string, name: string, valid: readonly string[] | string): CliError {
  const [words, known] = typeof valid === 'string' ? [valid, []] : [valid.join(', '), valid];
  return new CliError('usage', `invalid argument "${value}" for "${name}": valid values are ${words}`, {
    hints: didYouMean(value, known),
  });
}

/**
 * The three known words that are most like what was typed: those that contain it first, then those of which it is an
 * abbreviation, then by edits.
 */
export function mostAlike(typed: string, known: readonly string[]): string[] {
  const word = typed.toLowerCase().slice(0, 64);
  const rank = (one: string) => (word.length < 3 ? 2 : one.includes(word) ? 0 : abbreviates(word, one) ? 1 : 2);
  const all = known.map((name) => {
    const small = name.toLowerCase();
    return { name, edits: rank(small) * 100 + distance(word, small) };
  });
  return all
    .sort((a, b) => a.edits - b.edits)
    .slice(0, 3)
    .map(({ name }) => name);
}

/** Whether it has the first letter of the word, and others of its letters in their order. */
function abbreviates(short: string, word: string): boolean {
  let rest = word;
  for (const letter of short) {
    const at = rest.indexOf(letter);
    if (at === -1) return false;
    rest = rest.slice(at + 1);
  }
  return short[0] === word[0];
}

/** Whether one letter too many, too few, another one, or two neighbours exchanged make the one of the other. */
export function isOneEdit(a: string, b: string): boolean {
  return Math.abs(a.length - b.length) <= 1 && editsBetween(a, b) === 1;
}

/** The value as one word of a POSIX shell: as it is where that is safe, else in single quotes. */
export function shellQuote(value: string): string {
  // No `=` in front: zsh would look for a program of that name.
  if (/^[\w@%+:,./-][\w@%+=:,./-]*$/.test(value)) return value;
  return `'${value.replaceAll("'", String.raw`'\''`)}'`;
}

/** A file as it is typed: `-` is stdin, and any other beginning with it would be an option. */
export function fileWord(file: string): string {
  return shellQuote(/^-./.test(file) ? `./${file}` : file);
}

type OptionValue = string | number | boolean | undefined;

/** An option as it is typed again in a hint; nothing where it was not given. */
export function optionWords(flag: string, value: OptionValue): string[] {
  if (value === undefined || value === false) return [];
  return value === true ? [flag] : [flag, shellQuote(String(value))];
}

/** The flag of an option: `--allow-unicode` for `allowUnicode`. */
export function flagOf(option: string): string {
  return `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Options as they are typed again in a hint, in this order; several values of one, one after the other. */
export function optionsAgain(options: Readonly<Record<string, OptionValue | readonly string[]>>): string[] {
  return Object.entries(options).flatMap(([option, value]) =>
    [value].flat().flatMap((one) => optionWords(flagOf(option), one)),
  );
}
