import { authTypes, type Invitation, isLive, stateOf } from '../api/invitation.ts';
import type { GrantedRole } from '../api/role-bindings.ts';
import type { User } from '../api/users.ts';
import { plainStyle } from '../output/style.ts';
import { tableText } from '../output/text-table.ts';
import type { View } from '../output/view.ts';
import { textAt } from '../text/json-fields.ts';
import { clean } from '../text/sanitize.ts';
import { roleInWords } from './plan.ts';
import { ScopedRoles } from './scoped-roles.ts';

/** Everything the API returns about one person. */
export interface Trace {
  readonly email: string | undefined;
  readonly user: User | undefined;
  /** The ids of their users, including those pre-created by invitations. */
  readonly userIds: readonly string[];
  /** The newest first. */
  readonly invitations: readonly Invitation[];
  readonly roles: readonly GrantedRole[];
  readonly apiKeys: readonly string[] | 'unreadable';
}

const traceFields = ['email', 'state', 'user', 'invitations', 'role_bindings', 'api_keys', 'if_removed'] as const;

export function traceView(now: () => number): View<Trace> {
  return {
    fields: [...traceFields, 'user.id', 'user.full_name', 'user.auth_type', 'if_removed.deleted', 'if_removed.remains'],
    ...{ times: [], columns: [], csv: traceFields, block: traceFields },
    record: (trace) => traceRecord(trace, now()),
    id: ({ user, userIds }) => user?.id ?? userIds[0],
  };
}

function traceRecord(trace: Trace, now: number): Record<string, unknown> {
  const { email = null, user, invitations, roles, apiKeys } = trace;
  const { deleted, remains } = consequences(trace, now);
  return {
    email,
    state: stateIn(trace, now),
    user:
      user === undefined ? null : { id: user.id, full_name: user.full_name ?? null, auth_type: user.auth_type ?? null },
    invitations: invitations.map((invitation) => ({ ...invitation, state: stateOf(invitation, now) })),
    role_bindings: roles.map(({ role_name, crn_pattern }) => ({ role_name, crn_pattern })),
    api_keys: apiKeys === 'unreadable' ? null : apiKeys,
    if_removed: { deleted, remains },
  };
}

/** `member`, or the state of the newest invitation; `left` for a person who accepted and is no longer a member. */
function stateIn({ user, invitations: [newest] }: Trace, now: number): string {
  if (user !== undefined) return 'member';
  if (newest === undefined) return 'unknown';
  const state = stateOf(newest, now);
  return state === 'accepted' ? 'left' : state;
}

interface Consequences {
  readonly deleted: readonly string[];
  readonly remains: readonly string[];
}

/** What removing the person would delete, and what would remain. */
function consequences({ user, invitations, roles, apiKeys }: Trace, now: number): Consequences {
  const live = invitations.filter((invitation) => isLive(invitation, now));
  const ended = invitations.filter((invitation) => !isLive(invitation, now));
  const isMember = user !== undefined;
  const isThere = isMember || live.length > 0;
  const bindings = roles.length === 0 ? [] : [counted(roles.length, 'role binding')];
  const keys = keysLost(apiKeys, isMember);
  return {
    deleted: [
      ...(isMember ? [`the user ${user.id}`] : []),
      ...live.map((one) => `the invitation ${textAt(one, 'id')}, which is ${stateOf(one, now)}`),
      ...(isThere ? bindings : []),
      ...keys,
    ],
    remains: [
      ...ended.map((one) => `the invitation ${textAt(one, 'id')} in the list, ${stateOf(one, now)}`),
      ...(isThere ? [] : bindings),
      ...(user?.auth_type === authTypes.sso
        ? ['their account at the identity provider: JIT or SCIM may bring them back']
        : []),
    ],
  };
}

function keysLost(apiKeys: Trace['apiKeys'], isMember: boolean): string[] {
  if (!isMember) return [];
  if (apiKeys === 'unreadable')
    return ['all their API keys, which this key may not list; whatever uses them stops working'];
  if (apiKeys.length === 0) return [];
  return [
    `${counted(apiKeys.length, 'API key')}: ${apiKeys.join(', ')}; whatever uses ${apiKeys.length === 1 ? 'it' : 'them'} stops working`,
  ];
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

/** The trace as text. */
export function traceText(trace: Trace, now: number): string {
  const { email, user, userIds, invitations, roles, apiKeys } = trace;
  const scoped = new ScopedRoles();
  const { deleted, remains } = consequences(trace, now);
  const signIn = user?.auth_type === undefined ? [] : [`signs in with ${user.auth_type}`];
  const who = [email ?? '(no e-mail)', stateIn(trace, now), user?.id ?? userIds[0] ?? 'no user', ...signIn];
  return [
    `${clean(who.join('  '))}\n`,
    section('Invitations', invitationLines(invitations, now)),
    section(
      'Role bindings',
      roles.map(({ role_name, crn_pattern }) => roleInWords(scoped.of(role_name, crn_pattern))).sort(),
    ),
    section('API keys', apiKeys === 'unreadable' ? ['this key may not list them'] : apiKeys),
    section('If they were removed, this would be deleted', deleted),
    section('and this would remain', remains),
  ].join('');
}

function invitationLines(invitations: readonly Invitation[], now: number): string[] {
  const rows = invitations.map((one) => {
    const dated = (word: string, at: string | undefined) =>
      at === undefined || at.startsWith('0001') ? '' : `${word} ${at.slice(0, 10)}`;
    const expires = isLive(one, now) ? textAt(one, 'expires_at') : undefined;
    const end = dated('accepted', textAt(one, 'accepted_at')) || dated('expires', expires);
    const created = dated('created', textAt(one, 'metadata', 'created_at'));
    return [textAt(one, 'id') ?? '-', stateOf(one, now), created, end].map(clean);
  });
  const untitled = { title: '', rank: 0 };
  const table = tableText(Array(4).fill(untitled), rows, { style: plainStyle, width: undefined });
  return table.split('\n').filter((line) => line !== '');
}

function section(title: string, lines: readonly string[]): string {
  const shown = lines.length === 0 ? ['none'] : lines;
  return `\n${title}:\n${shown.map((line) => `  ${clean(line)}\n`).join('')}`;
}
