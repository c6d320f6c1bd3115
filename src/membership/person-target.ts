import type { Target } from '../api/targets.ts';
import { CliError } from '../errors.ts';
import { shellQuote } from '../text/suggest.ts';

/** What the ids of things that are not people begin with. */
const others: Readonly<Record<string, string>> = {
  'sa-': 'a service account',
  'pool-': 'an identity pool',
  'group-': 'a group mapping',
  'i-': 'an invitation',
};

/** The error for a name that nobody in the organization has. */
export function strangerError(target: string, hints: readonly string[]): CliError {
  return new CliError('not_found', `"${target}" is neither a member nor invited`, { target, hints });
}

/** Throws `usage` for an id that is not one of a user. */
export function checkPersonId({ kind, text }: Target): void {
  if (kind === 'email' || text.startsWith('u-')) return;
  const prefix = Object.keys(others).find((one) => text.startsWith(one));
  const what = prefix === undefined ? 'neither an e-mail nor the id of a user' : `${others[prefix]}, not a person`;
  const hints =
    prefix === 'i-' ? [`invite get ${shellQuote(text)}    shows whom it is for`] : ['the id of a user begins with u-'];
  throw new CliError('usage', `"${text}" is ${what}`, { hints, target: text });
}
