import type { Context } from '../cli/context.ts';
import { CliError, type FailureCode } from '../errors.ts';
import type { TimeoutOptions } from '../host/timeout.ts';

export interface Finding {
  readonly status: 'pass' | 'warn' | 'fail';
  /** The facts with their values and, if something is wrong, why. */
  readonly detail: string;
  readonly remedy?: string | undefined;
  /** What the command ends with if this is the first one. */
  readonly failure?: CliError;
}

/** A check that is about to run; it has no finding if it does not apply. */
export type Check = readonly [id: string, run: () => Finding | undefined | Promise<Finding | undefined>];

export function pass(detail: string): Finding {
  return { status: 'pass', detail };
}

export function warn(detail: string, remedy: string): Finding {
  return { status: 'warn', detail, remedy };
}

export function fail(code: FailureCode, detail: string, remedy: string): Finding {
  return failed(new CliError(code, detail, { hints: [remedy] }));
}

export function failed(failure: CliError, ...advice: readonly string[]): Finding {
  const { message, hints } = failure.toRecord();
  return { status: 'fail', failure, detail: message, remedy: [...hints, ...advice].join('; ') || undefined };
}

export type Attempt<T> = { readonly value: T } | { readonly failure: CliError };

/** Takes an unexpected error for a failure as well: it must not keep the other checks from running. */
export async function attempt<T>(work: () => T | Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    if (error instanceof CliError) return { failure: error };
    const message = `internal error: ${error instanceof Error ? error.message : error}`;
    return { failure: new CliError('internal', message, { hints: ['report it, with what --debug shows'] }) };
  }
}

export function stepLimit({ host: { clock }, signal }: Context): TimeoutOptions {
  const error = () => new CliError('timeout', 'cannot reach the API', { reason: 'no answer in 10 s' });
  return { clock, milliseconds: 10_000, signal, error };
}
