import { collect } from '../api/client.ts';
import { foldEmail } from '../api/email.ts';
import { hasEmail } from '../api/filter.ts';
import { type Invitation, timeAt } from '../api/invitation.ts';
import { requireOrganization } from '../api/organizations.ts';
import { parseTarget, type Target } from '../api/targets.ts';
import type { User } from '../api/users.ts';
import type { CommandDefinition } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { CliError } from '../errors.ts';
import type { Tools } from '../mail/change.ts';
import { toolsOf } from '../mail/change.ts';
import { checkPersonId } from '../membership/person-target.ts';
import { type Trace, traceText, traceView } from '../membership/trace.ts';
import { formatDefinition } from '../output/formats.ts';
import { textAt } from '../text/json-fields.ts';

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
  const view = traceView(ctx.now);
  ctx.expect(view);
  const target = parseTarget(typed);
  checkPersonId(target);
  const found = await traceOf(ctx, target, await toolsOf(ctx));
  if (formatDefinition(ctx.globals.output).reader === 'person' && ctx.globals.fields === undefined)
    return ctx.host.stdout.write(traceText(found, ctx.now()));
  await ctx.show(view, found);
}

/** Reads what there is of one person. Throws `not_found` if there is nothing. */
async function traceOf(ctx: Context, target: Target, tools: Tools): Promise<Trace> {
  const { roles, apiKeys } = tools;
  const [user, everybody, { id: organization }] = await Promise.all([
    userOf(target, tools),
    // The whole list: a filter may mind capitals, and invitations that have ended belong to the picture.
    collect(tools.invitations.list({}, { whole: true })),
    requireOrganization(await ctx.api()),
  ]);
  const invited = target.kind === 'email' ? target.text : textAt(invitationsOf(target, everybody)[0] ?? {}, 'email');
  const email = user?.email ?? invited;
  const all = email === undefined ? [] : invitationsOf({ kind: 'email', text: email }, everybody);
  const isStillUnknown = user === undefined && target.kind === 'id' && email !== undefined;
  const member = isStillUnknown ? await userOf({ kind: 'email', text: email }, tools) : user;
  const named = [
    member?.id,
    target.kind === 'id' ? target.text : undefined,
    ...all.map((one) => textAt(one, 'user', 'id')),
  ];
  const userIds = [...new Set(named.filter((id) => id !== undefined))];
  const held = (await Promise.all(userIds.map((id) => roles.of(id, organization)))).flat();
  const keys = await apiKeys.ownedBy(userIds);
  const owned = [...keys.values()];
  const apiKeysOfAll = owned.includes('unreadable')
    ? 'unreadable'
    : owned.flatMap((ids) => (ids === 'unreadable' ? [] : ids));
  if (member === undefined && all.length + held.length === 0 && apiKeysOfAll.length === 0) throw nobody(target);
  return { email, user: member, userIds, invitations: newestFirst(all), roles: held, apiKeys: apiKeysOfAll };
}

function nobody({ text }: Target): CliError {
  return new CliError('not_found', `nothing is known about "${text}"`, { target: text, hints: ['invite list'] });
}

async function userOf({ kind, text }: Target, { users }: Pick<Tools, 'users'>): Promise<User | undefined> {
  if (kind === 'id') return users.get(text);
  for await (const batch of users.list()) {
    const user = batch.find(({ email }) => foldEmail(email) === foldEmail(text));
    if (user !== undefined) return user;
  }
  return undefined;
}

/** An id leads to the e-mail, and that may lead to more invitations. */
function invitationsOf({ kind, text }: Target, everybody: readonly Invitation[]): readonly Invitation[] {
  return everybody.filter((one) => (kind === 'id' ? textAt(one, 'user', 'id') === text : hasEmail(one, text)));
}

function newestFirst(invitations: readonly Invitation[]): Invitation[] {
  const created = (invitation: Invitation) => timeAt(invitation, 'metadata', 'created_at') ?? 0;
  return [...invitations].sort((a, b) => created(b) - created(a));
}
