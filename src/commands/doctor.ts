import type { CommandDefinition } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { renderOptions } from '../cli/printer.ts';
import type { CheckResult } from '../doctor/doctor.ts';
import { formatDefinition } from '../output/formats.ts';
import { markdownTable } from '../output/markdown.ts';
import { loadStyle } from '../output/style.ts';

export const definition: CommandDefinition = (command, bind) =>
  command
    .description(
      'Check the setup, from Node.js to the quota of the organization, and say how to fix what is wrong. It changes nothing and invites nobody. The exit code is that of the first check that fails.',
    )
    .addExamples(
      'invite doctor',
      'invite -p work doctor',
      'invite doctor -o json | jq \'.[] | select(.status != "pass")\'',
    )
    .addView(async () => (await import('../doctor/doctor.ts')).checkResultView)
    .action(bind(doctor));

async function doctor(ctx: Context): Promise<void> {
  // It needs Node's TLS and DNS and the like, which no other command should load.
  const { checkResultView, checkResultWriter, runChecks, checksFailure } = await import('../doctor/doctor.ts');
  const isForPerson = formatDefinition(ctx.globals.output).reader === 'person';
  const results: CheckResult[] = [];
  const batches = collected(runChecks(ctx), results);
  if (isForPerson && ctx.globals.fields === undefined) {
    const write = checkResultWriter(await loadStyle(renderOptions(ctx).color));
    // Each line as soon as it is known: the network may take its time.
    for await (const batch of batches) await ctx.host.stdout.write(batch.map(write).join(''));
  } else await ctx.list(checkResultView, batches);
  reportToGitHub(ctx, results);
  const failure = checksFailure(results);
  // A person has read the remedies already.
  if (failure !== undefined) throw isForPerson ? failure.with({ hints: [] }) : failure;
}

/** The results in batches of one; each is added to the list as well. */
async function* collected(source: AsyncIterable<CheckResult>, results: CheckResult[]) {
  for await (const result of source) {
    results.push(result);
    yield [result];
  }
}

function reportToGitHub({ github }: Context, results: readonly CheckResult[]): void {
  const count = (status: CheckResult['status']) => results.filter((one) => one.status === status).length;
  github.count({ pass: count('pass'), warn: count('warn'), fail: count('fail') });
  github.summarize(() => {
    const rows = results.map(({ title, status, detail, remedy = '' }) => [status, title, detail, remedy]);
    return `### invite doctor\n\n${markdownTable(['STATUS', 'CHECK', 'DETAIL', 'REMEDY'], rows)}`;
  });
}
