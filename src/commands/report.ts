import { renderOptions } from '../context/printer.ts';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { checkFields } from '../output/fields.ts';
import { formatDefinition } from '../output/formats.ts';
import { loadStyle } from '../output/style.ts';
import type { Report } from '../reports/report.ts';
import { buildReport } from '../reports/report.ts';
import { reportMarkdown, reportText, type Section, sectionsOf } from '../reports/report-text.ts';
import { figuresOf, figureView, reportView } from '../reports/report-view.ts';
import { relativeTime } from '../text/times.ts';
import { addFormats, type CommandDefinition, examples } from './shared/command.ts';

export const reportCommand: CommandDefinition = (command, bind) =>
  addFormats(command, ['markdown'])
    .description(
      'Sum the invitations up for an access review: by state, age, domain and inviter, what expires in the next 7 days, and how long people take to accept. Knows one more format: -o markdown.',
    )
    .addHelpText(
      'after',
      examples(
        'invite report',
        'invite report -o markdown > review.md',
        "invite report -o json | jq '.by_domain[] | {domain, pending}'",
        'invite report --fields by_state,expiring',
      ),
    )
    .action(bind(report));

export async function report(ctx: Context): Promise<void> {
  const { globals, host } = ctx;
  if (globals.fields !== undefined) checkFields(reportView, globals.fields);
  if (globals.output === 'id') {
    throw new CliError('usage', 'a report has no ids', { hints: ['invite list -o id    prints those of invitations'] });
  }
  const invitations = await ctx.invitations();
  const found = await buildReport(invitations.list({}, { whole: true }), host.clock.now());
  ctx.github.count({ total: found.total, ...found.by_state });
  ctx.github.summarize(() =>
    reportMarkdown(
      found,
      sectionsFor(ctx, found, (time) => time),
    ),
  );
  await print(ctx, found);
}

async function print(ctx: Context, found: Report): Promise<void> {
  const { output } = ctx.globals;
  if (output === 'markdown')
    return ctx.host.stdout.write(
      reportMarkdown(
        found,
        sectionsFor(ctx, found, (time) => time),
      ),
    );
  const { reader, tabular } = formatDefinition(output);
  if (reader === 'person') return printText(ctx, found);
  if (tabular) return printFigures(ctx, found);
  await ctx.show(reportView, found);
}

/** Rows of a section that a person reads at a terminal; the rest is in the other formats. */
const mostRows = 20;

async function printText({ host, globals }: Context, found: Report): Promise<void> {
  const { isTTY, width, color, now } = renderOptions(host, globals);
  const sections = sectionsFor({ globals }, found, (time) => (isTTY ? relativeTime(time, now) : time));
  // Bars say nothing to a screen reader but how long they are.
  const barred = isTTY && host.env.ACCESSIBLE === undefined ? width : 0;
  const rows = isTTY ? mostRows : Number.POSITIVE_INFINITY;
  await host.stdout.write(reportText(found, sections, { style: await loadStyle(color), width: barred, rows }));
}

async function printFigures({ host, globals }: Context, found: Report): Promise<void> {
  // The fields chose the figures; the columns are always the same.
  const { fields: _, ...paper } = renderOptions(host, globals);
  const renderer = await formatDefinition(globals.output).load();
  for await (const text of renderer.many(figureView, once(figuresOf(found, globals.fields)), paper)) {
    await host.stdout.write(text);
  }
}

async function* once<T>(batch: T): AsyncIterable<T> {
  yield batch;
}

function sectionsFor(
  { globals }: Pick<Context, 'globals'>,
  found: Report,
  sayTime: (time: string) => string,
): Section[] {
  const { fields } = globals;
  return sectionsOf(found, sayTime).filter(({ field }) => fields === undefined || fields.includes(field));
}
