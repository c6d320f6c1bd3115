import type { Invitation } from '../api/invitation.ts';
import { CliError } from '../errors.ts';
import type { Clock, Processes } from '../host.ts';
import type { Send } from '../http/send.ts';
import { createHandler, realBase } from './handler.ts';
import { type Handler, toHttpRequest } from './http.ts';
import { invitationOf } from './invitations.ts';
import { type Credentials, owner, sandboxKey, serviceAccount } from './organization.ts';
import { type OrganizationSeed, populate, type SeededPerson } from './populate.ts';
import { type AppendEntry, fold, type InvitationRow, isPending, timestamp, timestampNow, userFrom } from './rows.ts';
import { type SeedCounts, seed, seedMembers } from './seed.ts';
import { type Settings, settingsWith } from './settings.ts';
import { State } from './state.ts';
import { Store } from './store.ts';

export { type Credentials, organization as sandboxOrganization, sandboxKey } from './organization.ts';
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
  const { folder, processes, credentials = sandboxKey } = options;
  const settings = settingsWith(options.switches);
  const clock = { ...options.clock, now: () => options.clock.now() + settings.clock_offset };
  const caller = {
    api_key: credentials.api_key,
    owner: settings.service_account_key === 'no' ? owner.id : serviceAccount,
  };
  const initialState = () => new State(settings.expiry_lag, caller);
  const store = new Store({ folder, clock, processes, initialState });
  const handler = createHandler({ store, clock, settings, credentials, caller });
  const apply = (transition: Transition, email: string) => (state: State, append: AppendEntry) =>
    invitationOf(transition(email, { state, settings, clock, append }), realBase, settings);
  return {
    handler,
    settings,
    send: async (request) => {
      request.signal?.throwIfAborted();
      return handler(toHttpRequest(request));
    },
    seed: (count, others = {}) =>
      store.update((state, append) => {
        const context = { state, settings, now: clock.now(), append };
        return seed(count, context) + seedMembers(others, context);
      }),
    populate: (added) =>
      store.update((state, append) => populate(added, { state, settings, now: clock.now(), append })),
    accept: (email) => store.update(apply(accept, email)),
    expire: (email) => store.update(apply(expire, email)),
    dryRun: {
      accept: async (email) => store.dryRun(apply(accept, email)),
      expire: async (email) => store.dryRun(apply(expire, email)),
    },
    mails: async () => mailsIn(store.read().invitations.rows()),
    reset: () => store.reset(),
    close: async () => store.close(),
  };
}

/** The end of an invitation that no request causes: acceptance or expiry. */
type Transition = (
  email: string,
  context: { readonly state: State; readonly settings: Settings; readonly clock: Clock; readonly append: AppendEntry },
) => InvitationRow;

const accept: Transition = (email, { state, clock, append }) => {
  const open = openInvitation(email, 'ACCEPTED', state);
  if (open.status === 'ACCEPTED') return open;
  const accepted_at = timestampNow(clock);
  const row: InvitationRow = { ...open, status: 'ACCEPTED', accepted_at };
  append({ put: 'invitation', row });
  append({ put: 'user', row: userFrom(row, accepted_at) });
  return row;
};

const expire: Transition = (email, { state, settings, clock, append }) => {
  const open = openInvitation(email, 'EXPIRED', state);
  if (open.status === 'EXPIRED') return open;
  const row: InvitationRow = { ...open, status: 'SENT', expires_at: timestamp(clock.now()) };
  append({ put: 'invitation', row });
  return settings.expiry_lag > 0 ? row : { ...row, status: 'EXPIRED' };
};

/** The pending invitation, or the newest one if it has ended in this status. Otherwise throws a CliError. */
function openInvitation(email: string, status: 'ACCEPTED' | 'EXPIRED', state: State): InvitationRow {
  const row = state.pendingFor(email) ?? state.invited(email).at(-1)?.row;
  if (row === undefined) {
    const shown = email.includes("'") ? '…' : `'${email}'`;
    const hints = ['invite -p sandbox list', `invite -p sandbox create ${shown}`];
    throw new CliError('not_found', `the sandbox has no invitation for "${email}"`, { target: email, hints });
  }
  if (isPending(row) || row.status === status) return row;
  const code = row.status === 'ACCEPTED' ? 'already_accepted' : 'already_exists';
  throw new CliError(code, `the invitation for "${row.email}" cannot be ${status.toLowerCase()}`, {
    target: row.email,
    reason: `it is ${row.status.toLowerCase()}`,
    hints: ['create a new one first: invite -p sandbox create'],
  });
}

function mailsIn(rows: Iterable<InvitationRow>): ReadonlyMap<string, number> {
  const mails = new Map<string, number>();
  for (const row of rows) mails.set(fold(row.email), (mails.get(fold(row.email)) ?? 0) + row.mails);
  return mails;
}
