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

/** Rows by id, the oldest first. */
class Table<T extends { readonly id: string }> {
  /** A row keeps its place for ever, so that a page_token stays valid while others are added and removed. */
  readonly rows: (T | undefined)[] = [];
  readonly #places = new Map<string, number>();

  /** The number of rows ever added. */
  get issued(): number {
    return this.rows.length;
  }

  get(id: string): T | undefined {
    const place = this.#places.get(id);
    return place === undefined ? undefined : this.rows[place];
  }

  put(row: T): void {
    const place = this.#places.get(row.id) ?? this.rows.length;
    this.#places.set(row.id, place);
    this.rows[place] = row;
  }

  delete(id: string): void {
    const place = this.#places.get(id);
    if (place !== undefined) this.rows[place] = undefined;
    this.#places.delete(id);
  }

  /** The rows that match, the oldest first. */
  where(matches: (row: T) => boolean): T[] {
    return this.rows.filter((row): row is T => row !== undefined && matches(row));
  }
}

/** All rows in memory. */
export class State {
  readonly invitations = new Table<InvitationRow>();
  readonly users = new Table<UserRow>();
  readonly bindings = new Table<BindingRow>();
  readonly keys = new Table<ApiKeyRow>();
  readonly #expiryLag: number;
  /** No invitation turns into EXPIRED before this time of its `expires_at`. */
  #nextExpiry = '';

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
    this.#nextExpiry = '';
    if ('delete' in entry) tables[entry.delete].delete(entry.id);
    else (tables[entry.put] as Table<{ readonly id: string }>).put(entry.row);
  }

  /** Sets the status of invitations whose time is over to EXPIRED. */
  expire(now: number): void {
    const limit = timestamp(now - this.#expiryLag, 999);
    if (limit < this.#nextExpiry) return;
    const sent = this.invitations.where(({ status }) => status === 'SENT');
    this.#nextExpiry = '9999';
    for (const row of sent) {
      if (row.expires_at <= limit) this.invitations.put({ ...row, status: 'EXPIRED' });
      else if (row.expires_at < this.#nextExpiry) this.#nextExpiry = row.expires_at;
    }
  }
}
