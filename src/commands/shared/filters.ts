import { type Command, Option } from 'commander';
import { filters, type InvitationFilter } from '../../invitations/filter.ts';

/** What Commander makes of the filters. */
export type FilterOptions = InvitationFilter;

/** The filters, the same options on every command that takes them. */
export function addFilters(command: Command): Command {
  for (const { flags, description, parse } of Object.values(filters)) {
    const option = new Option(flags, description).helpGroup('Filters:');
    command.addOption(option.argParser(parse as (text: string, before: unknown) => unknown));
  }
  return command;
}
