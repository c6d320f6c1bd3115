import { Option } from 'commander';
import type { ChangeOptions, CommandDefinition } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { addTargetFilters, type FilterOptions } from '../cli/filter-options.ts';
import type { DeleteChange } from '../mail/change.ts';
import { toolsOf } from '../mail/change.ts';
import { confirmationPhrase, describeBindings, describePeople, type QuestionAbout } from '../mail/describe-targets.ts';
import { planDeletes } from '../mail/plan.ts';
import { applyChanges, changeView } from '../mail/run-changes.ts';
import { selectTargets } from '../mail/select-targets.ts';
import { textAt } from '../text/json-fields.ts';

interface DeleteOptions extends FilterOptions, ChangeOptions {
  readonly removeUser?: boolean;
  readonly ifExists?: boolean;
}

export const definition: CommandDefinition = (command, bind) =>
  addTargetFilters(command)
    .description('Revoke invitations. The user that was prepared for a pending invitation is deactivated, too.')
    .argument('[id|email...]', 'what to revoke; - reads ids and e-mails from stdin, one per line')
    .addOption(new Option('--remove-user', 'if the invitation was accepted, delete the user who accepted it'))
    .addOption(new Option('--if-exists', 'succeed if an invitation does not exist'))
    .addChangeOptions()
    .addExamples(
      'invite delete i-7od91',
      'invite delete --status expired --yes',
      'invite list --status expired -o id | invite delete - --yes',
      'invite delete ann@example.com --remove-user',
    )
    .action(bind(remove));

async function remove(ctx: Context, typed: string[], options: DeleteOptions): Promise<void> {
  const { removeUser = false, ifExists = false, yes = false, dryRun = false, concurrency } = options;
  ctx.expect(changeView(ctx, 'delete'));
  const { found, single } = await selectTargets(ctx, { typed, options, allowMissing: ifExists, verb: 'revoke' });
  const tools = await toolsOf(ctx);
  const changes = planDeletes(found, { removeUser, ifExists }, ctx.now());
  if (!dryRun && !yes) {
    const bindings = ctx.prompter() === undefined ? new Map() : await describeBindings(changes, tools);
    await confirmDeletes(ctx, changes, bindings);
  }
  await applyChanges(ctx, changes, { tools, dryRun, single, concurrency });
}

/** Asks separately about invitations and about users: a removed user does not come back with a new invitation. */
async function confirmDeletes(ctx: Context, changes: readonly DeleteChange[], bindings: ReadonlyMap<string, string>) {
  const invitations = changes.filter(({ decision }) => decision.act === 'delete_invitation');
  const users = changes.filter(({ decision }) => decision.act === 'delete_user');
  if (invitations.length > 0) {
    const message = `${describePeople(revokeQuestion, invitations, bindings)}\n${revokeNote(invitations.length)}`;
    await ctx.confirm({ message, answered: false, phrase: confirmationPhrase(invitations.length) });
  }
  if (users.length > 0) {
    const message = `${describePeople(removeQuestion, users, bindings)}\n${removeNote(users.length)}`;
    const [only] = users;
    const email = users.length === 1 && only !== undefined ? textAt(only.known[0] ?? {}, 'email') : undefined;
    await ctx.confirm({ message, answered: false, phrase: email ?? String(users.length) });
  }
}

const revokeQuestion: QuestionAbout = (people, isPlural) => `revoke the invitation${isPlural ? 's' : ''} of ${people}?`;

function revokeNote(count: number): string {
  return count === 1
    ? '(the user prepared for it is deactivated and loses its role bindings)'
    : '(the users prepared for them are deactivated and lose their role bindings)';
}

const removeQuestion: QuestionAbout = (people, isPlural) => `delete the user${isPlural ? 's' : ''} of ${people}?`;

function removeNote(count: number): string {
  return `(the API keys and role bindings of the user${count === 1 ? '' : 's'} are deleted, too)`;
}
