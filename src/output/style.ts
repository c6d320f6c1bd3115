export type Paint = (text: string) => string;

const names = ['bold', 'dim', 'red', 'green', 'yellow', 'cyan'] as const;

export type Style = Readonly<Record<(typeof names)[number], Paint>>;

export const plainStyle: Style = styleOf(() => (text) => text);

/** The home of chalk, which is not even loaded where there is no color. */
export async function loadStyle(level: ColorLevel): Promise<Style> {
  if (level === 0) return plainStyle;
  const { Chalk } = await import('chalk');
  // Its own detection would ignore NO_COLOR and look through the arguments for `--color`.
  const chalk = new Chalk({ level });
  return styleOf((name) => (text) => chalk[name](text));
}

/** The state of an invitation in its color, which carries no meaning of its own. */
export function paintState(state: string, style: Style): string {
  const name = stateColors.get(state) ?? 'dim';
  return style[name](state);
}

const stateColors = new Map<string, keyof Style>([
  ['pending', 'yellow'],
  ['accepted', 'green'],
  ['expired', 'red'],
]);

function styleOf(paint: (name: keyof Style) => Paint): Style {
  const entries = names.map((name) => [name, paint(name)] as const);
  return Object.fromEntries(entries) as Style;
}

type ColorLevel = 0 | 1 | 2 | 3;

interface ColorOptions {
  readonly flag?: 'auto' | 'always' | 'never' | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of the stream that is written to. */
  readonly isTTY: boolean;
}

/** How many colors a stream gets. `--color` beats NO_COLOR beats FORCE_COLOR and CLICOLOR_FORCE beats CLICOLOR=0 beats the terminal. */
export function colorLevel({ flag = 'auto', env, isTTY }: ColorOptions): ColorLevel {
  if (flag !== 'auto') return flag === 'always' ? depth(env) : 0;
  if (env.NO_COLOR) return 0;
  const forced = env.FORCE_COLOR;
  if (forced) return forcedLevel(forced, env);
  if (env.CLICOLOR_FORCE && env.CLICOLOR_FORCE !== '0') return depth(env);
  if (env.CLICOLOR === '0' || !isTTY || env.TERM === 'dumb') return 0;
  return depth(env);
}

function forcedLevel(forced: string, env: ColorOptions['env']): ColorLevel {
  if (forced === 'false') return 0;
  return /^[0-3]$/.test(forced) ? (Number(forced) as ColorLevel) : depth(env);
}

function depth({ COLORTERM = '', TERM = '' }: ColorOptions['env']): ColorLevel {
  if (COLORTERM === 'truecolor' || COLORTERM === '24bit') return 3;
  return TERM.includes('256') ? 2 : 1;
}
