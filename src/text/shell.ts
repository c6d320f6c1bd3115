/** The value as one word of a POSIX shell: as it is where that is safe, else in single quotes. */
export function shellQuote(value: string): string {
  // No `=` in front: zsh would look for a program of that name.
  if (/^[\w@%+:,./-][\w@%+=:,./-]*$/.test(value)) return value;
  return `'${value.replaceAll("'", String.raw`'\''`)}'`;
}

/** An option as it is typed again in a hint; nothing where it was not given. */
export function optionWords(flag: string, value: string | number | boolean | undefined): string[] {
  if (value === undefined || value === false) return [];
  return value === true ? [flag] : [flag, shellQuote(String(value))];
}
