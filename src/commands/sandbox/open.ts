import type { Context } from '../../cli/context.ts';
import type { View } from '../../output/view.ts';
import type { Sandbox, SandboxOptions } from '../../sandbox/sandbox.ts';

/** Opens the sandbox in the state folder, and closes it when the act is done. */
export async function withSandbox<T>(
  { host }: Context,
  act: (sandbox: Sandbox) => Promise<T>,
  options: Pick<SandboxOptions, 'switches'> = {},
): Promise<T> {
  const { openSandbox } = await import('../../sandbox/sandbox.ts');
  const { stateDir, clock, processes } = host;
  const sandbox = await openSandbox({ folder: stateDir, clock, processes, ...options });
  try {
    return await act(sandbox);
  } finally {
    await sandbox.close();
  }
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
