import { type Command, Option } from 'commander';
import { filters, type InvitationFilter } from '../api/filter.ts';
import { currentInvitation } from '../api/invitation.ts';
import { CliError } from '../errors.ts';
import { textAt } from '../text/json-fields.ts';
import { countOption } from './command.ts';
import type { Context } from './context.ts';

export interface FilterOptions extends InvitationFilter {
  readonly limit?: number;
}

export const limits = [1, 100_000] as const;

export function addFilters<C extends Command>(command: C): C {
  for (const { flags, description, parse } of Object.values(filters)) {
    const option = new Option(flags, description).helpGroup('Filters:');
    command.addOption(option.argParser(parse as (text: string, before: unknown) => unknown));
  }
  return command;
}

export function addTargetFilters<C extends Command>(command: C): C {
  const limit = countOption('--limit <n>', 'only the first n that match, in the order of the list', limits);
  return addFilters(command).addOption(limit.helpGroup('Filters:'));
}

/**
 * The same filters with user ids in place of e-mails. Throws `usage` for what is neither, `not_found` for an address that
 * nobody has: an empty list would say that they invited nobody.
 */
export async function withUserIds<O extends FilterOptions>(ctx: Context, options: O): Promise<O> {
  const ids: { creator?: string; user?: string } = {};
  for (const name of ['creator', 'user'] as const) {
    const value = options[name];
    if (value !== undefined) ids[name] = await userIdOf(ctx, name, value);
  }
  return { ...options, ...ids };
}

async function userIdOf(ctx: Context, name: 'creator' | 'user', value: string): Promise<string> {
  if (/^(?:u|sa|pool)-/.test(value)) return value;
  if (!value.includes('@')) {
    const reason = 'the id of a user begins with u-';
    throw new CliError('usage', `--${name}: "${value}" is neither an e-mail nor the id of a user`, {
      reason,
      target: value,
    });
  }
  const { userNamed, usersClient } = await import('../api/users.ts');
  const member = userNamed(value, (await usersClient(await ctx.api()).byEmail()).get(value));
  if (member !== undefined) return member;
  // Somebody who has yet to accept is no member, or has another address by now; an invitation names their user.
  const invited = await (await ctx.invitations()).findByEmail(value);
  const user = textAt(currentInvitation(invited, ctx.now()) ?? {}, 'user', 'id');
  if (user !== undefined) return user;
  throw new CliError('not_found', `--${name}: nobody in the organization has the address "${value}"`, {
    hints: ['invite people'],
    target: value,
  });
}
