import type { Processes } from '../files/lock.ts';
import type { Clock } from '../host.ts';
import type { Send } from '../http/send.ts';
import type { Invitation } from '../invitations/invitation.ts';
import { type Credentials, sandboxKey } from './credentials.ts';
import { createHandler, realBase } from './handler.ts';
import { type Handler, toHttpRequest } from './http.ts';
import { accept, expire, type Scene } from './lifecycle.ts';
import { type OrganizationSeed, populate, type SeededPerson } from './populate.ts';
import { invitationOf } from './resources.ts';
import type { InvitationRow } from './rows.ts';
import { type SeedCounts, seed, seedMembers } from './seed.ts';
import { type Settings, settingsWith } from './settings.ts';
import { fold, State } from './state.ts';
import { type AppendEntry, Store } from './store.ts';

export { type Credentials, sandboxKey } from './credentials.ts';
export { organization as sandboxOrganization, owner as sandboxOwner } from './identifiers.ts';
export type { OrganizationSeed, PersonSeed, SeededPerson } from './populate.ts';
export type { SeedCounts } from './seed.ts';
export {
  parseSetting as parseSwitch,
  type Settings as Switches,
  settingDefinitions as switchList,
} from './settings.ts';

export interface SandboxOptions {
  /** Where the state is kept, in one file. Made when something is first written. */
  readonly folder: string;
  readonly clock: Clock;
  readonly processes: Processes;
  readonly switches?: Partial<Settings>;
  /** Unsaid: `sandboxKey`. */
  readonly credentials?: Credentials;
}

/** The API of Confluent Cloud as far as invitations need it. Several may be open on one folder, in any processes. */
export interface Sandbox {
  readonly send: Send;
  /** The same for calls that nothing has been checked of, such as those off a socket. */
  readonly exchange: Handler;
  readonly switches: Settings;
  /** Adds so many made-up invitations, and so many others; resolves to how many of all. */
  seed(count: number, others?: SeedCounts): Promise<number>;
  /** Adds these people, role bindings and API keys, with no mail and no quota; resolves to the people, in their order. */
  populate(organization: OrganizationSeed): Promise<readonly SeededPerson[]>;
  /** The person with this e-mail accepts. Throws `not_found` if nobody invited them. */
  accept(email: string): Promise<Invitation>;
  /** The time of this invitation runs out. Throws `not_found` if there is none. */
  expire(email: string): Promise<Invitation>;
  /** What these would come to, without doing it. */
  readonly rehearsal: Pick<Sandbox, 'accept' | 'expire'>;
  /** How many mails each person got, by e-mail in small letters. */
  mails(): Promise<ReadonlyMap<string, number>>;
  /** Forgets everything, a damaged file included. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/** Reads nothing yet: a file that is damaged is reported by the first request, and can still be reset. */
export async function openSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { folder, clock, processes, credentials = sandboxKey } = options;
  const switches = settingsWith(options.switches);
  const caller = { api_key: credentials.api_key, isServiceAccount: switches.service_account_key !== 'no' };
  const founded = () => new State(switches.expiry_lag, caller);
  const ledger = new Store({ folder, clock, processes, founded });
  const exchange = createHandler({ ledger, clock, switches, credentials, caller });
  const scene = (state: State, record: AppendEntry): Scene => ({
    state,
    clock,
    record,
    expiryLag: switches.expiry_lag,
  });
  const shown = (row: InvitationRow) => invitationOf(row, realBase, switches);
  return {
    exchange,
    switches,
    send: async (request) => {
      request.signal?.throwIfAborted();
      return exchange(toHttpRequest(request));
    },
    seed: (count, others = {}) =>
      ledger.change((state, record) => {
        const world = { state, switches, now: clock.now() };
        return seed(count, world, record) + seedMembers(others, world, record);
      }),
    populate: (added) =>
      ledger.change((state, record) => populate(added, { state, switches, now: clock.now() }, record)),
    accept: async (email) => shown(await ledger.change((...now) => accept(email, scene(...now)))),
    expire: async (email) => shown(await ledger.change((...now) => expire(email, scene(...now)))),
    rehearsal: {
      accept: async (email) => shown(ledger.rehearse((...now) => accept(email, scene(...now)))),
      expire: async (email) => shown(ledger.rehearse((...now) => expire(email, scene(...now)))),
    },
    mails: async () => mailsIn(ledger.look().invitations.rows()),
    reset: () => ledger.replace(),
    close: async () => ledger.close(),
  };
}

function mailsIn(rows: Iterable<InvitationRow>): ReadonlyMap<string, number> {
  const mails = new Map<string, number>();
  for (const row of rows) mails.set(fold(row.email), (mails.get(fold(row.email)) ?? 0) + row.mails);
  return mails;
}
