import { type Command, Option } from 'commander';
import { filters, type InvitationFilter } from '../../invitations/filter.ts';
import { countOption } from './command.ts';

/** The filters and `--limit`, as Commander parsed them. */
export interface FilterOptions extends InvitationFilter {
  readonly limit?: number;
}

/** The filters, the same options on every command that takes them. */
export function addFilters<C extends Command>(command: C): C {
  for (const { flags, description, parse } of Object.values(filters)) {
    const option = new Option(flags, description).helpGroup('Filters:');
    command.addOption(option.argParser(parse as (text: string, before: unknown) => unknown));
  }
  return command;
}

export function limitOption(description = 'only the first n that match, in the order of the list'): Option {
  return countOption('--limit <n>', description, [1, 100_000]);
}
