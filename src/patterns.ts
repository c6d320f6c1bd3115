import { once } from './once.ts';

/**
 * A pattern over properties of Unicode characters, made when first needed. As a literal it would open V8's tables of
 * them when the file is read, whether or not it ever runs: 3 ms of a start.
 */
export function lazyPattern(source: string, flags: string): () => RegExp {
  return once(() => new RegExp(source, flags));
}
