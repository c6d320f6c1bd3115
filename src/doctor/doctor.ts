import { connect } from '../cli/connection.ts';
import type { Context } from '../cli/context.ts';
import { withConnectionFlags } from '../cli/global-options.ts';
import { CliError } from '../errors.ts';
import { proxyFor } from '../http/endpoint.ts';
import type { Style } from '../output/style.ts';
import { plainTable } from '../output/text-table.ts';
import { viewOf } from '../output/view.ts';
import type { Identity } from '../profiles/profile.ts';
import { clean } from '../text/sanitize.ts';
import { askApi, unanswered } from './api-checks.ts';
import { attempt, type Check, type Finding, failed } from './finding.ts';
import { checkConnection, checkDns, checkProxy, shakeHands } from './network-checks.ts';
import {
  checkCompletion,
  checkConfig,
  checkCredentials,
  checkEndpoint,
  checkMailLog,
  checkNode,
} from './setup-checks.ts';

export interface CheckResult extends Finding {
  /** Stable, for scripts. */
  readonly id: string;
  readonly title: string;
}

/** Where it is not the id with blanks. */
const titles: Readonly<Record<string, string>> = {
  node: 'Node.js',
  dns: 'DNS',
  answer: 'API answers',
  key: 'API key',
};

/** Runs the checks in sequence. An unexpected error of a check is a finding; only Ctrl-C ends the run. */
export async function* runChecks(ctx: Context): AsyncGenerator<CheckResult> {
  for await (const [id, run] of allChecks(ctx)) {
    const outcome = await attempt(run);
    ctx.signal.throwIfAborted();
    const finding = 'failure' in outcome ? failed(outcome.failure) : outcome.value;
    if (finding !== undefined)
      yield { id, title: titles[id] ?? id.replaceAll('_', ' '), ...redactedFinding(finding, ctx) };
  }
}

/** The message of a server may contain the credentials of the request; a remedy is for whom the doctor was asked about. */
function redactedFinding(finding: Finding, { redactor: { redact }, globals }: Context): Finding {
  const { detail, remedy } = finding;
  const advice = remedy === undefined ? undefined : redact(withConnectionFlags(remedy, globals));
  return { ...finding, detail: redact(detail), remedy: advice };
}

/** A cause comes before its effects. */
async function* allChecks(ctx: Context): AsyncGenerator<Check> {
  const { host } = ctx;
  yield ['node', () => checkNode(host)];
  yield ['config_file', () => checkConfig(ctx)];
  yield ['credentials', () => checkCredentials(ctx)];
  const identity = await attempt(() => ctx.identity());
  if ('value' in identity) yield* reachApi(ctx, identity.value);
  yield ['completion', () => checkCompletion(host)];
  yield ['mail_log', () => checkMailLog(host)];
}

/** Ends at the first failure that keeps requests from being sent or answered, so that it is the only one. */
async function* reachApi(ctx: Context, identity: Identity): AsyncGenerator<Check> {
  const { host } = ctx;
  if (identity.kind !== 'sandbox') {
    const { endpoint } = identity;
    yield ['endpoint', () => checkEndpoint(ctx, endpoint)];
    const proxy = await attempt(() => proxyFor(endpoint, host.env));
    if ('failure' in proxy) return yield ['proxy', () => failed(proxy.failure)];
    yield ['proxy', () => checkProxy(proxy.value, host.env)];
    if (proxy.value === undefined) {
      const handshake = await shakeHands(ctx, endpoint);
      yield ['dns', () => checkDns(handshake, host)];
      if (handshake.addresses.length === 0) return;
      const connected = checkConnection(handshake, host);
      yield ['connection', () => connected];
      if (connected.status === 'fail') return;
    }
  }
  // Without retries, so that an occasional failure is a finding too.
  const globals = { ...ctx.globals, retries: ctx.globals.retries ?? 0 };
  const trace = globals.debug ? ctx.say : undefined;
  const connection = await attempt(() => connect({ ...ctx, identity, globals, deadline: ctx.signal, trace }));
  if ('failure' in connection) return yield unanswered(connection.failure);
  try {
    yield* askApi(ctx, identity, connection.value);
  } finally {
    await connection.value.close();
  }
}

export function checksFailure(results: readonly CheckResult[]): CliError | undefined {
  const failures = results.filter(({ failure }) => failure !== undefined);
  const [first] = failures;
  if (first?.failure === undefined) return undefined;
  return new CliError(first.failure.code, `${failures.length} of ${results.length} checks failed`, {
    ...first.failure.details,
    reason: `${first.title}: ${first.detail}`,
    hints: first.remedy === undefined ? undefined : [first.remedy],
    target: first.id,
  });
}

const fields = ['id', 'title', 'status', 'detail', 'remedy', 'code'];

export const checkResultView = viewOf<CheckResult>(fields, {
  columns: [
    { title: 'STATUS', field: 'status', rank: 0 },
    { title: 'CHECK', field: 'title', rank: 0 },
    { title: 'DETAIL', field: 'detail', rank: 1 },
    { title: 'REMEDY', field: 'remedy', rank: 2 },
  ],
  record: ({ id, title, status, detail, remedy = null, failure }) => {
    return { id, title, status, detail, remedy, code: failure?.code ?? null };
  },
  // Only the checks that need attention.
  id: ({ id, status }) => (status === 'pass' ? undefined : id),
});

const colors: Readonly<Record<string, 'green' | 'yellow' | 'red'>> = { pass: 'green', warn: 'yellow', fail: 'red' };

/** Writes a line for each result as it is known, and a second one with the remedy, if there is one. */
export function checkResultWriter(style: Style): (result: CheckResult) => string {
  const column = { title: '', rank: 0 };
  const paint = (text: string) => style[colors[text] ?? 'dim'](text);
  const typical = 'organization'.length;
  const columns = [{ ...column, typical: 4, paint }, { ...column, typical }, column];
  const table = plainTable(columns, { style, width: undefined, isOpenEnded: true });
  return ({ title, status, detail, remedy }) => {
    const advice = remedy === undefined ? [] : [['', '', `remedy: ${clean(remedy)}`]];
    return table([[status, title, clean(detail)], ...advice]);
  };
}
