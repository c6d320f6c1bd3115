/** What is on a line that is being typed, as far as candidates depend on it. */
export interface Line {
  readonly profile?: string;
  readonly endpoint?: string;
  /** `--remove-user` is on it. */
  readonly removesUser: boolean;
  /** Every word of it: what was named once is not offered again. */
  readonly words: ReadonlySet<string>;
}

/** Reads the words before the cursor, as the shell hands them over: one that is quoted still has its quotes. */
export function readLine(words: readonly string[]): Line {
  const bare = words.map((word) => /^(['"])(.*)\1$/s.exec(word)?.[2] ?? word);
  const profile = lastValue(bare, '--profile', '-p');
  const endpoint = lastValue(bare, '--endpoint');
  return {
    ...(profile === undefined ? {} : { profile }),
    ...(endpoint === undefined ? {} : { endpoint }),
    removesUser: bare.includes('--remove-user'),
    words: new Set(bare),
  };
}

function lastValue(words: readonly string[], long: string, short?: string): string | undefined {
  const values = words.flatMap((word, index) => {
    if (word === long || word === short) return [words[index + 1] ?? ''];
    if (word.startsWith(`${long}=`)) return [word.slice(long.length + 1)];
    const isJoined = short !== undefined && word.startsWith(short) && !word.startsWith('--');
    return isJoined ? [word.slice(short.length)] : [];
  });
  return values.at(-1);
}
