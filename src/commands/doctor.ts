import { Command } from 'commander';
import { paperFor } from '../context/printer.ts';
import type { Context } from '../context.ts';
import type { Diagnosis } from '../doctor/examine.ts';
import { markdownTable } from '../output/markdown.ts';
import { loadStyle } from '../output/style.ts';
import { examples, type Mount } from './mount.ts';

export const doctorCommand: Mount = (bind) =>
  new Command('doctor')
    .summary('what is wrong with my setup')
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
  const { admit, diagnosisView, examine, verdictOn } = await import('../doctor/doctor.ts');
  const patient = admit(ctx);
  const diagnoses: Diagnosis[] = [];
  try {
    const batches = noted(examine(patient), diagnoses);
    if (ctx.globals.output === 'table' && ctx.globals.fields === undefined) await printLines(ctx, batches);
    else await ctx.list(diagnosisView, batches);
  } finally {
    await patient.close();
  }
  tellWorkflow(ctx, diagnoses);
  const verdict = verdictOn(diagnoses);
  // A person has read the remedies already.
  if (verdict !== undefined) throw ctx.globals.output === 'table' ? verdict.with({ hints: [] }) : verdict;
}

async function* noted(found: AsyncIterable<Diagnosis>, diagnoses: Diagnosis[]): AsyncIterable<readonly Diagnosis[]> {
  for await (const diagnosis of found) {
    diagnoses.push(diagnosis);
    yield [diagnosis];
  }
}

/** Each line as soon as it is known: the network may take its time. */
async function printLines({ host, globals }: Context, batches: AsyncIterable<readonly Diagnosis[]>): Promise<void> {
  const { diagnosisText } = await import('../doctor/doctor.ts');
  const style = await loadStyle(paperFor(host, globals).color);
  for await (const batch of batches) {
    await host.stdout.write(batch.map((one) => diagnosisText(one, style)).join(''));
  }
}

function tellWorkflow({ github }: Context, diagnoses: readonly Diagnosis[]): void {
  const count = (status: Diagnosis['status']) => diagnoses.filter((one) => one.status === status).length;
  github.count({ pass: count('pass'), warn: count('warn'), fail: count('fail') });
  github.summarize(() => {
    const rows = diagnoses.map(({ title, status, detail, remedy = '' }) => [status, title, detail, remedy]);
    return `### invite doctor\n\n${markdownTable(['STATUS', 'CHECK', 'DETAIL', 'REMEDY'], rows)}`;
  });
}
