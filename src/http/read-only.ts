import { CliError } from '../errors.ts';
import type { Send } from './send.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** Whether `INVITE_READ_ONLY` is on: any value but 0 and false, so that a misspelt "yes" still protects. */
export function isReadOnly({ INVITE_READ_ONLY: value = '' }: Variables): boolean {
  return !['', '0', 'false'].includes(value.trim().toLowerCase());
}

/** @param what What is not done, after "cannot". */
export function readOnlyError(what: string): CliError {
  return new CliError('read_only', `cannot ${what}`, {
    reason: 'INVITE_READ_ONLY is set, so nothing may be changed',
    hints: ['--dry-run shows what would be done', 'unset INVITE_READ_ONLY to allow changes'],
  });
}

/** The last line of defence: whatever a command does, no request but GET reaches the API. */
export function onlyGet(next: Send): Send {
  return async (request) => {
    if (request.method === 'GET') return next(request);
    throw readOnlyError(`send ${request.method} ${request.path}`);
  };
}
