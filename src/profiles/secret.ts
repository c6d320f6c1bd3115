import { CliError } from '../errors.ts';
import { parseCredential } from './credential.ts';
import type { Secret } from './profile.ts';

/** Runs a program without a shell; resolves to what it prints, rejects with the cause in its message. */
export type Run = (
  argv: readonly string[],
  limits: { readonly timeout: number; readonly maxBytes: number },
) => Promise<string>;

/** Ten seconds and 64 KiB: more than any password manager needs. */
const limits = { timeout: 10_000, maxBytes: 65_536 };

/** The secret itself. Throws `auth_invalid` naming the program, but not its arguments: one of them may be secret. */
export async function readSecret(secret: Secret, run: Run): Promise<string> {
  if ('value' in secret) return secret.value;
  const [program = ''] = secret.command;
  try {
    return parseCredential('the secret', await run(secret.command, limits));
  } catch (error) {
    if (isAborted(error)) throw new CliError('cancelled', 'cancelled', { cause: error });
    throw new CliError('auth_invalid', `cannot get the secret from "${program}"`, {
      reason: reasonOf(error),
      hints: ['run the secret_command of the profile by hand: it must print the secret and nothing else'],
      cause: error,
    });
  }
}

function isAborted(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such program',
  EACCES: 'it may not be run',
};

function reasonOf(error: unknown): string {
  if (error instanceof CliError) return error.details.reason ?? error.message;
  const { code = '', message } = error as NodeJS.ErrnoException;
  return Object.hasOwn(reasons, code) ? `${reasons[code]}` : message;
}
