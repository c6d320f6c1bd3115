import { filters } from '../api/filter.ts';
import { knownRoles } from '../api/roles.ts';
import { globalOptions } from './global-options.ts';

/** The known values of an option, or what has to be asked for them. */
type OptionValues = 'profiles' | 'formats' | 'fields' | readonly string[];

const others: Readonly<Record<string, OptionValues>> = { role: knownRoles, sort: 'fields' };

/** What is known of an option's values, by its attribute name. Values that the parser itself enforces are not here. */
export function optionValues(attribute: string): OptionValues | undefined {
  const known: Readonly<Record<string, { readonly values?: OptionValues }>> = { ...globalOptions, ...filters };
  if (Object.hasOwn(known, attribute)) return known[attribute]?.values;
  return Object.hasOwn(others, attribute) ? others[attribute] : undefined;
}

/** Whether an option may be given more than once: it says so, or its parser takes the value before. */
export function isRepeatable(option: {
  readonly description: string;
  readonly parseArg?: ((value: string, previous: never) => unknown) | undefined;
}): boolean {
  return option.parseArg?.length === 2 || option.description.includes('repeatable');
}

const suggested = new WeakMap<object, () => readonly string[]>();

/** Says what completion offers for an option that takes other values as well. */
export function suggestValues<O extends object>(option: O, values: () => readonly string[]): O {
  suggested.set(option, values);
  return option;
}

/** What `suggestValues` said; undefined if nothing. */
export function suggestedValues(option: object): readonly string[] | undefined {
  return suggested.get(option)?.();
}
