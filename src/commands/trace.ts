import { roleOn } from '../api/crn.ts';
import { authTypes, type Invitation, isLive, stateOf } from '../api/invitation.ts';
import type { User } from '../api/users.ts';
import type { CommandDefinition } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { CliError } from '../errors.ts';
import { look, personNames, type Sight } from '../membership/observe.ts';
import { type Binding, nameOf, personNamed, userIdsOf } from '../membership/observed.ts';
import { type RosterRow, rowNamed } from '../membership/roster.ts';
import { formatDefinition } from '../output/formats.ts';
import { plainStyle } from '../output/style.ts';
import { plainTable } from '../output/text-table.ts';
import { type Fields, viewOf } from '../output/view.ts';
import { textAt } from '../text/json-fields.ts';
import { clean } from '../text/sanitize.ts';
import { counted } from '../text/times.ts';

export const definition: CommandDefinition = (command, bind) =>
  command
    .description(
      'Show everything about one person: invitations, user, role bindings, the API keys they own, and what would be deleted ' +
        'or remain if they were removed.',
    )
    .argument('<email|user-id>', 'the person')
    .addExamples('invite trace ann@example.com', "invite trace u-abc123 -o json | jq '.api_keys'")
    .action(bind(trace));

async function trace(ctx: Context, typed: string): Promise<void> {
  ctx.expect(traceView);
  const [name = ''] = personNames([typed]);
  const found = await traceOf(name, await look(ctx, { recheck: [name], mayLackRoles: true }));
  if (formatDefinition(ctx.globals.output).reader === 'person' && ctx.globals.fields === undefined)
    return ctx.host.stdout.write(traceText(found, ctx.now()));
  await ctx.show(traceView, found);
}

