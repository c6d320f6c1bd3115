import type { CommandSpec } from './spec.ts';

type Script = (program: CommandSpec) => string;

/** Every shell that can be completed in, and the file that writes its script. */
const loaders = {
  bash: async () => (await import('./bash.ts')).bashScript,
  zsh: async () => (await import('./zsh.ts')).zshScript,
  fish: async () => (await import('./fish.ts')).fishScript,
  powershell: async () => (await import('./powershell.ts')).powershellScript,
} satisfies Record<string, () => Promise<Script>>;

export type Shell = keyof typeof loaders;

export const shells = Object.keys(loaders) as readonly Shell[];

export async function scriptFor(shell: Shell, program: CommandSpec): Promise<string> {
  const write: Script = await loaders[shell]();
  return write(program);
}
