import { type Command, Option } from 'commander';
import { CliError } from '../../errors.ts';
import { type InvitationFilter, parseStatus } from '../../invitations/filter.ts';
import { parseDuration } from '../../text/durations.ts';
import { repeatable } from './command.ts';

/** What Commander makes of the filters. */
export type FilterOptions = InvitationFilter;

/** The filters, the same words on every command that takes them. */
export function addFilters(command: Command): Command {
  const options = [
    new Option('--email <email>', 'of this address').argParser(something),
    repeatable('-s, --status <status>', 'sent, staged, accepted, expired or deactivated (repeatable)', parseStatus),
    new Option('--user <id>', 'that made this user').argParser(something),
    new Option('--creator <id>', 'sent by this user or service account').argParser(something),
    new Option('--domain <domain>', 'with an e-mail of this domain').argParser(something),
    new Option('--expiring <duration>', 'pending, and expiring within').argParser(parseDuration),
    new Option('--older-than <duration>', 'created longer ago').argParser(parseDuration),
    new Option('--newer-than <duration>', 'created less long ago').argParser(parseDuration),
  ];
  for (const option of options) command.addOption(option.helpGroup('Filters:'));
  return command;
}

/** A filter for nothing, out of an unset variable of a script, would match what it should not. */
function something(text: string): string {
  const trimmed = text.trim();
  if (trimmed !== '') return trimmed;
  throw new CliError('usage', 'a filter is empty', { hints: ['give it a value or leave it out'] });
}

/** The filters alone, out of all options of a command. */
export function filterOf(options: FilterOptions): InvitationFilter {
  const { email, status, user, creator, domain, expiring, olderThan, newerThan } = options;
  const filter = { email, status, user, creator, domain, expiring, olderThan, newerThan };
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}
