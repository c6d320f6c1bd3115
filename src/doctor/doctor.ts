import { CliError } from '../errors.ts';
import type { Style } from '../output/style.ts';
import { PlainTable } from '../output/text-table.ts';
import type { View } from '../output/view.ts';
import { clean } from '../text/sanitize.ts';
import {
  checkClock,
  checkCreate,
  checkKey,
  checkList,
  checkOrganization,
  checkOwner,
  checkQuota,
  checkRate,
  checkResponse,
  checkToken,
} from './api-checks.ts';
import { type Check, type CheckOutcome, type DoctorContext, type Finding, fail, failed } from './doctor-context.ts';
import { checkConnection, checkDns, checkProxy } from './network-checks.ts';
import {
  checkCompletion,
  checkConfig,
  checkCredentials,
  checkEndpoint,
  checkMailLog,
  checkNode,
} from './setup-checks.ts';

/** Every check, in order: a cause is checked before its effects. */
const checks: readonly Check[] = [
  { id: 'node', title: 'Node.js', run: checkNode },
  { id: 'config_file', title: 'config file', run: checkConfig },
  { id: 'credentials', title: 'credentials', run: checkCredentials },
  { id: 'endpoint', title: 'endpoint', run: checkEndpoint },
  { id: 'proxy', title: 'proxy', run: checkProxy },
  { id: 'dns', title: 'DNS', run: checkDns },
  { id: 'connection', title: 'connection', run: checkConnection },
  { id: 'token', title: 'token', run: checkToken },
  { id: 'answer', title: 'API answers', run: checkResponse },
  { id: 'clock', title: 'clock', run: checkClock },
  { id: 'key', title: 'API key', run: checkKey },
  { id: 'key_owner', title: 'key owner', run: checkOwner },
  { id: 'organization', title: 'organization', run: checkOrganization },
  { id: 'may_list', title: 'may list', run: checkList },
  { id: 'may_create', title: 'may create', run: checkCreate },
  { id: 'quota', title: 'quota', run: checkQuota },
  { id: 'rate_limit', title: 'rate limit', run: checkRate },
  { id: 'completion', title: 'completion', run: checkCompletion },
  { id: 'mail_log', title: 'mail log', run: checkMailLog },
];

/** A finding and its check. */
export interface CheckResult extends Finding {
  readonly id: string;
  readonly title: string;
}

/** Runs the checks in sequence. An unexpected error of a check is a finding; only Ctrl-C ends the run. */
export async function* runChecks(
  context: DoctorContext,
  list: readonly Check[] = checks,
): AsyncGenerator<CheckResult, void> {
  for (const check of list) {
    const outcome = await outcomeOf(check, context);
    context.ctx.signal.throwIfAborted();
    if (outcome !== undefined) yield { id: check.id, title: check.title, ...redacted(outcome, context) };
  }
}

/** The message of a server may contain the credentials of the request. */
function redacted({ detail, remedy, ...rest }: Finding, { ctx: { redactor } }: DoctorContext): Finding {
  return {
    ...rest,
    detail: redactor.redact(detail),
    ...(remedy === undefined ? {} : { remedy: redactor.redact(remedy) }),
  };
}

async function outcomeOf(check: Check, context: DoctorContext): Promise<CheckOutcome> {
  try {
    return await check.run(context);
  } catch (error) {
    if (error instanceof CliError) return failed(error);
    const message = error instanceof Error ? error.message : String(error);
    return fail('internal', `internal error: ${message}`, 'report it, with what --debug shows');
  }
}

/** The failure of the command: that of the first failed check, which is the one to fix first. */
export function failureOf(results: readonly CheckResult[]): CliError | undefined {
  const failures = results.filter(({ status }) => status === 'fail');
  const [first] = failures;
  if (first === undefined) return undefined;
  const message = `${failures.length} of ${results.length} checks failed`;
  return new CliError(first.code ?? 'internal', message, {
    reason: `${first.title}: ${first.detail}`,
    hints: first.remedy === undefined ? undefined : [first.remedy],
    target: first.id,
  });
}

const fields = ['id', 'title', 'status', 'detail', 'remedy', 'code'];

export const checkResultView: View<CheckResult> = {
  fields,
  times: [],
  columns: [
    { title: 'STATUS', field: 'status', rank: 0 },
    { title: 'CHECK', field: 'title', rank: 0 },
    { title: 'DETAIL', field: 'detail', rank: 1 },
    { title: 'REMEDY', field: 'remedy', rank: 2 },
  ],
  csv: fields,
  block: fields,
  record: ({ id, title, status, detail, remedy = null, code = null }) => ({ id, title, status, detail, remedy, code }),
  // Only the checks that need attention.
  id: ({ id, status }) => (status === 'pass' ? undefined : id),
};

const colors: Readonly<Record<string, 'green' | 'yellow' | 'red'>> = { pass: 'green', warn: 'yellow', fail: 'red' };

/** Writes a line for each result as it is known, and a second one with the remedy, if there is one. */
export function checkResultWriter(style: Style): (result: CheckResult) => string {
  const column = { title: '', rank: 0 };
  const paint = (text: string) => style[colors[text] ?? 'dim'](text);
  const typical = Math.max(...checks.map(({ title }) => title.length));
  const columns = [{ ...column, typical: 4, paint }, { ...column, typical }, column];
  const table = new PlainTable(columns, { style, width: undefined, isOpenEnded: true });
  return ({ title, status, detail, remedy }) => {
    const advice = remedy === undefined ? [] : [['', '', `remedy: ${clean(remedy)}`]];
    return table.text([[status, title, clean(detail)], ...advice]);
  };
}

export { openDoctorContext } from './doctor-context.ts';
