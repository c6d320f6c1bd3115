import type { Argument, Option } from 'commander';
import { knownRoles } from '../confluent/roles.ts';
import { statusWords } from '../invitations/filter.ts';
import { invitationFields } from '../invitations/view.ts';
import { formatsWith } from '../output/formats.ts';

/** What may stand in a place, and what it means; both plain text of one line. */
export interface Word {
  readonly text: string;
  readonly meaning: string;
}

/** Words that are offered in this command and those below it; empty for all. */
export interface Words {
  readonly under: string;
  readonly words: readonly Word[];
}

/** Where the candidates for a value come from. */
export type Source =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'files' }
  /** Written into the script: one of them, several with commas, or a role that an `@` and its scope may follow. */
  | { readonly kind: 'word' | 'list' | 'role'; readonly name: string; readonly choices: readonly Words[] }
  /** Known only at the time: the program is asked for them, see `candidates.ts`. */
  | { readonly kind: 'asked'; readonly what: string };

/** Words that are known on the floor of the commands only. */
export interface Vocabulary {
  readonly topics: readonly Word[];
  /** The fields of commands that show something else than invitations. */
  readonly fields: readonly Words[];
}

/** How a scope begins. */
export const scopes = ['env-', 'crn://confluent.cloud/organization='] as const;

const nothing: Source = { kind: 'nothing' };

export function plain(texts: Iterable<string>): Word[] {
  return [...texts].map((text) => ({ text, meaning: '' }));
}

function everywhere(kind: 'word' | 'role', name: string, words: readonly Word[]): Source {
  return { kind, name, choices: [{ under: '', words }] };
}

export function sourceOfOption(option: Option, path: string, vocabulary: Vocabulary): Source {
  const name = option.attributeName();
  if (option.argChoices !== undefined) return everywhere('word', nameOf(path, name), plain(option.argChoices));
  if (/[<[].*file/.test(option.flags)) return { kind: 'files' };
  switch (option.long) {
    case '--profile':
      return { kind: 'asked', what: 'profiles' };
    case '--email':
      return { kind: 'asked', what: 'email' };
    case '--status':
      return everywhere('word', name, plain(statusWords));
    case '--role':
      return everywhere('role', name, plain(knownRoles));
    case '--sort':
      return everywhere('word', name, plain(invitationFields));
    case '--color':
      return everywhere('word', name, plain(['auto', 'always', 'never']));
    case '--output':
      return {
        kind: 'word',
        name,
        choices: [
          { under: 'report', words: plain(formatsWith(['markdown'])) },
          { under: '', words: plain(formatsWith()) },
        ],
      };
    case '--fields':
      return { kind: 'list', name, choices: [...vocabulary.fields, { under: '', words: plain(invitationFields) }] };
    default:
      return nothing;
  }
}

/** Commands whose arguments are invitations, or the names of profiles. */
const asked: Readonly<Record<string, string>> = {
  get: 'get',
  delete: 'delete',
  resend: 'resend',
  wait: 'wait',
  'sandbox accept': 'sandbox',
  'sandbox expire': 'sandbox',
  'auth login': 'profiles',
  'auth logout': 'profiles',
  'auth use': 'profiles',
};

export function sourceOfArgument(argument: Argument, path: string, vocabulary: Vocabulary): Source {
  if (argument.argChoices !== undefined)
    return everywhere('word', nameOf(path, argument.name()), plain(argument.argChoices));
  if (path === 'help') return everywhere('word', 'topic', vocabulary.topics);
  const what = Object.hasOwn(asked, path) ? asked[path] : undefined;
  if (what !== undefined) return { kind: 'asked', what };
  return argument.name().includes('file') ? { kind: 'files' } : nothing;
}

/** Apart from the same word of another command, and fit to be part of a function's name in every shell. */
function nameOf(path: string, name: string): string {
  return `${path}_${name}`.replace(/[^A-Za-z]+/g, '_');
}
