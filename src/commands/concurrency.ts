import { Option } from 'commander';
import { parseCount } from '../context/globals.ts';
import type { Context } from '../context.ts';

const range = [1, 32] as const;

export function concurrencyOption(): Option {
  const parse = (text: string) => parseCount(text, '--concurrency', range);
  return new Option('--concurrency <n>', 'do at most so many at once, 1 to 32 (default: 4)').argParser(parse);
}

/** What INVITE_CONCURRENCY says, or 4. */
export function concurrencyOf({ host }: Context): number {
  return parseCount(host.env.INVITE_CONCURRENCY ?? '4', 'INVITE_CONCURRENCY', range);
}
