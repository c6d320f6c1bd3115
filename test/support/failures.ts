import { CliError } from '../../src/errors.ts';

/** The error that a promise ends in. */
export async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}

/** The failure that comes of it, at once or later. */
export async function failureOf(act: () => unknown): Promise<CliError> {
  const error = await errorOf((async () => act())());
  if (error instanceof CliError) return error;
  throw error;
}

/** The failure that is thrown. */
export function failureIn(act: () => unknown): CliError {
  try {
    act();
  } catch (error) {
    if (error instanceof CliError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}
