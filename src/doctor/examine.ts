import { CliError } from '../errors.ts';
import { type Answer, type Check, type Finding, fail, failed } from './check.ts';
import { checks } from './checks.ts';
import type { Patient } from './patient.ts';

/** A finding and the check it is of. */
export interface Diagnosis extends Finding {
  readonly id: string;
  readonly title: string;
}

/** Runs one check after the other. One that fails in a way that nobody foresaw is a finding too; only Ctrl-C ends it. */
export async function* examine(patient: Patient, list: readonly Check[] = checks): AsyncGenerator<Diagnosis, void> {
  for (const check of list) {
    const answer = await answerOf(check, patient);
    patient.ctx.signal.throwIfAborted();
    if (answer !== undefined) yield { id: check.id, title: check.title, ...shown(answer, patient) };
  }
}

/** A server may send back in its words what it was sent. */
function shown({ detail, remedy, ...rest }: Finding, { ctx: { redactor } }: Patient): Finding {
  return {
    ...rest,
    detail: redactor.redact(detail),
    ...(remedy === undefined ? {} : { remedy: redactor.redact(remedy) }),
  };
}

async function answerOf(check: Check, patient: Patient): Promise<Answer> {
  try {
    return await check.run(patient);
  } catch (error) {
    if (error instanceof CliError) return failed(error);
    const message = error instanceof Error ? error.message : String(error);
    return fail('internal', `this check has a bug: ${message}`, 'report it, with what --debug shows');
  }
}

/** The failure that the command ends with: the first one's exit code, for that is the one to mend first. */
export function verdictOn(diagnoses: readonly Diagnosis[]): CliError | undefined {
  const failures = diagnoses.filter(({ status }) => status === 'fail');
  const [first] = failures;
  if (first === undefined) return undefined;
  const message = `${failures.length} of ${diagnoses.length} checks failed`;
  return new CliError(first.code ?? 'internal', message, {
    reason: `${first.title}: ${first.detail}`,
    ...(first.remedy === undefined ? {} : { hints: [first.remedy] }),
    target: first.id,
  });
}
