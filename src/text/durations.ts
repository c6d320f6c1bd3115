import { CliError } from '../errors.ts';
import { counted } from './counts.ts';
import { invalidArgument } from './suggest.ts';

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** Milliseconds of `30s`, `15m`, `48h`, `7d` or `2w` (`50ms` too, for the sandbox). Throws `usage` on anything else. */
export function parseDuration(text: string, option?: string): number {
  const [, amount, unit] = /^(\d{1,9})(ms|s|m|h|d|w)$/.exec(text) ?? [];
  if (amount === undefined || unit === undefined) {
    const form = 'durations such as 30s, 15m, 48h, 7d and 2w';
    if (option !== undefined) throw invalidArgument(text, option, form);
    throw new CliError('usage', `"${text}" is not a duration: valid values are ${form}`);
  }
  return Number(amount) * units[unit as keyof typeof units];
}

/** A duration as `parseDuration` reads it, in the largest unit that it is a multiple of. */
export function formatDuration(milliseconds: number): string {
  const [unit, size] = Object.entries(units).findLast(([, one]) => milliseconds % one === 0) ?? ['ms', 1];
  return `${milliseconds / size}${unit}`;
}

/** A duration in words, in its largest whole unit: `3 days`, `1 hour`. */
export function durationInWords(milliseconds: number): string {
  const steps = [
    ['day', units.d],
    ['hour', units.h],
    ['minute', units.m],
    ['second', units.s],
  ] as const;
  for (const [word, size] of steps) {
    const count = Math.floor(milliseconds / size);
    if (count >= 1) return counted(count, word);
  }
  return 'less than a second';
}
