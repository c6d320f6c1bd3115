import { type Command, Option } from 'commander';
import { parseCount } from '../../context/global-options.ts';
import { filters, type InvitationFilter } from '../../invitations/filter.ts';

/** The filters and `--limit`, as Commander parsed them. */
export interface FilterOptions extends InvitationFilter {
  readonly limit?: number;
}

/** The filters, the same options on every command that takes them. */
export function addFilters(command: Command): Command {
  for (const { flags, description, parse } of Object.values(filters)) {
    const option = new Option(flags, description).helpGroup('Filters:');
    command.addOption(option.argParser(parse as (text: string, before: unknown) => unknown));
  }
  return command;
}

export function limitOption(description = 'only the first n that match, in the order of the list'): Option {
  return new Option('--limit <n>', description).argParser((text) => parseCount(text, '--limit', [1, 100_000]));
}
