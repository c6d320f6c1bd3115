import { unlessMissing } from '../http/failure.ts';
import { textAt } from '../text/json-fields.ts';
import type { Invitation } from './invitation.ts';

/** A row of a list need have no more than an id, an e-mail and metadata; the rest of it is read by its id. */
interface ById {
  get(id: string): Promise<Invitation>;
}

/** Whether it has no more than the specification requires of a row. */
export function isBare(row: Invitation): boolean {
  return !('status' in row) && !('user' in row) && textAt(row, 'id') !== undefined;
}

/** Whether it lacks what is decided by. */
export function isPartial(row: Invitation): boolean {
  return textAt(row, 'status') === undefined || textAt(row, 'user', 'id') === undefined;
}

/** An invitation as it is by itself. What cannot be read, or is answered without its id, is left as it is. */
async function wholeInvitation(client: ById, row: Invitation, lacks = isPartial): Promise<Invitation> {
  const id = textAt(row, 'id');
  if (id === undefined || !lacks(row)) return row;
  const found = await unlessMissing(client.get(id));
  return found !== undefined && textAt(found, 'id') === id ? found : row;
}

/** All of them, in their order. */
export function wholeInvitations(client: ById, rows: readonly Invitation[], lacks = isPartial): Promise<Invitation[]> {
  return inTurns(rows, (row) => wholeInvitation(client, row, lacks));
}

/** How many are read by id concurrently. */
const readConcurrency = 4;

/** Reads something for each of them, a few at a time. */
export async function inTurns<T, R>(all: readonly T[], read: (one: T) => R | Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < all.length; start += readConcurrency)
    results.push(...(await Promise.all(all.slice(start, start + readConcurrency).map(read))));
  return results;
}
