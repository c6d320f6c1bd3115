import { Option } from 'commander';
import { checkEmails, foldEmail, punycode, splitAddresses } from '../api/email.ts';
import { type AuthType, authTypes } from '../api/invitation.ts';
import { isAdminRole, parseRole, type Role, roleOn, shownRole } from '../api/roles.ts';
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
  const yes = options.yes === true || dryRun;
  await confirmAdminRoles(ctx, { emails, roles: role.filter(isAdmin).map(shownRole) }, yes);
  const tools = await toolsOf(ctx, 'create', { dryRun });
  const wishes = emails.map((email) => ({ email, authType, roles: role }));
  const { seen: changes } = await lookAndAsk({
    clock: tools.clock,
    look: () => planTyped(wishes, again, tools),
    ask: (planned) => confirmAdminRoles(ctx, formerAdminRoles(planned, ctx.now()), yes),
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

interface AdminRoles {
  readonly emails: readonly string[];
  /** In words. */
  readonly roles: readonly string[];
  /** They had them with an invitation that has ended. */
  readonly areFormer?: boolean;
}

function isAdmin({ role_name }: Pick<Role, 'role_name'>): boolean {
  return isAdminRole(role_name);
}

/** Those of invitations that have ended, which come back with the new ones though nobody asked for them. */
function formerAdminRoles(changes: readonly CreateChange[], now: number): AdminRoles {
  const given = changes
    .map((change) => ({
      email: change.target,
      roles: missingRoles(change, now).filter((role) => isAdmin(role) && !change.roles.includes(role)),
    }))
    .filter(({ roles }) => roles.length > 0);
  const words = new Set(given.flatMap(({ roles }) => roles.map(roleOn)));
  return { emails: given.map(({ email }) => email), roles: [...words], areFormer: true };
}

/** Somebody with one of these roles can grant every other one. Returns whether a person was asked. */
async function confirmAdminRoles(ctx: Context, admin: AdminRoles, yes: boolean): Promise<boolean> {
  const { emails, roles, areFormer = false } = admin;
  if (emails.length === 0 || roles.length === 0) return false;
  const what = `${roles.join(' and ')}${areFormer ? ', as with the invitation before,' : ''}`;
  const lines = questionAbout((people) => `grant ${what} to ${people}?`, emails, 20);
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
