import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { withLock } from '../files/lock.ts';
import type { Host } from '../host.ts';
import { asInvitation, type Invitation } from '../invitations/invitation.ts';
import type { Identity } from '../profiles/profile.ts';

/** Milliseconds for which the invitations of a profile are cached. */
const freshFor = 60_000;

/** A larger file is not ours. */
const maxBytes = 8 * 1024 * 1024;

/** The fields that candidates need; the rest is not stored. */
const storedFields = ['id', 'email', 'status', 'expires_at'] as const;

/** The invitations of an identity, for a minute, in a file that only its user can read. */
interface CompletionCache {
  /** Runs while no other process does so for this identity. Throws `locked` at once if one does. */
  exclusively(act: () => Promise<void>): Promise<void>;
  /** Undefined if there is nothing fresh, or the file cannot be read. */
  read(): Invitation[] | undefined;
  write(invitations: readonly Invitation[]): void;
}

export function completionCache(host: Host, { kind, profile, api_key, endpoint }: Identity): CompletionCache {
  const folder = join(host.stateDir, 'completion');
  const path = join(folder, `${profile ?? 'environment'}.json`);
  // The profile or the variables may hold another key than a minute ago. Nothing derived from an access token is stored;
  // two tokens within a minute are rarely of two organizations.
  const owner = `${kind === 'token' ? 'access token' : api_key} ${endpoint.href}`;
  const prepare = () => mkdirSync(folder, { recursive: true, mode: 0o700 });
  return {
    exclusively: async (act) => {
      prepare();
      const { clock, processes } = host;
      await withLock(`${path}.lock`, { clock, processes, wait: 0 }, act);
    },
    read: () => {
      try {
        return parse(readOwnFile(path, host.uid), owner, host.clock.now());
      } catch {
        return undefined;
      }
    },
    write: (invitations) => {
      const record = { version: 1, owner, at: host.clock.now(), invitations: invitations.map(storedPart) };
      prepare();
      writeAtomically(path, JSON.stringify(record), host.processes.pid);
    },
  };
}

function storedPart(invitation: Invitation): Invitation {
  return Object.fromEntries(
    storedFields.flatMap((field) => (Object.hasOwn(invitation, field) ? [[field, invitation[field]]] : [])),
  );
}

/** Throws on links, and on files of other users or that others can read. */
function readOwnFile(path: string, uid: number | undefined): string {
  const file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = fstatSync(file);
    const isOurs = uid === undefined || (stats.uid === uid && (stats.mode & 0o077) === 0);
    if (!stats.isFile() || !isOurs || stats.size > maxBytes) throw new Error('not a file of ours');
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

function parse(text: string, owner: string, now: number): Invitation[] | undefined {
  const record: unknown = JSON.parse(text);
  if (typeof record !== 'object' || record === null) return undefined;
  const { version, owner: known, at, invitations } = record as Record<string, unknown>;
  if (version !== 1 || known !== owner || typeof at !== 'number' || !Array.isArray(invitations)) return undefined;
  // A clock that was set back must not keep it for ever.
  return at <= now && now - at < freshFor ? invitations.map((one) => asInvitation(one, now)) : undefined;
}

function writeAtomically(path: string, text: string, pid: number): void {
  const unfinished = `${path}.${pid}`;
  rmSync(unfinished, { force: true });
  writeFileSync(unfinished, text, { mode: 0o600, flag: 'wx' });
  renameSync(unfinished, path);
}
