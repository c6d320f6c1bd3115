import { type Caller, initialEntries } from './organization.ts';
import {
  type ApiKeyRow,
  type BindingRow,
  type Entry,
  fold,
  type InvitationRow,
  isPending,
  type UserRow,
} from './rows.ts';

interface Deadline {
  readonly slot: Slot<InvitationRow>;
  /** Milliseconds since 1970 at which SENT turns into EXPIRED. */
  readonly at: number;
}

/** All rows in memory, with indexes so that a request need not scan them. */
export class State {
  readonly invitations = new Collection<InvitationRow>();
  readonly users = new Collection<UserRow>();
  readonly bindings = new Collection<BindingRow>();
  readonly keys = new Collection<ApiKeyRow>();
  readonly #invited = new Map<string, Slot<InvitationRow>[]>();
  /** Ids by e-mail: an identity provider may create two users with one e-mail. */
  readonly #members = new Map<string, readonly string[]>();
  readonly #granted = new Map<string, Map<string, BindingRow>>();
  /** By the id of the user that the invitation creates. */
  readonly #pending = new Map<string, Deadline>();
  readonly #expiryLag: number;
  #nextDeadline = Number.POSITIVE_INFINITY;

  /**
   * Starts with the initial state of the organization.
   *
   * @param expiryLag Milliseconds between `expires_at` and the status EXPIRED.
   */
  constructor(expiryLag: number, caller: Caller) {
    this.#expiryLag = expiryLag;
    for (const entry of initialEntries(caller)) this.apply(entry);
  }

  /** The invitations to this e-mail, ignoring case, the oldest first. */
  invited(email: string): readonly Slot<InvitationRow>[] {
    return this.#invited.get(fold(email)) ?? [];
  }

  /** The newest invitation to this e-mail that can be accepted. */
  pendingFor(email: string): InvitationRow | undefined {
    return this.invited(email).findLast(({ row }) => isPending(row))?.row;
  }

  member(email: string): UserRow | undefined {
    return this.users.get(this.#members.get(fold(email))?.at(-1) ?? '');
  }

  /** Whether an invitation to this e-mail was accepted and the user has been deleted since. */
  hasLeft(email: string): boolean {
    const accepted = this.invited(email).filter(({ row }) => row.status === 'ACCEPTED');
    return accepted.length > 0 && accepted.every(({ row }) => this.users.get(row.user) === undefined);
  }

  get pendingCount(): number {
    return this.#pending.size;
  }

  isPendingUser(id: string): boolean {
    return this.#pending.has(id);
  }

  grantedTo(principal: string): readonly BindingRow[] {
    return [...(this.#granted.get(principal)?.values() ?? [])];
  }

  ownedBy(id: string): readonly ApiKeyRow[] {
    return [...this.keys.rows()].filter(({ owner }) => owner === id);
  }

  apply(entry: Entry): void {
    if ('put' in entry && entry.put === 'invitation') this.#putInvitation(entry.row);
    if ('put' in entry && entry.put === 'user') this.#putUser(entry.row);
    if ('put' in entry && entry.put === 'binding') this.#putBinding(entry.row);
    if ('put' in entry && entry.put === 'api_key') this.keys.put(entry.row);
    if ('delete' in entry && entry.delete === 'api_key') this.keys.remove(entry.id);
    if ('delete' in entry && entry.delete === 'invitation') this.#removeInvitation(entry.id);
    if ('delete' in entry && entry.delete === 'user') this.#removeUser(entry.id);
    if ('delete' in entry && entry.delete === 'binding') this.#removeBinding(entry.id);
  }

  /** Sets the status of invitations whose time is over to EXPIRED. */
  expire(now: number): void {
    if (now < this.#nextDeadline) return;
    this.#nextDeadline = Number.POSITIVE_INFINITY;
    for (const [user, { slot, at }] of this.#pending) {
      if (at > now) {
        this.#nextDeadline = Math.min(this.#nextDeadline, at);
        continue;
      }
      slot.row = { ...slot.row, status: 'EXPIRED' };
      slot.json = undefined;
      this.#pending.delete(user);
    }
  }

  #putInvitation(row: InvitationRow): void {
    const isNew = this.invitations.get(row.id) === undefined;
    const slot = this.invitations.put(row);
    if (isNew) this.#invited.set(fold(row.email), [...this.invited(row.email), slot]);
    this.#pending.delete(row.user);
    if (!isPending(row)) return;
    const at = row.status === 'SENT' ? Date.parse(row.expires_at) + this.#expiryLag : Number.POSITIVE_INFINITY;
    this.#pending.set(row.user, { slot, at });
    this.#nextDeadline = Math.min(this.#nextDeadline, at);
  }

  #putUser(row: UserRow): void {
    this.users.put(row);
    this.#members.set(fold(row.email), [...this.#otherMembers(row), row.id]);
  }

  #putBinding(row: BindingRow): void {
    this.bindings.put(row);
    const granted = this.#granted.get(row.principal) ?? new Map<string, BindingRow>();
    this.#granted.set(row.principal, granted.set(row.id, row));
  }

  #removeInvitation(id: string): void {
    const slot = this.invitations.remove(id);
    if (slot === undefined) return;
    const { email, user } = slot.row;
    this.#invited.set(
      fold(email),
      this.invited(email).filter((other) => other !== slot),
    );
    this.#pending.delete(user);
  }

  #removeUser(id: string): void {
    const row = this.users.remove(id)?.row;
    if (row !== undefined) this.#members.set(fold(row.email), this.#otherMembers(row));
  }

  #removeBinding(id: string): void {
    const row = this.bindings.remove(id)?.row;
    if (row !== undefined) this.#granted.get(row.principal)?.delete(id);
  }

  #otherMembers({ email, id }: UserRow): readonly string[] {
    return (this.#members.get(fold(email)) ?? []).filter((other) => other !== id);
  }
}

