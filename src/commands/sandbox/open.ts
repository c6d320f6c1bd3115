import type { Context } from '../../cli/context.ts';
import type { View } from '../../output/view.ts';
import type { Sandbox, SandboxOptions } from '../../sandbox/sandbox.ts';

/** The sandbox in the state folder. */
export async function sandboxOf({ host }: Context, options: Pick<SandboxOptions, 'switches'> = {}): Promise<Sandbox> {
  const { openSandbox } = await import('../../sandbox/sandbox.ts');
  const { stateDir, clock, processes } = host;
  return openSandbox({ folder: stateDir, clock, processes, ...options });
}

/** The result of a change to the sandbox as a whole. */
interface SandboxResult {
  readonly outcome: 'seeded' | 'reset';
  /** The number of added rows. */
  readonly count?: number;
  readonly dry_run?: true;
}

export const sandboxResultView: View<SandboxResult> = {
  fields: ['outcome', 'count', 'dry_run'],
  times: [],
  columns: [
    { title: 'OUTCOME', field: 'outcome', rank: 0 },
    { title: 'COUNT', field: 'count', rank: 0 },
  ],
  csv: ['outcome', 'count', 'dry_run'],
  block: ['outcome', 'count', 'dry_run'],
  record: (result) => ({ ...result }),
  id: () => undefined,
};
