import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { temporaryFolder } from './run-cli.ts';

/** The path of a script for plain Node, made of TypeScript that may import from `src` by absolute path. */
export async function bundle(source: string): Promise<string> {
  const entry = join(import.meta.dirname, '__script__.ts');
  const folder = temporaryFolder();
  const build = await rolldown({
    input: entry,
    platform: 'node',
    logLevel: 'silent',
    plugins: [
      {
        name: 'source',
        resolveId: (id) => (id === entry ? id : null),
        load: (id) => (id === entry ? source : null),
      },
    ],
  });
  await build.write({ dir: folder, format: 'esm', entryFileNames: 'script.mjs', chunkFileNames: '[name].mjs' });
  await build.close();
  return join(folder, 'script.mjs');
}
