import { Option } from 'commander';
import type { CommandDefinition } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { createPrinter, remarkLeftOut, renderOptions } from '../cli/printer.ts';
import { isMissing } from '../http/failure.ts';
import { look, readInvitations } from '../membership/observe.ts';
import { requestedFields } from '../output/fields.ts';
import { formatDefinition } from '../output/formats.ts';
import { loadStyle } from '../output/style.ts';
import { figuresOf, figureView, type Report, reportView, reviewOf, summaryOf } from '../reports/report.ts';
import { reportMarkdown, reportText, sectionsOf } from '../reports/report-text.ts';
import { relativeTime } from '../text/times.ts';

export const definition: CommandDefinition = (command, bind) =>
  command
    .addFormats('markdown')
    .withoutFormats('id')
    .description(
      'The access review: people by state, administrators, owners of API keys, people without a role, who is pending or ' +
        'expired, what no list of people shows; and the invitations by state, age, domain and inviter. -o markdown is a ' +
        'document for an auditor.',
    )
    .addOption(new Option('--api-keys', 'also read all API keys, and list who owns some'))
    .addExamples(
      'invite report',
      'invite report --api-keys -o markdown > review.md',
      "invite report -o json | jq '.by_domain[] | {domain, pending}'",
      'invite report --fields by_state,expiring',
    )
    .addView(() => reportView)
    .action(bind(report));

interface ReportOptions {
  readonly apiKeys?: boolean;
}

async function report(ctx: Context, options: ReportOptions): Promise<void> {
  const { globals, host } = ctx;
  const summary = await readReport(ctx, options);
  ctx.github.count({ total: summary.total, ...summary.by_state });
  ctx.github.summarize(() => markdownOf(ctx, summary));
  const { reader, tabular } = formatDefinition(globals.output);
  if (globals.output === 'markdown') await host.stdout.write(markdownOf(ctx, summary));
  else if (reader === 'person') await printText(ctx, summary);
  else if (tabular) await printFigures(ctx, summary);
  else await ctx.show(reportView, summary);
}

/** A key that may not list users can still count invitations. */
async function readReport(ctx: Context, { apiKeys = false }: ReportOptions): Promise<Report> {
  try {
    const sight = await look(ctx, { apiKeys, mayLackRoles: true, seeksEveryRole: true });
    return { ...summaryOf(sight.observed.invitations, sight.now), ...reviewOf(sight) };
  } catch (error) {
    if (!isMissing(error)) throw error;
    const invitations = await readInvitations(await ctx.invitations());
    ctx.say('warning: this key may not list users, so only invitations are reported');
    return summaryOf(invitations, ctx.now());
  }
}

function markdownOf(ctx: Context, summary: Report): string {
  return reportMarkdown(
    summary,
    sectionsFor(ctx, summary, (time) => time),
  );
}

/** Rows of a section that are shown at a terminal; the rest is in the other formats. */
const maxRows = 20;

async function printText(ctx: Context, summary: Report): Promise<void> {
  const { isTTY, width, color, accessible } = renderOptions(ctx);
  const leftOut = new Set<string>();
  const text = reportText(
    summary,
    sectionsFor(ctx, summary, (time) => (isTTY ? relativeTime(time, ctx.now()) : time)),
    {
      style: await loadStyle(color),
      width: isTTY ? width : undefined,
      // To a screen reader bars are noise.
      hasBars: isTTY && !accessible,
      rows: isTTY ? maxRows : Number.POSITIVE_INFINITY,
      leftOut: (titles) => titles.forEach((title) => void leftOut.add(title)),
    },
  );
  await ctx.host.stdout.write(text);
  remarkLeftOut(leftOut, ctx.remark);
}

async function printFigures({ host, globals, now, remark }: Context, summary: Report): Promise<void> {
  const figures = figuresOf(summary, requestedFields(reportView, globals));
  // The fields chose the figures; the columns are always the same.
  const printer = createPrinter({ host, globals: { ...globals, fields: undefined }, now, remark });
  await printer.list(figureView, [figures]);
}

function sectionsFor({ globals }: Context, summary: Report, formatTime: (time: string) => string) {
  const fields = requestedFields(reportView, globals);
  return sectionsOf(summary, formatTime).filter(({ field }) => fields === undefined || fields.includes(field));
}
