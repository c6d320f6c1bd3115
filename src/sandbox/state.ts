import type { Clock } from '../host.ts';
import { isJsonObject, type JsonObject } from '../text/json-fields.ts';
import type { Settings } from './settings.ts';

/** The state of a person: first those with an invitation, then those without one. */
export const personStates = [
  'pending',
  'staged',
  'expired',
  'deactivated',
  'accepted',
  // The invitation was accepted, and the user has been deleted since.
  'left',
  // A local member without an invitation, such as the creator of the organization.
  'member',
  // Provisioned by the identity provider.
  'sso_member',
] as const;

export type PersonState = (typeof personStates)[number];

/** What all stored rows have. Links and CRNs are derived when a row is shown. */
export interface Row {
  readonly id: string;
  readonly created_at?: string;
  readonly updated_at?: string;
  readonly deleted_at?: string;
}

export interface InvitationRow extends Row {
  readonly email: string;
  readonly auth_type: string;
  /** Without `INVITE_STATUS_`. In the file an expired invitation is still SENT: expiry follows from the time. */
  readonly status: 'SENT' | 'STAGED' | 'ACCEPTED' | 'EXPIRED' | 'DEACTIVATED';
  readonly created_at: string;
  readonly updated_at: string;
  readonly expires_at: string;
  readonly accepted_at?: string;
  /** The id of the user that is created with the invitation. */
  readonly user: string;
  readonly creator: string;
  readonly mails: number;
}

export interface UserRow extends Row {
  readonly email: string;
  readonly full_name: string;
  readonly auth_type: string;
  readonly created_at: string;
}

export interface BindingRow extends Row {
  readonly principal: string;
  readonly role_name: string;
  readonly crn_pattern: string;
  readonly created_at: string;
}

export interface ApiKeyRow extends Row {
  /** The id of the owner: `u-…` or `sa-…`. */
  readonly owner: string;
  readonly display_name: string;
}

/** One change of the state: a line of the file. */
export type Entry = { readonly put: string; readonly row: Row } | { readonly delete: string; readonly id: string };

/** Rows by id, the oldest first. */
export class Table<T extends Row> {
  readonly #rows = new Map<string, readonly [place: number, row: T]>();
  /** Its name in the file. */
  readonly kind: string;
  readonly #changes: Entry[];
  /** How many rows there have ever been. */
  count = 0;

  /** @param changes Gets an entry for each change. */
  constructor(kind = '', changes: Entry[] = []) {
    this.kind = kind;
    this.#changes = changes;
  }

  get(id: string): T | undefined {
    return this.#rows.get(id)?.[1];
  }

  put(row: T): this {
    this.#rows.set(row.id, [this.#rows.get(row.id)?.[0] ?? this.count++, row]);
    this.#changes.push({ put: this.kind, row });
    return this;
  }

  delete(id: string): void {
    this.#rows.delete(id);
    this.#changes.push({ delete: this.kind, id });
  }

  /** The rows with their places. A row keeps its place, so that a page_token stays valid while others come and go. */
  entries(): Iterable<readonly [place: number, row: T]> {
    return this.#rows.values();
  }

  where(matches: (row: T) => boolean): T[] {
    const found = [];
    for (const [, row] of this.entries()) if (matches(row)) found.push(row);
    return found;
  }
}

export class State {
  /** What is not in the file yet. */
  readonly changes: Entry[] = [];
  readonly invitations = new Table<InvitationRow>('invitation', this.changes);
  readonly users = new Table<UserRow>('user', this.changes);
  readonly bindings = new Table<BindingRow>('binding', this.changes);
  readonly keys = new Table<ApiKeyRow>('api_key', this.changes);
  readonly #tables = new Map<unknown, Table<Row>>(
    [this.invitations, this.users, this.bindings, this.keys].map((table) => [table.kind, table]),
  );
  readonly world: World;

  /** Starts with the organization before its first invitation: its owner, who is its administrator, and the caller's key. */
  constructor(world: World) {
    const { api_key, owner: keyOwner } = world.caller;
    const { created_at } = organization;
    this.world = world;
    this.users.put(owner);
    this.keys.put({ id: api_key, owner: keyOwner, display_name: 'sandbox', created_at });
    for (const id of new Set([owner.id, keyOwner])) {
      const scope = { role_name: 'OrganizationAdmin', crn_pattern: organizationCrn };
      this.bindings.put({ id: `rb-${id}`, principal: `User:${id}`, ...scope, created_at });
    }
  }

  /** The invitations to this e-mail, ignoring case. */
  invited(email: string): readonly InvitationRow[] {
    const folded = fold(email);
    return this.invitations.where((row) => fold(row.email) === folded);
  }

  /** An identity provider may create two users with one e-mail: the newest. */
  member(email: string): UserRow | undefined {
    const folded = fold(email);
    return this.users.where((row) => fold(row.email) === folded).at(-1);
  }

  putInvitation(row: InvitationRow, named?: Pick<UserRow, 'email' | 'full_name'>): void {
    this.invitations.put(row);
    const { user: id, email, auth_type, accepted_at: created_at } = row;
    if (created_at === undefined) return;
    this.users.put({ id, email, full_name: nameFrom(email), auth_type, created_at, ...named });
  }

  revokeAll(principal: string): void {
    for (const { id } of this.bindings.where((row) => row.principal === principal)) this.bindings.delete(id);
  }

  /** Applies a change that is in the file. Returns false if the value is not one. */
  load({ put, delete: removed, row, id }: JsonObject): boolean {
    const table = this.#tables.get(put ?? removed);
    if (table === undefined) return false;
    if (put === undefined && typeof id === 'string') table.delete(id);
    else if (isRow(row, table.kind)) table.put(row);
    else return false;
    return true;
  }

  /** What is in the file, with the invitations whose time is over. */
  upToDate(): this {
    const { clock, settings } = this.world;
    const limit = timestamp(clock.now() - settings.expiry_lag, 999);
    const over = this.invitations.where(({ status, expires_at }) => status === 'SENT' && expires_at <= limit);
    for (const row of over) this.invitations.put({ ...row, status: 'EXPIRED' });
    this.changes.length = 0;
    return this;
  }
}

