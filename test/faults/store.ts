import type { Clock } from '../../src/host.ts';

export const organization = '1111aaaa-11aa-11aa-11aa-111111aaaaaa';

const day = 86_400_000;

/** What the API leaves open or gets wrong about its own data. */
export interface Rules {
  /** The largest page. */
  readonly pageCap: number;
  /** Milliseconds until a new invitation can be read. */
  readonly lag: number;
  /** E-mails are kept in lower case; the filter stays exact. */
  readonly lowercases: boolean;
  readonly ignoresFilters: boolean;
  /** What a second POST for a pending e-mail does. An expired invitation keeps its id only under `same id`. */
  readonly again: 'same id' | 'new id' | 'second row' | '409';
  /** Appended to each page token, to see whether it comes back whole. */
  readonly tokenTail: string;
}

export interface Row {
  readonly id: string;
  email: string;
  status: string;
  expires_at: string;
  auth_type: string;
  metadata: Record<string, string>;
  [field: string]: unknown;
}

const honestRules: Rules = {
  pageCap: 100,
  lag: 0,
  lowercases: false,
  ignoresFilters: false,
  again: 'same id',
  tokenTail: '',
};

/** Invitations in memory, and a count of the mails that they cost. */
export class Store {
  readonly rules: Rules;
  readonly rows: Row[] = [];
  /** How many mails each address got, in lower case. */
  readonly mails = new Map<string, number>();
  readonly bindings: unknown[] = [];
  readonly #readableFrom = new Map<string, number>();
  readonly #clock: Clock;
  #next = 1;

  constructor(clock: Clock, rules: Partial<Rules> = {}) {
    this.#clock = clock;
    this.rules = { ...honestRules, ...rules };
  }

  add(id: string, email: string, more: Partial<Row> = {}): Row {
    const row: Row = { ...honestRow(id, email), ...more };
    this.rows.push(row);
    return row;
  }

  readable(): readonly Row[] {
    return this.rows.filter(({ id }) => (this.#readableFrom.get(id) ?? 0) <= this.#clock.monotonic());
  }

  /** Invites, mails, and says what became of it; undefined if a member or a pending invitation stands against it. */
  invite(address: string, auth_type: string | undefined): Row | undefined {
    const email = this.rules.lowercases ? address.toLowerCase() : address;
    const known = this.rows.filter((row) => row.email.toLowerCase() === email.toLowerCase());
    const pending = known.find((row) => row.status === 'INVITE_STATUS_SENT');
    if (known.some((row) => row.status === 'INVITE_STATUS_ACCEPTED')) return undefined;
    if (pending !== undefined && this.rules.again === '409') return undefined;
    this.mails.set(email.toLowerCase(), (this.mails.get(email.toLowerCase()) ?? 0) + 1);
    if (this.rules.again === 'same id' && known[0] !== undefined) return Object.assign(known[0], reissued(known[0]));
    if (this.rules.again === 'new id' && pending !== undefined) pending.status = 'INVITE_STATUS_DEACTIVATED';
    const row = this.add(`i-new${this.#next++}`, email, auth_type === undefined ? {} : { auth_type });
    this.#readableFrom.set(row.id, this.#clock.monotonic() + this.rules.lag);
    return row;
  }

  /** Addresses with more than one live invitation. */
  get duplicates(): readonly string[] {
    const live = this.rows
      .filter(({ status }) => status === 'INVITE_STATUS_SENT')
      .map(({ email }) => email.toLowerCase());
    return live.filter((email, index) => live.indexOf(email) !== index);
  }

  get doubleMails(): readonly string[] {
    return [...this.mails].filter(([, count]) => count > 1).map(([email]) => email);
  }
}

function reissued(row: Row): Partial<Row> {
  const { expires_at, status, metadata } = honestRow(row.id, row.email);
  const { updated_at = '' } = metadata;
  return { expires_at, status, metadata: { ...row.metadata, updated_at } };
}

/** Times have microseconds, as the real ones do. */
export function time(offset: number): string {
  return new Date(Date.now() + offset).toISOString().replace('Z', '123Z');
}

function honestRow(id: string, email: string): Row {
  return {
    api_version: 'iam/v2',
    kind: 'Invitation',
    id,
    email,
    auth_type: 'AUTH_TYPE_LOCAL',
    status: 'INVITE_STATUS_SENT',
    expires_at: time(3 * day),
    creator: reference('u-admin'),
    user: reference(`u-${id}`),
    metadata: {
      created_at: time(0),
      updated_at: time(0),
      resource_name: `crn://confluent.cloud/organization=${organization}/invitation=${id}`,
      self: `https://api.confluent.cloud/iam/v2/invitations/${id}`,
    },
  };
}

function reference(id: string): Record<string, string> {
  const resource_name = `crn://confluent.cloud/user=${id}`;
  return {
    api_version: 'iam/v2',
    kind: 'User',
    id,
    related: `https://api.confluent.cloud/iam/v2/users/${id}`,
    resource_name,
  };
}

/** One invitation in each state, some days old, and as many pending ones as asked for. */
export function seed(store: Store, people: number): void {
  const old = { metadata: { ...honestRow('i', '').metadata, created_at: time(-9 * day), updated_at: time(-9 * day) } };
  store.add('i-sent', 'sent@example.com', { ...old, expires_at: time(2 * day) });
  store.add('i-staged', 'staged@example.com', { ...old, status: 'INVITE_STATUS_STAGED' });
  store.add('i-expired', 'expired@example.com', {
    ...old,
    status: 'INVITE_STATUS_EXPIRED',
    expires_at: time(-6 * day),
  });
  store.add('i-accepted', 'accepted@example.com', {
    ...old,
    status: 'INVITE_STATUS_ACCEPTED',
    accepted_at: time(-8 * day),
  });
  store.add('i-gone', 'gone@example.com', { ...old, status: 'INVITE_STATUS_DEACTIVATED' });
  for (let n = 1; n <= people; n++) store.add(`i-p${n}`, `person${n}@example.com`, old);
}