/** A row and its position, which never changes, so that a page_token stays valid while rows are added and removed. */
export interface Slot<T> {
  readonly position: number;
  row: T;
  /** The row as JSON with links to one origin, cached because rows are read far more often than changed. */
  json?: { readonly base: string; readonly text: string } | undefined;
}

/** Rows by id, in the order in which they were added. */
class Collection<T extends { readonly id: string }> {
  readonly #slots: (Slot<T> | undefined)[] = [];
  readonly #byId = new Map<string, Slot<T>>();

  /** The number of rows ever added; also the position of the next one. */
  get issued(): number {
    return this.#slots.length;
  }

  get(id: string): T | undefined {
    return this.#byId.get(id)?.row;
  }

  slot(id: string): Slot<T> | undefined {
    return this.#byId.get(id);
  }

  put(row: T): Slot<T> {
    const known = this.#byId.get(row.id);
    if (known !== undefined) return Object.assign(known, { row, json: undefined });
    const slot = { position: this.#slots.length, row };
    this.#slots.push(slot);
    this.#byId.set(row.id, slot);
    return slot;
  }

  /** The removed slot, if the id is known. */
  remove(id: string): Slot<T> | undefined {
    const slot = this.#byId.get(id);
    if (slot === undefined) return undefined;
    this.#byId.delete(id);
    this.#slots[slot.position] = undefined;
    return slot;
  }

  *rows(): Iterable<T> {
    for (const slot of this.#byId.values()) yield slot.row;
  }

  /** The slots after a position, or all; the oldest first. */
  *after(position = -1): Iterable<Slot<T>> {
    for (let at = position + 1; at < this.#slots.length; at++) {
      const slot = this.#slots[at];
      if (slot !== undefined) yield slot;
    }
  }

  /** The slots before a position, or all; the newest first. */
  *before(position = Number.POSITIVE_INFINITY): Iterable<Slot<T>> {
    for (let at = Math.min(position, this.#slots.length) - 1; at >= 0; at--) {
      const slot = this.#slots[at];
      if (slot !== undefined) yield slot;
    }
  }
}
