import { CliError } from '../errors.ts';
import type { Clock, Processes } from '../host.ts';
import { createHandler, realBase } from './handler.ts';
import type { Handler, HttpResponse } from './http.ts';
import { type InvitationResource, invitationOf } from './invitations.ts';
import { type Credentials, owner, sandboxKey, serviceAccount } from './organization.ts';
import { type OrganizationSeed, populate, type SeedContext, type SeededPerson } from './populate.ts';
import { type AppendEntry, fold, type InvitationRow, isPending, timestamp, timestampNow, userFrom } from './rows.ts';
import { type SeedCounts, seed } from './seed.ts';
import { type Settings, settingsWith } from './settings.ts';
import { State } from './state.ts';
import { Store } from './store.ts';

export { type Credentials, organization as sandboxOrganization, sandboxKey } from './organization.ts';
export type { OrganizationSeed, PersonSeed, SeededPerson } from './populate.ts';
export type { SeedCounts } from './seed.ts';
export type { Settings } from './settings.ts';
export { accessTokenFor, sandboxIssuer, sandboxPool } from './sts.ts';

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

/** A request of a client in this process. */
interface LocalRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/**
 * The part of the Confluent Cloud API that invitations need. Several sandboxes may be open on one folder, also in
 * different processes.
 */
export interface Sandbox {
  send(request: LocalRequest): Promise<HttpResponse>;
  /** The same for unchecked requests, such as those from a socket. */
  readonly handler: Handler;
  readonly settings: Settings;
  /** Adds generated invitations and other rows; resolves to the number of all. */
  seed(count: number, others?: SeedCounts): Promise<number>;
  /** Adds people, role bindings and API keys without mails or quotas; resolves to the people, in the same order. */
  populate(organization: OrganizationSeed): Promise<readonly SeededPerson[]>;
  /** Accepts the invitation to this e-mail. Throws `not_found` if there is none. */
  accept(email: string): Promise<InvitationResource>;
  /** Expires the invitation to this e-mail. Throws `not_found` if there is none. */
  expire(email: string): Promise<InvitationResource>;
  /** The same results, without changing anything. */
  readonly dryRun: Pick<Sandbox, 'accept' | 'expire'>;
  /** The number of mails sent to each e-mail, in lower case. */
  mails(): Promise<ReadonlyMap<string, number>>;
  /** Deletes all data, even if the file is damaged. */
  reset(): Promise<void>;
}

/** Reads nothing yet: a damaged file is reported by the first request, and can be reset. */
export function openSandbox(options: SandboxOptions): Sandbox {
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
  const seeding = (state: State, append: AppendEntry): SeedContext => ({ state, append, settings, now: clock.now() });
  const ending = (end: typeof accept, email: string) => (state: State, append: AppendEntry) => {
    const row = end(email, { state, settings, clock, append });
    return invitationOf(row, realBase, settings);
  };
  return {
    handler,
    settings,
    send: async ({ method, path, query = {}, headers = {}, body, signal }) => {
      signal?.throwIfAborted();
      const text = body === undefined ? '' : JSON.stringify(body);
      return handler({ method, path, query: searchParams(query), headers, body: text });
    },
    seed: (count, others = {}) => store.update((state, append) => seed(count, others, seeding(state, append))),
    populate: (added) => store.update((state, append) => populate(added, seeding(state, append))),
    accept: (email) => store.update(ending(accept, email)),
    expire: (email) => store.update(ending(expire, email)),
    dryRun: {
      accept: async (email) => store.dryRun(ending(accept, email)),
      expire: async (email) => store.dryRun(ending(expire, email)),
    },
    mails: async () => mailsIn(store.read().invitations.where(() => true)),
    reset: () => store.reset(),
  };
}

function searchParams(query: NonNullable<LocalRequest['query']>): URLSearchParams {
  const pairs = Object.entries(query).flatMap(([name, value = []]) =>
    [value].flat().map((one): [string, string] => [name, one]),
  );
  return new URLSearchParams(pairs);
}

interface EndContext {
  readonly state: State;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly append: AppendEntry;
}

function accept(email: string, { state, clock, append }: EndContext): InvitationRow {
  const open = openInvitation(email, 'ACCEPTED', state);
  if (open.status === 'ACCEPTED') return open;
  const accepted_at = timestampNow(clock);
  const row: InvitationRow = { ...open, status: 'ACCEPTED', accepted_at };
  append({ put: 'invitation', row });
  append({ put: 'user', row: userFrom(row, accepted_at) });
  return row;
}

function expire(email: string, { state, settings, clock, append }: EndContext): InvitationRow {
  const open = openInvitation(email, 'EXPIRED', state);
  if (open.status === 'EXPIRED') return open;
  const row: InvitationRow = { ...open, status: 'SENT', expires_at: timestamp(clock.now()) };
  append({ put: 'invitation', row });
  return settings.expiry_lag > 0 ? row : { ...row, status: 'EXPIRED' };
}

/** The pending invitation, or the newest one if it has ended in this status. Otherwise throws a CliError. */
function openInvitation(email: string, status: 'ACCEPTED' | 'EXPIRED', state: State): InvitationRow {
  const invited = state.invited(email);
  const row = invited.findLast(isPending) ?? invited.at(-1);
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

function mailsIn(rows: readonly InvitationRow[]): ReadonlyMap<string, number> {
  const mails = new Map<string, number>();
  for (const row of rows) mails.set(fold(row.email), (mails.get(fold(row.email)) ?? 0) + row.mails);
  return mails;
}
