import { durationInWords } from './durations.ts';

const rfc3339 =
  /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt ](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d{1,12})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** Milliseconds since 1970 of an RFC 3339 time; undefined for nonsense and for the year 1, which means "never". */
export function parseTime(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  const [, year, month, day] = rfc3339.exec(value)?.map(Number) ?? [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  if (year <= 1 || day > daysIn(year, month)) return undefined;
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
  const words = durationInWords(rounded(distance));
  if (time > now && distance >= 1000) return `in ${words}`;
  return distance < 60_000 ? 'just now' : `${words} ago`;
}

/** To the nearest day, hour or minute, so that what was sent for three days does not read "in 2 days" a second later. */
function rounded(milliseconds: number): number {
  const unit = [86_400_000, 3_600_000, 60_000].find((size) => milliseconds >= size) ?? 1;
  return Math.round(milliseconds / unit) * unit;
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** RFC 3339 in UTC, to the second. @param time Milliseconds since 1970. */
export function formatSecond(time: number): string {
  return new Date(Math.floor(time / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}
