import type { Renderer } from './view.ts';

/** Every output format and the file that draws it, loaded when it is asked for. */
const loaders = {
  table: () => import('./table.ts'),
  json: () => import('./json.ts'),
  ndjson: () => import('./ndjson.ts'),
  csv: () => import('./csv.ts'),
  yaml: () => import('./yaml.ts'),
  id: () => import('./id.ts'),
} satisfies Record<string, () => Promise<{ renderer: Renderer }>>;

export type Format = keyof typeof loaders;

export const formats = Object.keys(loaders) as readonly Format[];

/** Formats that a program reads: errors become json, nobody is asked anything. */
export function isMachineReadable(format: Format): boolean {
  return format !== 'table';
}

export async function loadRenderer(format: Format): Promise<Renderer> {
  return (await loaders[format]()).renderer;
}
