import type { Context } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { carryOutAll, conclude } from '../carry-out.ts';
import type { ImportOptions } from '../import.ts';
import { confirmImport } from './asking.ts';
import { keepRefused, Refusals, wayOn } from './ending.ts';
import { type ImportInput, readImport } from './input.ts';
import { type Memory, withMemory } from './memory.ts';
import { forecast } from './planning.ts';

/** Reads the file, looks at everybody in it, asks, and invites whoever is to be invited. */
export async function carryOutFile(ctx: Context, file: string, options: ImportOptions): Promise<void> {
  const input = await readImport(ctx, file, options);
  if (input.rows.size === 0) ctx.say(`"${input.name}" has 0 rows; nobody is invited`);
  await withMemory(ctx, { input, options }, (memory) => invite(ctx, { input, options, memory }));
}

export interface Import {
  readonly input: ImportInput;
  readonly options: ImportOptions;
  readonly memory: Memory;
}

async function invite(ctx: Context, what: Import): Promise<void> {
  const { dryRun = false, concurrency } = what.options;
  const tools = await ctx.tools();
  const outlook = await forecast(ctx, what, tools);
  if (!dryRun) await confirmImport(ctx, what, outlook);
  const refusals = new Refusals();
  const recorder = await what.memory.open?.();
  try {
    const tally = await carryOutAll(ctx, outlook.changes, {
      ...{ tools, dryRun, concurrency, kind: 'create', see: refusals.see },
      total: outlook.rows - outlook.earlier,
      recorder,
    });
    conclude(ctx, tally, { tools, dryRun, hints: dryRun ? [] : wayOn(what, tally), tell: ctx.say });
  } catch (error) {
    // Also where stdout took no more: what was refused is not to be lost with it.
    const kept = dryRun ? [] : await keepRefused(ctx, what, refusals);
    throw error instanceof CliError ? error.with({ hints: [...kept, ...(error.details.hints ?? [])] }) : error;
  }
}
