import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { rolldown } from 'rolldown';

/** A script that plain Node can run, made of TypeScript source. */
export interface Script {
  /** Absolute, for `node PATH`. */
  readonly path: string;
  readonly folder: string;
}

/** Ends the name of a file that is imported as text, as in the build. */
const raw = '?raw';

/** Bundles TypeScript that may import from `src` by absolute path; `root` in it stands for the top of the project. */
export async function bundle(source: string): Promise<Script> {
  const root = join(import.meta.dirname, '../..');
  const folder = mkdtempSync(join(tmpdir(), 'invite-script-'));
  const entry = join(root, 'test', 'support', '__script__.ts');
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
      {
        name: 'raw-text',
        resolveId: (id, importer) => (id.endsWith(raw) ? join(dirname(importer ?? ''), id) : null),
        load: (id) =>
          id.endsWith(raw) ? `export default ${JSON.stringify(readFileSync(id.slice(0, -raw.length), 'utf8'))};` : null,
      },
    ],
  });
  await build.write({ dir: folder, format: 'esm', entryFileNames: 'script.mjs', chunkFileNames: '[name].mjs' });
  await build.close();
  return { path: join(folder, 'script.mjs'), folder };
}