/** Everything the API returns about one person. */
interface Trace {
  /** Undefined for an id that only role bindings or API keys have. */
  readonly row: RosterRow | undefined;
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
async function traceOf(name: string, sight: Sight): Promise<Trace> {
  const { observed, tools } = sight;
  const person = personNamed(name, observed);
  const { users = [], invitations = [] } = person ?? {};
  const userIds = person === undefined ? (name.includes('@') ? [] : [name]) : userIdsOf(person);
  const owners = new Set(userIds.flatMap((id) => observed.named.get(id) ?? []));
  const bindings = [
    ...[...owners].flatMap((owner) => owner.bindings),
    ...userIds.flatMap((id) => observed.orphans.get(id) ?? []),
  ];
  const keys = [...(await tools.apiKeys.ownedBy(userIds)).values()];
  const apiKeys = keys.flatMap((some) => (some === 'unreadable' ? [] : some));
  if (person === undefined && bindings.length === 0 && apiKeys.length === 0 && !keys.includes('unreadable')) {
    throw new CliError('not_found', `nothing is known about "${name}"`, { target: name, hints: ['invite people'] });
  }
  return {
    ...{ row: rowNamed(name, sight), users, userIds },
    invitations: invitations.map(({ sent }) => sent),
    bindings: observed.hasRoles ? bindings : 'unreadable',
    apiKeys: keys.includes('unreadable') ? 'unreadable' : apiKeys,
  };
}

const traceFields = [
  ...['email', 'invited_as', 'state', 'user', 'users', 'invitations', 'role_bindings', 'api_keys', 'if_removed'],
];

const insideUser = ['user.id', 'user.full_name', 'user.auth_type'];

export const traceView = viewOf<Trace>([...traceFields, ...insideUser, 'if_removed.deleted', 'if_removed.remains'], {
  ...{ csv: traceFields, block: traceFields },
  record: traceRecord,
  id: ({ userIds }) => userIds[0],
});

function traceRecord(found: Trace, now: number): Fields {
  const { row, invitations, bindings, apiKeys } = found;
  const users = found.users.map(({ id, full_name = null, auth_type = null }) => ({ id, full_name, auth_type }));
  return {
    email: row?.email ?? null,
    ...(row?.invited_as === undefined ? {} : { invited_as: row.invited_as }),
    state: row?.state ?? 'unknown',
    user: users[0] ?? null,
    ...(users.length > 1 ? { users } : {}),
    invitations: invitations.map((invitation) => ({ ...invitation, state: stateOf(invitation, now) })),
    role_bindings: bindings === 'unreadable' ? null : bindings.map(bindingRecord),
    api_keys: apiKeys === 'unreadable' ? null : apiKeys,
    if_removed: consequences(found, now),
  };
}

function bindingRecord({ id, user, role: { role_name, crn_pattern } }: Binding) {
  return { id, principal: `User:${user}`, role_name, crn_pattern };
}

/** What `invite remove` would delete, and what would remain. */
function consequences({ users, invitations, bindings, apiKeys }: Trace, now: number) {
  const live = invitations.filter((invitation) => isLive(invitation, now));
  const ended = invitations.filter((invitation) => !isLive(invitation, now));
  const isSso = users.some(({ auth_type }) => auth_type === authTypes.sso);
  return {
    deleted: [
      ...users.map(({ id }) => `the user ${id}`),
      ...live.map((one) => `the invitation ${textAt(one, 'id')}, which is ${stateOf(one, now)}`),
      ...(bindings === 'unreadable' ? ['all their role bindings, which this key may not list'] : []),
      ...(bindings !== 'unreadable' && bindings.length > 0 ? [counted(bindings.length, 'role binding')] : []),
      ...(users.length > 0 ? keysLost(apiKeys) : []),
    ],
    remains: [
      ...ended.map((one) => `the invitation ${textAt(one, 'id')} in the list, ${stateOf(one, now)}`),
      ...(isSso ? ['their account at the identity provider: JIT or SCIM may bring them back'] : []),
    ],
  };
}

function keysLost(apiKeys: Trace['apiKeys']): string[] {
  if (apiKeys === 'unreadable')
    return ['all their API keys, which this key may not list; whatever uses them stops working'];
  if (apiKeys.length === 0) return [];
  const them = apiKeys.length === 1 ? 'it' : 'them';
  return [`${counted(apiKeys.length, 'API key')}: ${apiKeys.join(', ')}; whatever uses ${them} stops working`];
}

function traceText(found: Trace, now: number): string {
  const { row, users, userIds, invitations, apiKeys } = found;
  const { deleted, remains } = consequences(found, now);
  const [head = userIds[0] ?? 'no user', ...others] = users.map(({ id, auth_type }) =>
    auth_type === undefined ? id : `${id}  signs in with ${auth_type}`,
  );
  const who = [nameOf(row?.email ?? '(no e-mail)', row?.invited_as), row?.state ?? 'unknown', head].join('  ');
  return [
    ...[who, ...others.map((other) => `the same address: ${other}`)].map((line) => `${clean(line)}\n`),
    section('Invitations', invitationLines(invitations, now)),
    section('Role bindings', bindingLines(found)),
    section('API keys', apiKeys === 'unreadable' ? ['this key may not list them'] : apiKeys),
    section('If they were removed, this would be deleted', deleted),
    section('and this would remain', remains),
  ].join('');
}

/** By user, where more than one of them holds roles. */
function bindingLines({ bindings }: Trace): string[] {
  if (bindings === 'unreadable') return ['this key may not list them'];
  const hasSeveral = new Set(bindings.map(({ user }) => user)).size > 1;
  return bindings.map(({ user, role }) => `${hasSeveral ? `${user}: ` : ''}${roleOn(role)}`).sort();
}

function invitationLines(invitations: readonly Invitation[], now: number): string[] {
  const dated = (word: string, at: string | undefined) =>
    at === undefined || at.startsWith('0001') ? '' : `${word} ${at.slice(0, 10)}`;
  const rows = invitations.map((one) => {
    const expires = isLive(one, now) ? textAt(one, 'expires_at') : undefined;
    const end = dated('accepted', textAt(one, 'accepted_at')) || dated('expires', expires);
    const created = dated('created', textAt(one, 'metadata', 'created_at'));
    return [textAt(one, 'id') ?? '-', stateOf(one, now), created, end].map(clean);
  });
  const untitled = { title: '', rank: 0 };
  const table = plainTable(Array(4).fill(untitled), { style: plainStyle, width: undefined })(rows);
  return table.split('\n').filter((line) => line !== '');
}

function section(title: string, lines: readonly string[]): string {
  const shown = lines.length === 0 ? ['none'] : lines;
  return `\n${title}:\n${shown.map((line) => `  ${clean(line)}\n`).join('')}`;
}
