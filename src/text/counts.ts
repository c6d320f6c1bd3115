/** `1 mail`, `2 mails`. */
export function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

/** `1 mail, 2 grants`, without what there is none of. */
export function countsInWords(counts: readonly (readonly [count: number, word: string])[]): string {
  const some = counts.filter(([count]) => count > 0);
  return some.map(([count, word]) => counted(count, word)).join(', ');
}
