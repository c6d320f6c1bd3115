import { idOf, owner, timestamp } from './identifiers.ts';
import { userFrom } from './invitations.ts';
import type { Record } from './ledger.ts';
import type { InvitationRow } from './rows.ts';
import type { State } from './state.ts';
import type { Switches } from './switches.ts';

const day = 86_400_000;

const firstNames = [
  'ada',
  'bo',
  'chiara',
  'dmitri',
  'esra',
  'femi',
  'grace',
  'hiro',
  'ines',
  'jonas',
  'kofi',
  'lena',
  'mei',
] as const;
const lastNames = ['abe', 'berg', 'costa', 'diaz', 'eze', 'fischer', 'gupta', 'haas', 'ito', 'jansen', 'kaya'] as const;
const domains = ['example.com', 'example.org', 'example.net'] as const;

/** How ten people in a row fare; the pending ones come last, since they are the newest. */
const fates = ['ACCEPTED', 'EXPIRED', 'ACCEPTED', 'DEACTIVATED', 'ACCEPTED', 'EXPIRED', 'ACCEPTED'] as const;

/**
 * Fills the organization with made-up people, the same ones each time: invitations of half a year, three of ten still
 * pending as far as two thirds of the quota allow, so that there is room to invite more.
 */
export function seed(count: number, world: { state: State; switches: Switches; now: number }, record: Record): number {
  const { state, switches, now } = world;
  const room = Math.max(0, Math.floor((switches.quota * 2) / 3) - state.pendingCount);
  const pending = Math.min(Math.round(count * 0.3), room);
  const ended = count - pending;
  const first = state.invitations.issued;
  for (let index = 0; index < count; index++) {
    const isPending = index >= ended;
    const age = isPending
      ? (switches.expires_after * (0.9 * (count - index))) / (pending + 1)
      : switches.expires_after + day + (180 * day * (ended - index)) / ended;
    const status = isPending ? 'SENT' : (fates[index % fates.length] ?? 'ACCEPTED');
    invite({ number: first + index, status, created: Math.floor(now - age), lasts: switches.expires_after }, record);
  }
  return count;
}

interface Story {
  /** Which of all invitations it is. */
  readonly number: number;
  readonly status: InvitationRow['status'];
  /** Milliseconds since 1970. */
  readonly created: number;
  /** Milliseconds until it expires. */
  readonly lasts: number;
}

function invite({ number, status, created, lasts }: Story, record: Record): void {
  const at = (milliseconds: number) => timestamp(created + milliseconds, (number * 7919) % 1000);
  const end = Math.floor(lasts / 3);
  const row: InvitationRow = {
    id: idOf('i-', number),
    email: emailOf(number),
    auth_type: number % 4 === 3 ? 'AUTH_TYPE_SSO' : 'AUTH_TYPE_LOCAL',
    status,
    created_at: at(0),
    updated_at: at(status === 'DEACTIVATED' ? end : 0),
    expires_at: at(lasts),
    ...(status === 'ACCEPTED' ? { accepted_at: at(end) } : {}),
    ...(status === 'DEACTIVATED' ? { deleted_at: at(end) } : {}),
    user: idOf('u-', number),
    creator: owner.id,
    mails: 1,
  };
  record({ put: 'invitation', row });
  if (status === 'ACCEPTED') record({ put: 'user', row: userFrom(row, at(end)) });
}

function emailOf(number: number): string {
  const first = firstNames[number % firstNames.length];
  const last = lastNames[number % lastNames.length];
  return `${first}.${last}.${number + 1}@${domains[number % domains.length]}`;
}