/** What the rows of each table have besides an id. */
const texts: Readonly<Record<string, readonly string[]>> = {
  invitation: ['email', 'auth_type', 'status', 'created_at', 'updated_at', 'expires_at', 'user', 'creator'],
  user: ['email', 'full_name', 'auth_type', 'created_at'],
  binding: ['principal', 'role_name', 'crn_pattern', 'created_at'],
  api_key: ['owner', 'display_name'],
};

function isRow(value: unknown, kind: string): value is Row {
  return isJsonObject(value) && ['id', ...(texts[kind] ?? [])].every((name) => typeof value[name] === 'string');
}

export const organization = {
  id: '00000000-0000-4000-8000-73616e64626f',
  display_name: 'Sandbox',
  created_at: '2024-01-01T00:00:00.000000Z',
} as const;

export const organizationCrn = `crn://confluent.cloud/organization=${organization.id}`;

/** The user who owns the sandbox key: a member since before the first invitation. */
export const owner = {
  id: 'u-sandbox',
  email: 'owner@sandbox.example',
  full_name: 'Sandbox Owner',
  auth_type: 'AUTH_TYPE_LOCAL',
  created_at: organization.created_at,
} as const;

export interface Credentials {
  readonly api_key: string;
  readonly api_secret: string;
}

/** The API key of every sandbox. It is not a secret and is of no use elsewhere. */
export const sandboxKey: Credentials = {
  api_key: 'INVITESANDBOX001',
  api_secret: 'cflt/sandbox-this-is-not-a-secret-0000000000000000000000000000',
};

/** The API key of a request, and the id of the user or service account that owns it; or an identity pool. */
export interface Caller {
  readonly api_key: string;
  readonly owner: string;
  readonly isPool?: true;
}

/** What a sandbox goes by. */
export interface World {
  readonly settings: Settings;
  /** Of the API, which may be ahead of that of the machine. */
  readonly clock: Clock;
  readonly caller: Caller;
}

/** SENT or STAGED: the invitation counts towards the quota and can be accepted. */
export function isPending({ status }: InvitationRow): boolean {
  return status === 'SENT' || status === 'STAGED';
}

/** The form in which e-mails are compared: case is ignored. */
export function fold(email: string): string {
  return email.toLowerCase();
}

export function usualAuthType({ sso }: Settings): string {
  return sso === 'yes' ? 'AUTH_TYPE_SSO' : 'AUTH_TYPE_LOCAL';
}

/** A full name made from the local part of an e-mail. */
export function nameFrom(email: string): string {
  return email.slice(0, email.lastIndexOf('@')).replaceAll(/[._]+/g, ' ');
}

/** The number of ids of five letters and digits. */
const idSpace = 36 ** 5;

/** An id of five letters and digits: it looks random, is the same in every run, and differs for every number. */
export function idOf(prefix: 'i-' | 'u-' | 'rb-', number: number): string {
  // An invitation and its user get different ids, so that confusing them has an effect.
  const start = { 'i-': 17_001_401, 'u-': 31_415_926, 'rb-': 27_182_818 }[prefix];
  // The factor is coprime to the size of the space.
  return prefix + ((number * 29_483_761 + start) % idSpace).toString(36).padStart(5, '0');
}

/** The user id of a member without an invitation, from the second half of the space, which invitations do not reach. */
export function memberId(number: number): string {
  return idOf('u-', idSpace / 2 + number);
}

/** An API key of 16 capital letters and digits, the same in every run. */
export function apiKeyId(number: number): string {
  return `SANDBOXKEY0${idOf('rb-', number).slice(3).toUpperCase()}`;
}

/** RFC 3339 in UTC with microseconds, as the API writes it. */
export function timestamp(milliseconds: number, microseconds = 0): string {
  return `${new Date(milliseconds).toISOString().slice(0, -1)}${String(microseconds).padStart(3, '0')}Z`;
}

/** The current time; the microseconds come from the monotonic clock. */
export function timestampNow(clock: Clock): string {
  return timestamp(clock.now(), Math.floor((clock.monotonic() % 1) * 1000));
}
