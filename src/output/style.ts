import type { ColorLevel } from './color.ts';

export type Paint = (text: string) => string;

const names = ['bold', 'dim', 'red', 'green', 'yellow', 'cyan'] as const;

export type Style = Readonly<Record<(typeof names)[number], Paint>>;

/** No colour at all. */
export const plainStyle: Style = styleOf(() => (text) => text);

/** The home of chalk, which is not even loaded where there is no colour. */
export async function loadStyle(level: ColorLevel): Promise<Style> {
  if (level === 0) return plainStyle;
  const { Chalk } = await import('chalk');
  // Its own detection would ignore NO_COLOR and look through the arguments for `--color`.
  const chalk = new Chalk({ level });
  return styleOf((name) => (text) => chalk[name](text));
}

/** The colour of an invitation's `state`, which says nothing that the word does not say. */
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
