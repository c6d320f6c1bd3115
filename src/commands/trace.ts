import { nameOf } from '../api/email.ts';
import { authTypes, type Invitation, withState } from '../api/invitation.ts';
import { roleOn } from '../api/roles.ts';
import type { CommandDefinition } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { CliError } from '../errors.ts';
import { look, personNames, type Sight } from '../membership/observe.ts';
import { type Binding, userIdsOf } from '../membership/observed.ts';
import { rowNamed, unreadable } from '../membership/roster.ts';
import { formatDefinition } from '../output/formats.ts';
import { plainStyle } from '../output/style.ts';
import { plainTable } from '../output/text-table.ts';
import { viewOf } from '../output/view.ts';
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
    .addView(() => traceView)
    .action(bind(trace));

async function trace(ctx: Context, typed: string): Promise<void> {
  const [name = ''] = personNames([typed]);
  const found = await traceOf(name, await look(ctx, { recheck: [name], mayLackRoles: true }));
  if (formatDefinition(ctx.globals.output).reader === 'person' && ctx.globals.fields === undefined)
    return ctx.host.stdout.write(traceText(found));
  await ctx.show(traceView, found);
}

/** Everything the API returns about one person; null is what this key may not read. */
type Trace = Awaited<ReturnType<typeof traceOf>>;

/** What there is of one person. Throws `not_found` if there is nothing. */
async function traceOf(name: string, sight: Sight) {
  const { observed, tools, now } = sight;
  const { email = null, invited_as, state = 'unknown', roles, person } = rowNamed(name, sight) ?? {};
  const ids = person === undefined ? (name.includes('@') ? [] : [name]) : userIdsOf(person);
  const held = ids.flatMap((id) => {
    return observed.named.get(id)?.bindings.filter(({ user }) => user === id) ?? observed.orphans.get(id) ?? [];
  });
  const keys = [...(await tools.apiKeys.ownedBy(ids)).values()];
  const isNamed = person?.users.every(({ id }) => id !== '') ?? true;
  const api_keys = !isNamed || keys.includes('unreadable') ? null : keys.flat();
  if (person === undefined && held.length === 0 && api_keys?.length === 0) {
    throw new CliError('not_found', `nothing is known about "${name}"`, { target: name, hints: ['invite people'] });
  }
  const [first, ...more] = (person?.users ?? []).map(({ id, full_name = null, auth_type = null }) => {
    return { id, full_name, auth_type };
  });
  return {
    email,
    ...(invited_as === undefined ? {} : { invited_as }),
    state,
    user: first ?? null,
    // Several where they have the same address.
    ...(first === undefined || more.length === 0 ? {} : { users: [first, ...more] }),
    /** As the API sent them, the newest first. */
    invitations: (person?.invitations ?? []).map(({ sent }) => withState(sent, now)),
    role_bindings: observed.hasRoles && roles !== unreadable ? held.map(bindingRecord) : null,
    api_keys,
    /** Of their users, those pre-created by invitations included; not shown. */
    ids,
  };
}

function bindingRecord({ id, user, role: { role_name, crn_pattern } }: Binding) {
  return { id, principal: `User:${user}`, role_name, crn_pattern };
}

const traceFields = [
  'email',
  'invited_as',
  'state',
  'user',
  'users',
  'invitations',
  'role_bindings',
  'api_keys',
  'if_removed',
];

const insideUser = ['user.id', 'user.full_name', 'user.auth_type'];

const traceView = viewOf<Trace>([...traceFields, ...insideUser, 'if_removed.deleted', 'if_removed.remains'], {
  csv: traceFields,
  block: traceFields,
  record: ({ ids: _, ...found }) => ({ ...found, if_removed: consequences(found) }),
  id: ({ ids }) => ids[0],
});

function usersIn({ user, users }: Pick<Trace, 'user' | 'users'>) {
  return users ?? (user === null ? [] : [user]);
}

