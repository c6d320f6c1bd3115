/** The script of each shell, from `completions/`; loaded when needed. */
const loaders = {
  bash: () => import('../../completions/invite.bash?raw'),
  zsh: () => import('../../completions/_invite?raw'),
  fish: () => import('../../completions/invite.fish?raw'),
  powershell: () => import('../../completions/invite.ps1?raw'),
} as const;

export type Shell = keyof typeof loaders;

export const shells = Object.keys(loaders) as readonly Shell[];

/** The text of the script. */
export async function scriptFor(shell: Shell): Promise<string> {
  return (await loaders[shell]()).default;
}
