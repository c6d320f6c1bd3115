import { Command, Option } from 'commander';
import { parseCount } from '../../context/globals.ts';
import type { Context } from '../../context.ts';
import { dryRunOption, examples, type Mount, yesOption } from '../mount.ts';
import { inSandbox, toldView } from './opening.ts';

interface SeedOptions {
  readonly count: number;
  readonly dryRun?: boolean;
}

export const sandboxSeedCommand: Mount = (bind) =>
  new Command('seed')
    .summary('fill the sandbox with made-up people')
    .description(
      'Add invitations of made-up people: accepted, expired and revoked ones, and pending ones as the quota allows.',
    )
    .addOption(
      new Option('--count <n>', 'how many').default(20).argParser((text) => parseCount(text, '--count', [1, 100_000])),
    )
    .addOption(yesOption())
    .addOption(dryRunOption())
    .addHelpText('after', examples('invite sandbox seed', 'invite sandbox seed --count 1000'))
    .action(bind(seed));

export async function seed(ctx: Context, { count, dryRun = false }: SeedOptions): Promise<void> {
  ctx.expect(toldView);
  if (dryRun) return ctx.show(toldView, { outcome: 'seeded', count, dry_run: true });
  const seeded = await inSandbox(ctx, (sandbox) => sandbox.seed(count));
  await ctx.show(toldView, { outcome: 'seeded', count: seeded });
}
