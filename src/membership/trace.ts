import { authTypes, type Invitation, isLive, stateOf } from '../api/invitation.ts';
import { CliError } from '../errors.ts';
import { plainStyle } from '../output/style.ts';
import { tableText } from '../output/text-table.ts';
import type { View } from '../output/view.ts';
import { textAt } from '../text/json-fields.ts';
import { clean } from '../text/sanitize.ts';
import { counted } from '../text/times.ts';
import type { Sight } from './observe.ts';
import { type Binding, invitedAs, nameOf, personNamed, type User } from './observed.ts';
import { roleInWords } from './plan.ts';

/** Everything the API returns about one person. */
interface Trace {
  readonly email: string | undefined;
  /** The address that a member was invited under, if it has changed since. */
  readonly invited_as: string | undefined;
  /** Several where they have the same address. */
  readonly users: readonly User[];
  /** The ids of their users, including those pre-created by invitations. */
  readonly userIds: readonly string[];
  /** As the API sent them, the newest first. */
  readonly invitations: readonly Invitation[];
  readonly bindings: readonly Binding[] | 'unreadable';
  readonly apiKeys: readonly string[] | 'unreadable';
}

/** What there is of one person. Throws `not_found` if there is nothing. */
export async function traceOf(name: string, sight: Sight, all: ReadonlyMap<string, Invitation>): Promise<Trace> {
  const { observed, tools } = sight;
  const person = personNamed(name, observed);
  const { users = [], invitations = [] } = person ?? {};
  const ids = [...users.map(({ id }) => id), ...invitations.flatMap(({ user }) => user ?? [])];
  const userIds = [...new Set(person === undefined && !name.includes('@') ? [name] : ids)];
  const owners = [...new Set(userIds.flatMap((id) => observed.owners.get(id) ?? []))];
  const bindings = [
    ...owners.flatMap((owner) => owner.bindings),
    ...userIds.flatMap((id) => observed.orphans.get(id) ?? []),
  ];
  const keys = [...(await tools.apiKeys.ownedBy(userIds)).values()];
  const apiKeys = keys.includes('unreadable')
    ? 'unreadable'
    : keys.flatMap((some) => (some === 'unreadable' ? [] : some));
  if (person === undefined && bindings.length === 0 && apiKeys.length === 0) throw nobody(name);
  return {
    ...{
      email: person?.email,
      invited_as: person === undefined ? undefined : invitedAs(person),
      users,
      userIds,
      apiKeys,
    },
    invitations: invitations.map((one) => all.get(one.id) ?? { ...one }),
    bindings: observed.hasRoles ? bindings : 'unreadable',
  };
}

function nobody(name: string): CliError {
  return new CliError('not_found', `nothing is known about "${name}"`, { target: name, hints: ['invite people'] });
}

const traceFields = [
  ...([
    'email',
    'invited_as',
    'state',
    'user',
    'users',
    'invitations',
    'role_bindings',
    'api_keys',
    'if_removed',
  ] as const),
];

export function traceView(now: () => number): View<Trace> {
  return {
    fields: [...traceFields, 'user.id', 'user.full_name', 'user.auth_type', 'if_removed.deleted', 'if_removed.remains'],
    ...{ times: [], columns: [], csv: traceFields, block: traceFields },
    record: (trace) => traceRecord(trace, now()),
    id: ({ userIds }) => userIds[0],
  };
}

function traceRecord(trace: Trace, now: number): Record<string, unknown> {
  const { email = null, invited_as, users, invitations, bindings, apiKeys } = trace;
  const { deleted, remains } = consequences(trace, now);
  const shown = users.map(({ id, full_name = null, auth_type = null }) => ({ id, full_name, auth_type }));
  return {
    email,
    ...(invited_as === undefined ? {} : { invited_as }),
    state: stateIn(trace, now),
    user: shown[0] ?? null,
    ...(shown.length > 1 ? { users: shown } : {}),
    invitations: invitations.map((invitation) => ({ ...invitation, state: stateOf(invitation, now) })),
    role_bindings: bindings === 'unreadable' ? null : bindings.map(bindingRecord),
    api_keys: apiKeys === 'unreadable' ? null : apiKeys,
    if_removed: { deleted, remains },
  };
}

function bindingRecord({ id, user, role: { role_name, crn_pattern } }: Binding) {
  return { id, principal: `User:${user}`, role_name, crn_pattern };
}

/** `member`, or the state of the newest invitation; `left` for a person who accepted and is no longer a member. */
function stateIn({ users, invitations: [newest] }: Trace, now: number): string {
  if (users.length > 0) return 'member';
  if (newest === undefined) return 'unknown';
  const state = stateOf(newest, now);
  return state === 'accepted' ? 'left' : state;
}

interface Consequences {
  readonly deleted: readonly string[];
  readonly remains: readonly string[];
}

/** What `invite remove` would delete, and what would remain. */
function consequences({ users, invitations, bindings, apiKeys }: Trace, now: number): Consequences {
  const live = invitations.filter((invitation) => isLive(invitation, now));
  const ended = invitations.filter((invitation) => !isLive(invitation, now));
  const roles = bindings === 'unreadable' ? ['all their role bindings, which this key may not list'] : [];
  const held = bindings === 'unreadable' || bindings.length === 0 ? roles : [counted(bindings.length, 'role binding')];
  return {
    deleted: [
      ...users.map(({ id }) => `the user ${id}`),
      ...live.map((one) => `the invitation ${textAt(one, 'id')}, which is ${stateOf(one, now)}`),
      ...held,
      ...keysLost(apiKeys, users.length > 0),
    ],
    remains: [
      ...ended.map((one) => `the invitation ${textAt(one, 'id')} in the list, ${stateOf(one, now)}`),
      ...(users.some(({ auth_type }) => auth_type === authTypes.sso)
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

/** The trace as text. */
export function traceText(trace: Trace, now: number): string {
  const { email = '(no e-mail)', invited_as, users, userIds, invitations, apiKeys } = trace;
  const { deleted, remains } = consequences(trace, now);
  const heads = users.map(({ id, auth_type }) => [
    id,
    ...(auth_type === undefined ? [] : [`signs in with ${auth_type}`]),
  ]);
  const who = [nameOf(email, invited_as), stateIn(trace, now), ...(heads[0] ?? [userIds[0] ?? 'no user'])];
  const others = heads.slice(1).map((head) => `the same address: ${head.join('  ')}`);
  return [
    ...[who.join('  '), ...others].map((line) => `${clean(line)}\n`),
    section('Invitations', invitationLines(invitations, now)),
    section('Role bindings', bindingLines(trace)),
    section('API keys', apiKeys === 'unreadable' ? ['this key may not list them'] : apiKeys),
    section('If they were removed, this would be deleted', deleted),
    section('and this would remain', remains),
  ].join('');
}

/** By user, where more than one of them holds roles. */
function bindingLines({ bindings }: Trace): string[] {
  if (bindings === 'unreadable') return ['this key may not list them'];
  const hasSeveral = new Set(bindings.map(({ user }) => user)).size > 1;
  return bindings.map(({ user, role }) => `${hasSeveral ? `${user}: ` : ''}${roleInWords(role)}`).sort();
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
