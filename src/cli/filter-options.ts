import { type Command, Option } from 'commander';
import { filters, type InvitationFilter } from '../api/filter.ts';
import { countOption } from './command.ts';

/** The filters and `--limit`, as Commander parsed them. */
export interface FilterOptions extends InvitationFilter {
  readonly limit?: number;
}

/** The values of `--limit`. */
export const limits = [1, 100_000] as const;

/** The filters, the same options on every command that takes them. */
export function addFilters<C extends Command>(command: C): C {
  for (const { flags, description, parse } of Object.values(filters)) {
    const option = new Option(flags, description).helpGroup('Filters:');
    command.addOption(option.argParser(parse as (text: string, before: unknown) => unknown));
  }
  return command;
}

/** The filters and `--limit`, on a command that acts on what they match. */
export function addTargetFilters<C extends Command>(command: C): C {
  const limit = countOption('--limit <n>', 'only the first n that match, in the order of the list', limits);
  return addFilters(command).addOption(limit.helpGroup('Filters:'));
}
