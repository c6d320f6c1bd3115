import { Option } from 'commander';
import { checkEmails, foldEmail, punycode, splitAddresses } from '../api/email.ts';
import { type AuthType, authTypes } from '../api/invitation.ts';
import { isAdminRole, parseRole, type Role, roleOn } from '../api/roles.ts';
import type { ChangeOptions, CommandDefinition } from '../cli/command.ts';
import { type Context, requirePrompter } from '../cli/context.ts';
import {
  addDomainOptions,
  allowUnknownRolesOption,
  checkDomains,
  type DomainOptions,
  refuseUnknownRoles,
  roleOption,
} from '../cli/invite-options.ts';
import { type CreateChange, toolsOf } from '../mail/change.ts';
import { lookAndAsk } from '../mail/look.ts';
import { planTyped } from '../mail/plan.ts';
import { resultView } from '../mail/result.ts';
import { missingRoles } from '../mail/roles.ts';
import { applyChanges } from '../mail/run-changes.ts';
import { confirmationPhrase, questionAbout, readArgs } from '../mail/targets.ts';

interface CreateOptions extends ChangeOptions, DomainOptions {
  readonly authType?: AuthType;
  readonly role?: readonly Role[];
  readonly strict?: boolean;
  readonly again?: boolean;
  readonly allowUnicode?: boolean;
  readonly allowUnknownRoles?: boolean;
}

export const definition: CommandDefinition = (command, bind) =>
  addDomainOptions(command)
    .description(
      'Invite people. Each is looked up first: people who are invited or members already get no second mail. ' +
        'Granting OrganizationAdmin or AccountAdmin asks for confirmation.',
    )
    .argument('[email...]', 'whom to invite; - reads addresses from stdin, one per line')
    .addOption(new Option('--auth-type <type>', 'how they sign in').choices(Object.keys(authTypes)))
    .addOption(roleOption('grant a role at once', parseRole))
    .addOption(new Option('--strict', 'fail if somebody is invited or a member already'))
    .addOption(new Option('--again', 'mail people who are already invited, or were mailed from this machine, again'))
    .addOption(new Option('--allow-unicode', 'allow addresses with letters beyond ASCII'))
    .addOption(allowUnknownRolesOption())
    .addChangeOptions()
    .addExamples(
      'invite create ann@example.com',
      'invite create ann@example.com bob@example.com --auth-type sso',
      'invite create ann@example.com --role EnvironmentAdmin@env-abc',
    )
    .addView(() => resultView)
    .action(bind(create));

async function create(ctx: Context, typed: string[], options: CreateOptions): Promise<void> {
  const {
    allowUnicode = false,
    authType,
    role = [],
    strict = false,
    dryRun = false,
    concurrency,
    again = false,
  } = options;
  const args = typed.length > 0 ? typed : [await askForEmails(ctx)];
  const words = await readArgs(args, ctx);
  const addresses = words.flatMap(splitAddresses);
  const emails = withoutRepetition(ctx, checkEmails(addresses, { allowUnicode }));
  for (const email of emails) {
    const ascii = /^[\x20-\x7e]*$/.test(email) ? undefined : punycode(email);
    if (ascii !== undefined) ctx.say(`"${email}" is ${ascii}`);
  }
  if (!options.allowUnknownRoles)
    await refuseUnknownRoles(
      ctx,
      role.map(({ role_name }) => role_name),
    );
  await checkDomains(ctx, emails, options);
  const tools = await toolsOf(ctx, 'create', { dryRun });
  const wishes = emails.map((email) => ({ email, authType, roles: role }));
  const { seen: changes } = await lookAndAsk({
    clock: tools.clock,
    look: () => planTyped(wishes, again, tools),
    ask: (planned) => confirmAdminRoles(ctx, planned, options.yes === true || dryRun),
  });
  const single = addresses.length === 1 && args[0] !== '-';
  await applyChanges(ctx, changes, { tools, view: resultView, strict, concurrency, single });
}

/** On a terminal, missing addresses are asked for. Throws `usage` elsewhere. */
async function askForEmails(ctx: Context): Promise<string> {
  const hints = ['invite create ann@example.com', 'invite create --help'];
  const prompter = requirePrompter(ctx, 'missing required argument "email"', hints);
  const { askText } = await import('../terminal/prompt.ts');
  const validate = (text: string) => text.trim() !== '' || 'type an e-mail address';
  const answer = await askText(prompter, 'e-mail addresses, separated by commas:', validate);
  // Without names in it, blanks separate as well.
  return /[<"]/.test(answer) ? answer : answer.trim().replaceAll(/\s+/g, ',');
}

/**
 * Somebody with one of these roles can grant every other one. Those of an invitation that has ended come back with the
 * new one though nobody asked for them. Returns whether a person was asked.
 */
async function confirmAdminRoles(ctx: Context, changes: readonly CreateChange[], yes: boolean): Promise<boolean> {
  const roles = new Set<string>();
  const given = changes.filter((change) => {
    const admin = missingRoles(change, ctx.now()).filter(({ role_name }) => isAdminRole(role_name));
    for (const role of admin)
      roles.add(`${roleOn(role)}${change.roles.includes(role) ? '' : ', as with the invitation before,'}`);
    return admin.length > 0;
  });
  if (given.length === 0) return false;
  const emails = given.map(({ target }) => target);
  const lines = questionAbout((people) => `grant ${[...roles].join(' and ')} to ${people}?`, emails, 20);
  return ctx.confirm({ lines, answered: yes, phrase: confirmationPhrase(emails.length) });
}

/** One mail for each person, however often and in whatever case they were named. */
function withoutRepetition(ctx: Context, emails: readonly string[]): string[] {
  const unique = new Map<string, string>();
  for (const email of emails) {
    const key = foldEmail(email);
    if (unique.has(key)) ctx.say(`"${email}" was named more than once; it counts once`);
    else unique.set(key, email);
  }
  return [...unique.values()];
}
