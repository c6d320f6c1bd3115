import type { Clock } from '../host.ts';

/** The organization that the sandbox key belongs to. */
export const organization = {
  id: '00000000-0000-4000-8000-73616e64626f',
  display_name: 'Sandbox',
  created_at: '2024-01-01T00:00:00.000000Z',
} as const;

/** Whose key the sandbox key is: a member who was there before the first invitation. */
export const owner = {
  id: 'u-sandbox',
  email: 'owner@sandbox.example',
  full_name: 'Sandbox Owner',
  auth_type: 'AUTH_TYPE_LOCAL',
  created_at: organization.created_at,
} as const;

export const ownerServiceAccount = 'sa-sandbox';

/** How many ids of five letters and digits there are. */
const idSpace = 36 ** 5;

/** Has no factor in common with the space, so that every number gets an id of its own. */
const idStride = 29_483_761;

/** Five letters and digits that look like chance but are the same in every run, and never the same for two numbers. */
export function idOf(prefix: 'i-' | 'u-' | 'rb-', number: number): string {
  // An invitation and its user get unlike ids, so that taking one for the other shows.
  const start = { 'i-': 17_001_401, 'u-': 31_415_926, 'rb-': 27_182_818 }[prefix];
  const scrambled = ((number % idSpace) * idStride + start) % idSpace;
  return prefix + scrambled.toString(36).padStart(5, '0');
}

/** The user of a member whom nobody invited: the ids from the middle of the space on, as if no invitation were as late. */
export function memberId(number: number): string {
  return idOf('u-', idSpace / 2 + number);
}

/** An API key, 16 capitals and digits, the same in every run. */
export function apiKeyId(number: number): string {
  return `SANDBOXKEY0${idOf('rb-', number).slice(3).toUpperCase()}`;
}

/** RFC 3339 in UTC with microseconds, as the API writes it. */
export function timestamp(milliseconds: number, microseconds = 0): string {
  return `${new Date(milliseconds).toISOString().slice(0, -1)}${String(microseconds).padStart(3, '0')}Z`;
}

/** Now, its microseconds taken from the clock that has them. */
export function timestampNow(clock: Clock): string {
  return timestamp(clock.now(), Math.floor((clock.monotonic() % 1) * 1000));
}

/** A source of request ids: 32 hexadecimal digits, all different. */
export function requestIds(clock: Clock): () => string {
  const run = Math.floor(clock.random() * 2 ** 48)
    .toString(16)
    .padStart(16, '0');
  let count = 0;
  return () => run + (count++).toString(16).padStart(16, '0');
}
