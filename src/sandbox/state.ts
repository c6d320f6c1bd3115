import { type Caller, initialEntries } from './organization.ts';
import {
  type ApiKeyRow,
  type BindingRow,
  type Entry,
  fold,
  type InvitationRow,
  isPending,
  timestamp,
  type UserRow,
} from './rows.ts';

/** A row and its position, which never changes, so that a page_token stays valid while rows are added and removed. */
export interface Slot<T> {
  readonly position: number;
  readonly row: T;
}

/** Rows by id, the oldest first. */
export class Table<T extends { readonly id: string }> {
  readonly #slots = new Map<string, Slot<T>>();
  /** The number of rows ever added. */
  issued = 0;

  get(id: string): T | undefined {
    return this.#slots.get(id)?.row;
  }

  put(row: T): void {
    const position = this.#slots.get(row.id)?.position ?? this.issued++;
    this.#slots.set(row.id, { position, row });
  }

  delete(id: string): void {
    this.#slots.delete(id);
  }

  slots(): Slot<T>[] {
    return [...this.#slots.values()];
  }

  /** The rows that match, the oldest first. */
  where(matches: (row: T) => boolean): T[] {
    const found: T[] = [];
    for (const { row } of this.#slots.values()) if (matches(row)) found.push(row);
    return found;
  }
}

/** All rows in memory. */
export class State {
  readonly invitations = new Table<InvitationRow>();
  readonly users = new Table<UserRow>();
  readonly bindings = new Table<BindingRow>();
  readonly keys = new Table<ApiKeyRow>();
  readonly #expiryLag: number;

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
  invited(email: string): readonly InvitationRow[] {
    const folded = fold(email);
    return this.invitations.where((row) => fold(row.email) === folded);
  }

  /** An identity provider may create two users with one e-mail: the newest. */
  member(email: string): UserRow | undefined {
    const folded = fold(email);
    return this.users.where((row) => fold(row.email) === folded).at(-1);
  }

  /** Whether the invitations were accepted and the users have been deleted since. */
  haveLeft(invited: readonly InvitationRow[]): boolean {
    const accepted = invited.filter(({ status }) => status === 'ACCEPTED');
    return accepted.length > 0 && accepted.every(({ user }) => this.users.get(user) === undefined);
  }

  pending(): readonly InvitationRow[] {
    return this.invitations.where(isPending);
  }

  grantedTo(principal: string): readonly BindingRow[] {
    return this.bindings.where((row) => row.principal === principal);
  }

  apply(entry: Entry): void {
    const tables = { invitation: this.invitations, user: this.users, binding: this.bindings, api_key: this.keys };
    if ('delete' in entry) tables[entry.delete].delete(entry.id);
    else (tables[entry.put] as Table<{ readonly id: string }>).put(entry.row);
  }

  /** Sets the status of invitations whose time is over to EXPIRED. */
  expire(now: number): void {
    const limit = timestamp(now - this.#expiryLag, 999);
    const over = this.invitations.where(({ status, expires_at }) => status === 'SENT' && expires_at <= limit);
    for (const row of over) this.invitations.put({ ...row, status: 'EXPIRED' });
  }
}
