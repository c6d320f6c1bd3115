import type { Option } from 'commander';
import { filters } from '../api/filter.ts';
import { knownRoles } from '../api/roles.ts';
import { colors } from './global-options.ts';

/** By the placeholder in the usage of an option or an argument: `<n>`, `<duration>`. */
const typesByPlaceholder = {
  email: 'email',
  'id|email': 'invitation',
  'email|user-id': 'person',
  'email|id': 'person',
  id: 'id',
  'email|principal': 'person',
  time: 'time',
  n: 'integer',
  share: 'number',
  duration: 'duration',
  url: 'url',
  'role[@scope]': 'role',
  role: 'role',
  'a,b': 'fields',
  field: 'field',
  name: 'profile',
  'name=value': 'setting',
  'field=heading,...': 'columns',
  'domain,...': 'domains',
  command: 'json',
} as const;

export type ValueType = (typeof typesByPlaceholder)[keyof typeof typesByPlaceholder] | 'file' | 'string';

export function valueTypeOf(placeholder: string): ValueType {
  const types: Readonly<Record<string, ValueType>> = typesByPlaceholder;
  if (Object.hasOwn(types, placeholder)) return types[placeholder] ?? 'string';
  return /\bfile\b/.test(placeholder) ? 'file' : 'string';
}

/** The placeholder of an option, such as `n`; undefined for a flag. */
export function placeholderOf({ flags }: Option): string | undefined {
  return /[<[](.+)[>\]]$/.exec(flags)?.[1];
}

/** The known values of an option; `formats` depend on the command. */
type OptionValues = 'formats' | readonly string[];

/** What is known of an option's values, by its attribute name. Values that the parser itself enforces are not here. */
export function optionValues(attribute: string): OptionValues | undefined {
  const filtered: Readonly<Record<string, { readonly values?: OptionValues }>> = filters;
  const others: Readonly<Record<string, OptionValues>> = { output: 'formats', color: colors, role: knownRoles };
  const known = Object.hasOwn(filtered, attribute) ? filtered[attribute]?.values : undefined;
  return known ?? (Object.hasOwn(others, attribute) ? others[attribute] : undefined);
}

/** Whether an option may be given more than once: it says so. */
export function isRepeatable({ description }: Option): boolean {
  return description.includes('repeatable');
}