/** What `invite remove` would delete, and what would remain. */
function consequences(found: Omit<Trace, 'ids'>) {
  const { invitations, role_bindings, api_keys } = found;
  const users = usersIn(found);
  const held = role_bindings?.length === 0 ? [] : [bindingsInWords(role_bindings)];
  // Nobody is removed who has left, or whom neither a user nor an invitation makes a person.
  const isRevoked = found.state !== 'left' && found.email !== null;
  const isSso = users.some(({ auth_type }) => auth_type === authTypes.sso);
  const about = (one: Invitation) => `the invitation ${textAt(one, 'id')}`;
  return {
    deleted: [
      ...users.map(({ id }) => (id === '' ? 'their user' : `the user ${id}`)),
      ...invitations.filter(isOpen).map((one) => `${about(one)}, which is ${one.state}`),
      ...(isRevoked ? held : []),
      ...(users.length > 0 ? keysLost(api_keys) : []),
    ],
    remains: [
      ...invitations.filter((one) => !isOpen(one)).map((one) => `${about(one)} in the list, ${one.state}`),
      ...(isRevoked ? [] : held),
      ...(isSso ? ['their account at the identity provider: JIT or SCIM may bring them back'] : []),
    ],
  };
}

function bindingsInWords(bindings: Trace['role_bindings']): string {
  return bindings === null
    ? 'all their role bindings, which could not be read'
    : counted(bindings.length, 'role binding');
}

/** Whether it can be accepted. */
function isOpen({ state }: Invitation): boolean {
  return state === 'pending' || state === 'staged';
}

function keysLost(api_keys: Trace['api_keys']): string[] {
  if (api_keys === null) return ['all their API keys, which could not be read; whatever uses them stops working'];
  if (api_keys.length === 0) return [];
  const them = api_keys.length === 1 ? 'it' : 'them';
  return [`${counted(api_keys.length, 'API key')}: ${api_keys.join(', ')}; whatever uses ${them} stops working`];
}

function traceText(found: Trace): string {
  const { email, state, ids, invitations, api_keys } = found;
  const { deleted, remains } = consequences(found);
  const [head = ids[0] ?? 'no user', ...others] = usersIn(found).map(({ id, auth_type }) =>
    auth_type === null ? id : `${id}  signs in with ${auth_type}`,
  );
  const who = [nameOf(email ?? '(no e-mail)', found), state, head].join('  ');
  return [
    ...[who, ...others.map((other) => `the same address: ${other}`)].map((line) => `${clean(line)}\n`),
    section('Invitations', invitationLines(invitations)),
    section('Role bindings', bindingLines(found)),
    section('API keys', api_keys ?? [whyUnknown(found)]),
    section('If they were removed, this would be deleted', deleted),
    section('and this would remain', remains),
  ].join('');
}

function whyUnknown({ ids }: Trace): string {
  return ids.length === 0 ? 'unknown: the API does not name their user' : 'this key may not list them';
}

/** By user, where more than one of them holds roles. */
function bindingLines(found: Trace): string[] {
  const { role_bindings } = found;
  if (role_bindings === null) return [whyUnknown(found)];
  const hasSeveral = new Set(role_bindings.map(({ principal }) => principal)).size > 1;
  const whose = (principal: string) => (hasSeveral ? `${principal.replace('User:', '')}: ` : '');
  return role_bindings.map((binding) => `${whose(binding.principal)}${roleOn(binding)}`).sort();
}

function invitationLines(invitations: readonly Invitation[]): string[] {
  const dated = (word: string, at: string | undefined) =>
    at === undefined || at.startsWith('0001') ? '' : `${word} ${at.slice(0, 10)}`;
  const rows = invitations.map((one) => {
    const expires = isOpen(one) ? textAt(one, 'expires_at') : undefined;
    const end = dated('accepted', textAt(one, 'accepted_at')) || dated('expires', expires);
    const created = dated('created', textAt(one, 'metadata', 'created_at'));
    return [textAt(one, 'id') ?? '-', String(one.state), created, end].map(clean);
  });
  const untitled = { title: '', rank: 0 };
  const table = plainTable(Array(4).fill(untitled), { style: plainStyle, width: undefined })(rows);
  return table.split('\n').filter((line) => line !== '');
}

function section(title: string, lines: readonly string[]): string {
  const shown = lines.length === 0 ? ['none'] : lines;
  return `\n${title}:\n${shown.map((line) => `  ${clean(line)}\n`).join('')}`;
}
