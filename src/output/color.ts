export type ColorLevel = 0 | 1 | 2 | 3;

export interface ColorWishes {
  readonly flag?: 'auto' | 'always' | 'never' | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of the stream that is written to. */
  readonly isTTY: boolean;
}

/** How many colours a stream gets. `--color` beats NO_COLOR beats FORCE_COLOR and CLICOLOR_FORCE beats CLICOLOR=0 beats the terminal. */
export function colorLevel({ flag = 'auto', env, isTTY }: ColorWishes): ColorLevel {
  if (flag !== 'auto') return flag === 'always' ? depth(env) : 0;
  if (env.NO_COLOR) return 0;
  const forced = env.FORCE_COLOR;
  if (forced) return forcedLevel(forced, env);
  if (env.CLICOLOR_FORCE && env.CLICOLOR_FORCE !== '0') return depth(env);
  if (env.CLICOLOR === '0' || !isTTY || env.TERM === 'dumb') return 0;
  return depth(env);
}

function forcedLevel(forced: string, env: ColorWishes['env']): ColorLevel {
  if (forced === '0' || forced === 'false') return 0;
  if (forced === '1' || forced === '2' || forced === '3') return Number(forced) as ColorLevel;
  return depth(env);
}

function depth({ COLORTERM = '', TERM = '' }: ColorWishes['env']): ColorLevel {
  if (COLORTERM === 'truecolor' || COLORTERM === '24bit') return 3;
  return TERM.includes('256') ? 2 : 1;
}
