import { renderOptions } from '../context/printer.ts';
import type { Context } from '../context.ts';
import type { CheckResult } from '../doctor/doctor.ts';
import { formatDefinition } from '../output/formats.ts';
import { markdownTable } from '../output/markdown.ts';
import { loadStyle } from '../output/style.ts';
import { type CommandDefinition, examples } from './shared/command.ts';

export const doctorCommand: CommandDefinition = (command, bind) =>
  command
    .description(
      'Examine the setup from Node.js to the quota of the organization, and say what to do about what is wrong. Changes nothing, invites nobody. The exit code is that of the first check that fails.',
    )
    .addHelpText(
      'after',
      examples(
        'invite doctor',
        'invite -p work doctor',
        'invite doctor -o json | jq \'.[] | select(.status != "pass")\'',
      ),
    )
    .action(bind(doctor));

export async function doctor(ctx: Context): Promise<void> {
  // What it needs of Node, TLS and the like, is a load that no other command should carry.
  const {
    admit,
    checkResultView: diagnosisView,
    runChecks: examine,
    failureOf: verdictOn,
  } = await import('../doctor/doctor.ts');
  const patient = admit(ctx);
  const diagnoses: CheckResult[] = [];
  try {
    const batches = noted(examine(patient), diagnoses);
    if (formatDefinition(ctx.globals.output).reader === 'person' && ctx.globals.fields === undefined)
      await printLines(ctx, batches);
    else await ctx.list(diagnosisView, batches);
  } finally {
    await patient.close();
  }
  tellWorkflow(ctx, diagnoses);
  const verdict = verdictOn(diagnoses);
  // A person has read the remedies already.
  if (verdict !== undefined)
    throw formatDefinition(ctx.globals.output).reader === 'person' ? verdict.with({ hints: [] }) : verdict;
}

async function* noted(
  found: AsyncIterable<CheckResult>,
  diagnoses: CheckResult[],
): AsyncIterable<readonly CheckResult[]> {
  for await (const diagnosis of found) {
    diagnoses.push(diagnosis);
    yield [diagnosis];
  }
}

/** Each line as soon as it is known: the network may take its time. */
async function printLines({ host, globals }: Context, batches: AsyncIterable<readonly CheckResult[]>): Promise<void> {
  const { checkResultText: diagnosisText } = await import('../doctor/doctor.ts');
  const style = await loadStyle(renderOptions(host, globals).color);
  for await (const batch of batches) {
    await host.stdout.write(batch.map((one) => diagnosisText(one, style)).join(''));
  }
}

function tellWorkflow({ github }: Context, diagnoses: readonly CheckResult[]): void {
  const count = (status: CheckResult['status']) => diagnoses.filter((one) => one.status === status).length;
  github.count({ pass: count('pass'), warn: count('warn'), fail: count('fail') });
  github.summarize(() => {
    const rows = diagnoses.map(({ title, status, detail, remedy = '' }) => [status, title, detail, remedy]);
    return `### invite doctor\n\n${markdownTable(['STATUS', 'CHECK', 'DETAIL', 'REMEDY'], rows)}`;
  });
}
