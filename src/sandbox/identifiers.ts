import type { Clock } from '../host.ts';

/** The number of ids of five letters and digits. */
const idSpace = 36 ** 5;

/** Coprime to the size of the space, so that every number maps to a different id. */
const idStride = 29_483_761;

/** An id of five letters and digits: it looks random, is the same in every run, and differs for every number. */
export function idOf(prefix: 'i-' | 'u-' | 'rb-', number: number): string {
  // An invitation and its user get different ids, so that confusing them has an effect.
  const start = { 'i-': 17_001_401, 'u-': 31_415_926, 'rb-': 27_182_818 }[prefix];
  const scrambled = ((number % idSpace) * idStride + start) % idSpace;
  return prefix + scrambled.toString(36).padStart(5, '0');
}

/** The user id of a member without an invitation, from the second half of the space, which invitations do not reach. */
export function memberId(number: number): string {
  return idOf('u-', idSpace / 2 + number);
}

/** An API key of 16 capital letters and digits, the same in every run. */
export function apiKeyId(number: number): string {
  return `SANDBOXKEY0${idOf('rb-', number).slice(3).toUpperCase()}`;
}

/** RFC 3339 in UTC with microseconds, as the API writes it. */
export function timestamp(milliseconds: number, microseconds = 0): string {
  return `${new Date(milliseconds).toISOString().slice(0, -1)}${String(microseconds).padStart(3, '0')}Z`;
}

/** The current time; the microseconds come from the monotonic clock. */
export function timestampNow(clock: Clock): string {
  return timestamp(clock.now(), Math.floor((clock.monotonic() % 1) * 1000));
}

/** Generates unique request ids of 32 hexadecimal digits. */
export function requestIds(clock: Clock): () => string {
  const run = Math.floor(clock.random() * 2 ** 48)
    .toString(16)
    .padStart(16, '0');
  let count = 0;
  return () => run + (count++).toString(16).padStart(16, '0');
}
