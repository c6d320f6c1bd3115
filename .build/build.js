// Makes `dist`: CommonJS, which Node starts fastest, dependencies inside, nothing minified. What always runs lies in
// `main.cjs`, what every act needs in `core.cjs`, and every part behind an `import()` in a file of its own.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { rolldown } from 'rolldown';
import { lean } from './lean.js';
import { licences } from './licences.js';
import { manPage } from './man.js';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const prefix = '.dist-';

sweep();
const fresh = mkdtempSync(join(root, prefix));
process.once('exit', () => rmSync(fresh, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));
await bundleInto(fresh);
writeManPage(fresh);
putInPlace(fresh);

async function bundleInto(folder) {
  const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const bundle = await rolldown({
    cwd: root,
    input: { main: 'src/main.ts' },
    platform: 'node',
    // Its CommonJS form asks for its parts in a way that no bundler follows.
    resolve: { alias: { 'jsonc-parser': join(root, 'node_modules/jsonc-parser/lib/esm/main.js') } },
    preserveEntrySignatures: 'allow-extension',
    transform: { define: { __VERSION__: JSON.stringify(version) } },
    plugins: [rawText(), lean(), licences({ name, version }, join(root, 'package-lock.json'))],
    // What one part loads late another may need at once, and each is loaded late itself.
    checks: { ineffectiveDynamicImport: false },
  });
  await bundle.write({
    dir: folder,
    format: 'cjs',
    // An `import()` of a built-in would wake Node's loader for ES modules: 4 ms.
    dynamicImportInCjs: false,
    sourcemap: true,
    // Node reads every comment again at each start.
    comments: false,
    // By that name Node knows them for CommonJS without looking for a package.json.
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name].cjs',
    codeSplitting: {
      groups: [
        { name: 'main', tags: ['$initial'], priority: 2 },
        // What every act needs would else lie in some twenty files, at half a millisecond each.
        { name: neededByList(), debugName: 'core', minShareCount: 2 },
      ],
    },
  });
  await bundle.close();
  // Whoever runs an install by the administrator must be able to read it, too.
  chmodSync(folder, 0o755);
}

/** Tells the modules that a list imports, directly or not: the least that any act needs. */
function neededByList() {
  const needed = new Set();
  return (id, context) => {
    const visit = (one) => {
      if (needed.has(one)) return;
      needed.add(one);
      for (const imported of context.getModuleInfo(one)?.importedIds ?? []) visit(imported);
    };
    for (const file of ['commands/list.ts', 'cli/context.ts', 'http/endpoint.ts', 'output/table.ts'])
      visit(join(root, 'src', file));
    return needed.has(id) ? 'core' : null;
  };
}

/** `invite.1`, out of what the program that was just built says of itself. */
function writeManPage(folder) {
  const program = `require(${JSON.stringify(join(folder, 'main.cjs'))}).start(['help', '--json'])`;
  const grammar = JSON.parse(execFileSync(process.execPath, ['-e', program], { encoding: 'utf8', maxBuffer: 2 ** 24 }));
  writeFileSync(join(folder, `${grammar.name}.1`), manPage(grammar));
}

/** `import text from './file?raw'`, as Vite has it: the file as a string. */
function rawText() {
  const suffix = '?raw';
  return {
    name: 'raw-text',
    resolveId: (id, importer) => (id.endsWith(suffix) ? join(dirname(importer), id) : null),
    load: (id) =>
      id.endsWith(suffix)
        ? `export default ${JSON.stringify(readFileSync(id.slice(0, -suffix.length), 'utf8'))};`
        : null,
  };
}

/** Several builds may end side by side: each puts a whole folder in place, and whichever comes last stays. */
function putInPlace(folder) {
  for (let attempt = 1; ; attempt += 1) {
    const old = mkdtempSync(join(root, prefix));
    try {
      if (existsSync(dist)) renameSync(dist, join(old, 'dist'));
      renameSync(folder, dist);
      return;
    } catch (error) {
      if (attempt === 20 || !['ENOENT', 'ENOTEMPTY', 'EEXIST', 'EPERM'].includes(error.code)) throw error;
    } finally {
      rmSync(old, { recursive: true, force: true });
    }
  }
}

/** Folders that a build left behind when it was killed; a younger one may belong to a build that is under way. */
function sweep() {
  for (const name of readdirSync(root).filter((entry) => entry.startsWith(prefix))) {
    const path = join(root, name);
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > 10 * 60_000) rmSync(path, { recursive: true, force: true });
  }
}
