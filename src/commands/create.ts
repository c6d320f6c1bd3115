import { Option } from 'commander';
import { planCreates } from '../changes/plan.ts';
import { parseRole, type Role } from '../confluent/roles.ts';
import type { Context } from '../context.ts';
import { checkEmails, foldEmail, punycode } from '../invitations/email.ts';
import { type AuthType, authTypes } from '../invitations/invitation.ts';
import { applyChanges, changeView } from './shared/apply.ts';
import {
  type CommandDefinition,
  concurrencyOption,
  dryRunOption,
  examples,
  repeatable,
  yesOption,
} from './shared/command.ts';
import { rememberedMails } from './shared/mail-memory.ts';
import { readArgs } from './shared/select-targets.ts';

interface CreateOptions {
  readonly authType?: AuthType;
  readonly role?: readonly Role[];
  readonly strict?: boolean;
  readonly again?: boolean;
  readonly dryRun?: boolean;
  readonly allowUnicode?: boolean;
  readonly concurrency?: number;
}

export const createCommand: CommandDefinition = (command, bind) =>
  command
    .description('Invite people. Each is looked up first: whoever is invited or a member already gets no second mail.')
    .argument('<email...>', 'whom to invite; - reads addresses from stdin, one a line')
    .addOption(new Option('--auth-type <type>', 'how they sign in').choices(Object.keys(authTypes)))
    .addOption(repeatable('--role <role[@scope]>', 'grant a role at once (repeatable)', parseRole))
    .addOption(new Option('--strict', 'fail if somebody is invited or a member already'))
    .addOption(new Option('--again', 'mail also whoever is invited, or was mailed from this machine, already'))
    .addOption(new Option('--allow-unicode', 'admit addresses with letters beyond ASCII'))
    .addOption(concurrencyOption())
    .addOption(yesOption())
    .addOption(dryRunOption())
    .addHelpText(
      'after',
      examples(
        'invite create ann@example.com',
        'invite create ann@example.com bob@example.com --auth-type sso',
        'invite create ann@example.com --role EnvironmentAdmin@env-abc',
      ),
    )
    .action(bind(create));

export async function create(ctx: Context, typed: string[], options: CreateOptions): Promise<void> {
  const { allowUnicode = false, authType, role = [], strict = false, dryRun = false, concurrency, again } = options;
  ctx.expect(changeView(ctx, 'create'));
  const words = await readArgs(typed, ctx.host.stdin, ctx.signal);
  const emails = withoutRepetition(ctx, checkEmails(words, { allowUnicode }));
  for (const email of emails) sayPunycode(ctx, email);
  const tools = await ctx.tools();
  const wanted = new Set(emails.map(foldEmail));
  const mails = again ? undefined : rememberedMails(ctx, { wanted, readOnly: dryRun });
  const changes = await planCreates({ emails, authType, roles: role, again, mails }, tools);
  const single = typed.length === 1 && typed[0] !== '-';
  await applyChanges(ctx, changes, { tools, dryRun, strict, concurrency, single });
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

function sayPunycode(ctx: Context, email: string): void {
  const ascii = /^[\x20-\x7e]*$/.test(email) ? undefined : punycode(email);
  if (ascii !== undefined) ctx.say(`"${email}" is ${ascii}`);
}
