import { CliError, type FailureCode } from '../errors.ts';
import type { DoctorContext } from './doctor-context.ts';

export type Status = 'pass' | 'warn' | 'fail';

/** What a check found out. */
export interface Finding {
  readonly status: Status;
  /** What is so, with the values; for what is wrong also why. */
  readonly detail: string;
  /** What to do about it. */
  readonly remedy?: string;
  /** For `fail`: decides the exit code. */
  readonly code?: FailureCode;
}

/** Undefined: does not apply here, or cannot be told before something else is mended. */
export type CheckOutcome = Finding | undefined;

export interface Check {
  /** Keeps its meaning, for scripts. */
  readonly id: string;
  readonly title: string;
  run(patient: DoctorContext): CheckOutcome | Promise<CheckOutcome>;
}

export function pass(detail: string): Finding {
  return { status: 'pass', detail };
}

export function warn(detail: string, remedy?: string): Finding {
  return { status: 'warn', detail, ...(remedy === undefined ? {} : { remedy }) };
}

export function fail(code: FailureCode, detail: string, remedy?: string): Finding {
  return { status: 'fail', code, detail, ...(remedy === undefined ? {} : { remedy }) };
}

/** A failure as a finding: its words are the detail, its hints the remedy. */
export function failed(error: CliError, remedy?: string): Finding {
  const { reason, hints = [] } = error.details;
  const detail = reason === undefined ? error.message : `${error.message}: ${reason}`;
  const cures = [...hints, ...(remedy === undefined ? [] : [remedy])];
  return fail(error.code, detail, cures.length === 0 ? undefined : cures.join('; '));
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
