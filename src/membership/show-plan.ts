import type { Context } from '../cli/context.ts';
import { createPrinter, inOneBatch } from '../cli/printer.ts';
import type { Host } from '../host.ts';
import type { View } from '../output/view.ts';
import { changesOf, isFinding, type Row } from './plan.ts';
import type { MadePlan } from './prepare.ts';
import { planBlocks, planMarkdown, planView, shownRows, summaryLines } from './render.ts';
import { planRecord, type SavedPlan } from './saved-plan.ts';

/** The saved plan as one document. */
const documentView: View<SavedPlan> = {
  ...{ fields: [], times: [], columns: [], csv: [], block: [] },
  record: planRecord,
  id: () => undefined,
};

/** Prints a plan on stdout in the format that was asked for. */
export async function showPlan(ctx: Context, made: MadePlan, { all }: { readonly all: boolean }): Promise<void> {
  const { plan, document } = made;
  const { output, fields } = ctx.globals;
  const markdown = () => planMarkdown(made);
  ctx.github.summarize(markdown);
  ctx.github.count({ changes: changesOf(plan).length, findings: plan.rows.filter(isFinding).length });
  if (output === 'markdown') await ctx.host.stdout.write(markdown());
  else if ((output === 'json' || output === 'yaml') && fields === undefined) await ctx.show(documentView, document);
  else await drawRows(ctx, ctx.host.stdout, shownRows(plan, { all }), (rows) => ctx.list(planView, inOneBatch(rows)));
  sayPlan(ctx, made);
}

/** A table, or blocks at a terminal where a table would cut what is to be approved. */
async function drawRows(
  { globals, host }: Pick<Context, 'globals' | 'host'>,
  out: Host['stdout'],
  rows: readonly Row[],
  table: (rows: readonly Row[]) => Promise<void>,
): Promise<void> {
  const isTable = globals.output === 'table' && globals.fields === undefined && host.env.ACCESSIBLE === undefined;
  const blocks = out.isTTY && isTable ? planBlocks(rows, out.columns ?? 80) : undefined;
  await (blocks === undefined ? table(rows) : out.write(blocks));
}

/** The lines below the table; warnings also where a program reads the result: people may be mailed for it. */
export function sayPlan(ctx: Context, made: MadePlan): void {
  for (const line of [...summaryLines(made), ...comparisonLines(made)]) {
    if (line.startsWith('warning: ')) ctx.say(line);
    else ctx.remark(line);
  }
}

/** What a reviewed plan asks for and is not done now. */
export function comparisonLines({ comparison }: Pick<MadePlan, 'comparison'>): string[] {
  const { skipped = [], nowFindings = [] } = comparison ?? {};
  return [
    ...skipped.map(({ action, email, what }) => `skipped, no longer needed: ${action} ${email}: ${what}`),
    ...nowFindings.map(
      ({ saved, row }) => `not done: ${saved.action} ${saved.email} is now ${row.action}: ${row.what}`,
    ),
  ];
}

/** Shows a plan on stderr before the confirmation; stdout is for the results. */
export async function drawPlan({ host, globals, now, remark }: Context, { plan }: MadePlan): Promise<void> {
  const asTable = { ...globals, output: 'table', fields: undefined } as const;
  const printer = createPrinter({
    host: Object.create(host, { stdout: { value: host.stderr } }),
    globals: asTable,
    now,
    remark,
  });
  const rows = shownRows(plan, { all: false });
  await drawRows({ globals: asTable, host }, host.stderr, rows, (all) => printer.list(planView, inOneBatch(all)));
}
