import { CliError, type FailureCode } from '../errors.ts';

export type Status = 'pass' | 'warn' | 'fail';

/** What a check found out. */
export interface Finding {
  readonly status: Status;
  /** The facts, with their values; where something is wrong, also why. */
  readonly detail: string;
  /** What to do about it. */
  readonly remedy?: string;
  /** Of a failure: decides the exit code. */
  readonly code?: FailureCode;
}

/** Undefined: does not apply here, or cannot be checked before something else is fixed. */
export type CheckOutcome = Finding | undefined;

export function pass(detail: string): Finding {
  return { status: 'pass', detail };
}

export function warn(detail: string, remedy?: string): Finding {
  return { status: 'warn', detail, ...(remedy === undefined ? {} : { remedy }) };
}

export function fail(code: FailureCode, detail: string, remedy?: string): Finding {
  return { status: 'fail', code, detail, ...(remedy === undefined ? {} : { remedy }) };
}

/** A failure as a finding: its message is the detail, its hints are the remedy. */
export function failed(error: CliError, remedy?: string): Finding {
  const { reason, hints = [] } = error.details;
  const detail = reason === undefined ? error.message : `${error.message}: ${reason}`;
  const remedies = [...hints, ...(remedy === undefined ? [] : [remedy])];
  return fail(error.code, detail, remedies.length === 0 ? undefined : remedies.join('; '));
}

/** A value, or the failure to get it. */
export type Attempt<T> = { readonly value: T } | { readonly failure: CliError };

export async function attempt<T>(work: () => T | Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await work() };
  } catch (failure) {
    if (failure instanceof CliError) return { failure };
    throw failure;
  }
}
