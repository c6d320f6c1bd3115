import type { Clock } from '../../src/host.ts';
import type { Handler } from '../../src/sandbox/api.ts';
import { createHandler } from '../../src/sandbox/sandbox.ts';
import { type Settings, settingsWith } from '../../src/sandbox/settings.ts';
import { fold, type InvitationRow, owner, State, timestamp, userFrom } from '../../src/sandbox/state.ts';
import type { Reply } from './exchange.ts';
import type { LoggedRequest } from './log.ts';

const day = 86_400_000;
const credentials = { api_key: 'key', api_secret: 'secret' };
const caller = { api_key: credentials.api_key, owner: owner.id };

/** The sandbox in memory, for any key. */
export class Store {
  readonly #state: State;
  readonly #clock: Clock;
  readonly #handler: Handler;

  constructor(clock: Clock, rules: Partial<Settings> = {}) {
    const settings = settingsWith({ quota: 1_000_000, ...rules });
    const state = new State(settings.expiry_lag, caller);
    const read = () => {
      state.expire(clock.now());
      return state;
    };
    const store = { read, update: async <T>(act: (state: State) => T) => act(read()) };
    this.#state = state;
    this.#clock = clock;
    this.#handler = createHandler({ store, clock, settings, credentials, caller });
  }

  /** The response without a fault. Links begin with `base`. */
  async respond({ method, path, query, headers, body }: LoggedRequest, base: string): Promise<Reply> {
    const pair = Buffer.from(`${credentials.api_key}:${credentials.api_secret}`).toString('base64');
    const authorization = headers.authorization?.replace(/^Basic \S+$/, `Basic ${pair}`);
    const response = await this.#handler({ method, path, query, headers: { ...headers, authorization }, body, base });
    const text = Buffer.from(response.body).toString('utf8');
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      ...(text === '' ? {} : { body: text }),
    };
  }

  add(id: string, email: string, fields: Partial<InvitationRow> = {}): void {
    const times = { created_at: this.time(0), updated_at: this.time(0), expires_at: this.time(3 * day) };
    const row: InvitationRow = {
      ...{ id, email, auth_type: 'AUTH_TYPE_LOCAL', status: 'SENT', ...times },
      ...{ user: `u-${id}`, creator: owner.id, mails: 0, ...fields },
    };
    this.#state.put('invitation', row);
    if (row.accepted_at !== undefined) this.#state.put('user', userFrom(row, row.accepted_at));
  }

  /** Relative to now, in milliseconds. */
  time(offset: number): string {
    return timestamp(this.#clock.now() + offset, 123);
  }

  get rows(): readonly InvitationRow[] {
    return this.#state.invitations.where(() => true);
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
