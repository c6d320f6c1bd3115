import type { Clock } from '../../src/host.ts';
import { owner } from '../../src/sandbox/organization.ts';
import { fold, type InvitationRow, timestamp } from '../../src/sandbox/rows.ts';
import type { Settings } from '../../src/sandbox/settings.ts';

const day = 86_400_000;

/** The settings of the sandbox that scenarios use, and some behaviours that the sandbox does not have. */
export interface Rules extends Pick<Settings, 'email_case' | 'filters' | 'list_lag'> {
  /**
   * How a POST for a pending e-mail is handled; `second_row` adds a second pending invitation. An expired invitation keeps
   * its id only with `same_id`.
   */
  readonly reissue: Settings['reissue'] | 'second_row';
  /** The largest page. */
  readonly maximumPage: number;
  /** Appended to each page token, to check that it comes back unchanged. */
  readonly tokenTail: string;
}

const defaultRules: Rules = {
  email_case: 'kept',
  filters: 'applied',
  list_lag: 0,
  reissue: 'same_id',
  maximumPage: 100,
  tokenTail: '',
};

/** Invitations in memory. */
export class Store {
  readonly rules: Rules;
  readonly rows: InvitationRow[] = [];
  readonly bindings: unknown[] = [];
  readonly #clock: Clock;
  readonly #listedFrom = new Map<string, number>();
  #created = 0;

  constructor(clock: Clock, rules: Partial<Rules> = {}) {
    this.#clock = clock;
    this.rules = { ...defaultRules, ...rules };
  }

  add(id: string, email: string, fields: Partial<InvitationRow> = {}): InvitationRow {
    const times = { created_at: this.time(0), updated_at: this.time(0), expires_at: this.time(3 * day) };
    const people = { user: `u-${id}`, creator: owner.id };
    const row = {
      id,
      email,
      auth_type: 'AUTH_TYPE_LOCAL',
      status: 'SENT',
      ...times,
      ...people,
      mails: 0,
      ...fields,
    } as const;
    this.rows.push(row);
    return row;
  }

  change(row: InvitationRow, fields: Partial<InvitationRow>): InvitationRow {
    const changed = { ...row, ...fields };
    this.rows[this.rows.indexOf(row)] = changed;
    return changed;
  }

  /** The rows that a list shows. */
  listed(): readonly InvitationRow[] {
    return this.rows.filter(({ id }) => (this.#listedFrom.get(id) ?? 0) <= this.#clock.monotonic());
  }

  /** Invites and mails; undefined if a member or a pending invitation is a conflict. */
  invite(address: string, auth_type = 'AUTH_TYPE_LOCAL'): InvitationRow | undefined {
    const { email_case, list_lag, reissue } = this.rules;
    const email = email_case === 'lowered' ? fold(address) : address;
    const known = this.rows.filter((row) => fold(row.email) === fold(email));
    const [oldest] = known;
    const pending = known.find(({ status }) => status === 'SENT');
    if (known.some(({ status }) => status === 'ACCEPTED')) return undefined;
    if (pending !== undefined && reissue === 'conflict') return undefined;
    if (reissue === 'same_id' && oldest !== undefined) return this.#reissue(oldest);
    if (reissue === 'new_id' && pending !== undefined) this.change(pending, { status: 'DEACTIVATED' });
    this.#created += 1;
    const row = this.add(`i-new${this.#created}`, email, { auth_type, mails: 1 });
    this.#listedFrom.set(row.id, this.#clock.monotonic() + list_lag);
    return row;
  }

  #reissue(row: InvitationRow): InvitationRow {
    const times = { updated_at: this.time(0), expires_at: this.time(3 * day) };
    return this.change(row, { ...times, status: 'SENT', mails: row.mails + 1 });
  }

  time(offset: number): string {
    return timestamp(this.#clock.now() + offset, 123);
  }

  /** The number of mails to each e-mail that got any, in lower case. */
  get mails(): ReadonlyMap<string, number> {
    const mails = new Map<string, number>();
    for (const row of this.rows) {
      if (row.mails > 0) mails.set(fold(row.email), (mails.get(fold(row.email)) ?? 0) + row.mails);
    }
    return mails;
  }

  /** The e-mails with more than one pending invitation. */
  get duplicates(): readonly string[] {
    const pending = this.rows.filter(({ status }) => status === 'SENT').map(({ email }) => fold(email));
    return pending.filter((email, index) => pending.indexOf(email) !== index);
  }

  get doubleMails(): readonly string[] {
    return [...this.mails].filter(([, count]) => count > 1).map(([email]) => email);
  }
}

/** Adds one invitation in each state, some days old, and further pending ones. */
export function seed(store: Store, people: number): void {
  const old = { created_at: store.time(-9 * day), updated_at: store.time(-9 * day) };
  store.add('i-sent', 'sent@example.com', { ...old, expires_at: store.time(2 * day) });
  store.add('i-staged', 'staged@example.com', { ...old, status: 'STAGED' });
  store.add('i-expired', 'expired@example.com', { ...old, status: 'EXPIRED', expires_at: store.time(-6 * day) });
  store.add('i-accepted', 'accepted@example.com', { ...old, status: 'ACCEPTED', accepted_at: store.time(-8 * day) });
  store.add('i-gone', 'gone@example.com', { ...old, status: 'DEACTIVATED' });
  for (let n = 1; n <= people; n++) store.add(`i-p${n}`, `person${n}@example.com`, old);
}
