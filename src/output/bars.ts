/** A bar of blocks for a share of the longest; what is there at all is seen. */
export function bar(count: number, most: number, width: number): string {
  if (count <= 0 || most <= 0) return '';
  return '█'.repeat(Math.max(1, Math.round((count / most) * width)));
}
