import { CliError } from '../errors.ts';
import { invalidArgument } from './suggest.ts';

const rfc3339 =
  /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt ](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d{1,12})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** Milliseconds since 1970 of an RFC 3339 time; undefined for nonsense and for the year 1, which means "never". */
export function parseTime(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  const [, year, month, day] = rfc3339.exec(value)?.map(Number) ?? [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const daysInMonth = new Date(Date.UTC(year, month, 0)).getUTCDate();
  if (year <= 1 || day > daysInMonth) return undefined;
  // A leap second has no place in the milliseconds since 1970.
  const time = Date.parse(
    value
      .toUpperCase()
      .replace(' ', 'T')
      .replace(/:60(?=[.Z+-])/, ':59'),
  );
  return Number.isNaN(time) ? undefined : time;
}

/** Whether it is the API's way of saying that there is no such time. */
export function isNever(value: unknown): boolean {
  return typeof value === 'string' && value.startsWith('000') && /^000[01]-\d\d-\d\d[Tt ]/.test(value);
}

/** "in 2 days", "3 hours ago" or "just now"; a text that is not a time is returned as it is, the year 1 as nothing. */
export function relativeTime(timestamp: string, now: number): string {
  const time = parseTime(timestamp);
  if (time === undefined) return isNever(timestamp) ? '' : timestamp;
  const distance = Math.abs(time - now);
  // To the nearest unit, so that what was sent for three days does not read "in 2 days" a second later.
  const unit = [86_400_000, 3_600_000, 60_000].find((size) => distance >= size) ?? 1;
  const words = durationInWords(Math.round(distance / unit) * unit);
  if (time > now && distance >= 1000) return `in ${words}`;
  return distance < 60_000 ? 'just now' : `${words} ago`;
}

/** RFC 3339 in UTC, to the second. @param time Milliseconds since 1970. */
export function formatSecond(time: number): string {
  return new Date(Math.floor(time / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}

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

/** `1 mail`, `2 mails`. */
export function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

/** How often each text is there, the most frequent first. */
export function frequencies(texts: readonly string[]): (readonly [text: string, count: number])[] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort(([, one], [, other]) => other - one);
}

export function firstOf(texts: readonly string[], most: number, others = 'more'): string[] {
  const left = texts.length - most;
  return left > 0 ? [...texts.slice(0, most), `and ${left} ${others}`] : [...texts];
}

/** `1 mail, 2 grants`, without what there is none of. */
export function countsInWords(counts: readonly (readonly [count: number, word: string])[]): string {
  const some = counts.filter(([count]) => count > 0);
  return some.map(([count, word]) => counted(count, word)).join(', ');
}
