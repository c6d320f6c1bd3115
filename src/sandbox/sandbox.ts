import type { Clock, Processes } from '../host.ts';
import type { Send } from '../http/send.ts';
import type { Invitation } from '../invitations/invitation.ts';
import { type Credentials, sandboxKey } from './credentials.ts';
import { createHandler, realBase } from './handler.ts';
import { type Handler, toHttpRequest } from './http.ts';
import { accept, expire, type LifecycleContext } from './lifecycle.ts';
import { type OrganizationSeed, populate, type SeededPerson } from './populate.ts';
import { invitationOf } from './resources.ts';
import type { AppendEntry, InvitationRow } from './rows.ts';
import { type SeedCounts, seed, seedMembers } from './seed.ts';
import { type Settings, settingsWith } from './settings.ts';
import { fold, State } from './state.ts';
import { Store } from './store.ts';

export { type Credentials, sandboxKey } from './credentials.ts';
export { organization as sandboxOrganization } from './initial-state.ts';
export type { OrganizationSeed, PersonSeed, SeededPerson } from './populate.ts';
export type { SeedCounts } from './seed.ts';
export type { Settings } from './settings.ts';

export interface SandboxOptions {
  /** The folder of the state, which is one file; created by the first write. */
  readonly folder: string;
  readonly clock: Clock;
  readonly processes: Processes;
  /** Overrides the defaults of some settings, as `--switch` does. */
  readonly switches?: Partial<Settings>;
  /** Default: `sandboxKey`. */
  readonly credentials?: Credentials;
}

/**
 * The part of the Confluent Cloud API that invitations need. Several sandboxes may be open on one folder, also in
 * different processes.
 */
export interface Sandbox {
  readonly send: Send;
  /** The same for unchecked requests, such as those from a socket. */
  readonly handler: Handler;
  readonly settings: Settings;
  /** Adds generated invitations and other rows; resolves to the number of all. */
  seed(count: number, others?: SeedCounts): Promise<number>;
  /** Adds people, role bindings and API keys without mails or quotas; resolves to the people, in the same order. */
  populate(organization: OrganizationSeed): Promise<readonly SeededPerson[]>;
  /** Accepts the invitation to this e-mail. Throws `not_found` if there is none. */
  accept(email: string): Promise<Invitation>;
  /** Expires the invitation to this e-mail. Throws `not_found` if there is none. */
  expire(email: string): Promise<Invitation>;
  /** The same results, without changing anything. */
  readonly dryRun: Pick<Sandbox, 'accept' | 'expire'>;
  /** The number of mails sent to each e-mail, in lower case. */
  mails(): Promise<ReadonlyMap<string, number>>;
  /** Deletes all data, even if the file is damaged. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/** Reads nothing yet: a damaged file is reported by the first request, and can be reset. */
export async function openSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { folder, clock, processes, credentials = sandboxKey } = options;
  const settings = settingsWith(options.switches);
  const caller = { api_key: credentials.api_key, isServiceAccount: settings.service_account_key !== 'no' };
  const initialState = () => new State(settings.expiry_lag, caller);
  const store = new Store({ folder, clock, processes, initialState });
  const handler = createHandler({ store, clock, settings, credentials, caller });
  const lifecycle = (state: State, append: AppendEntry): LifecycleContext => ({
    state,
    clock,
    append,
    expiryLag: settings.expiry_lag,
  });
  const resource = (row: InvitationRow) => invitationOf(row, realBase, settings);
  return {
    handler,
    settings,
    send: async (request) => {
      request.signal?.throwIfAborted();
      return handler(toHttpRequest(request));
    },
    seed: (count, others = {}) =>
      store.update((state, append) => {
        const context = { state, settings, now: clock.now() };
        return seed(count, context, append) + seedMembers(others, context, append);
      }),
    populate: (added) =>
      store.update((state, append) => populate(added, { state, settings, now: clock.now() }, append)),
    accept: async (email) => resource(await store.update((...args) => accept(email, lifecycle(...args)))),
    expire: async (email) => resource(await store.update((...args) => expire(email, lifecycle(...args)))),
    dryRun: {
      accept: async (email) => resource(store.dryRun((...args) => accept(email, lifecycle(...args)))),
      expire: async (email) => resource(store.dryRun((...args) => expire(email, lifecycle(...args)))),
    },
    mails: async () => mailsIn(store.read().invitations.rows()),
    reset: () => store.reset(),
    close: async () => store.close(),
  };
}

function mailsIn(rows: Iterable<InvitationRow>): ReadonlyMap<string, number> {
  const mails = new Map<string, number>();
  for (const row of rows) mails.set(fold(row.email), (mails.get(fold(row.email)) ?? 0) + row.mails);
  return mails;
}
