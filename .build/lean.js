// Modules of packages that are left out of the bundle, because what they are for does not occur here.
// They stand for what these versions ask for, so a build with another undici, or one that does not ask, fails.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const undiciVersion = '7.30.2';

const leftOut = [
  // Subcommands that are programs of their own. It costs 3 ms at every start.
  { by: /[\\/]commander[\\/]/, id: 'node:child_process', instead: '{}' },
  // HTTP/2, which is never offered; together with node:http2 it costs 8 ms at the first request.
  { by: /[\\/]undici[\\/]/, id: './client-h2.js', instead: 'undefined' },
  // Bodies that are forms or streams of the web: ours are texts.
  { by: /[\\/]undici[\\/]/, id: '../web/fetch/body.js', instead: '{}' },
  // Node's own client, 3 ms, of which undici wants a constant that we set and a class that it does not meet here.
  { by: /[\\/]undici[\\/]/, id: 'node:http', instead: '{ IncomingMessage: class {} }' },
  // 3 ms, of which undici uses the plain call.
  { by: /[\\/]undici[\\/]/, id: 'node:assert', instead: '(truth, words) => { if (!truth) throw new Error(words); }' },
  // The checks of a schema, which our store does itself: a third of a megabyte.
  { by: /[\\/]conf[\\/]/, id: 'ajv/dist/2020.js', instead: '{ Ajv2020: class {} }' },
  { by: /[\\/]conf[\\/]/, id: 'ajv-formats', instead: '() => {}' },
  // A prompt that starts an editor, with the tables of foreign encodings: half a megabyte.
  { by: /[\\/]@inquirer[\\/]prompts[\\/]/, id: '@inquirer/editor', instead: '{}' },
];

// undici's parser for processors without SIMD, a quarter of the file of the network: in a file of its own, which only
// those load.
const apart = { by: /[\\/]undici[\\/]/, id: '../llhttp/llhttp-wasm.js', fileName: 'llhttp-wasm.cjs' };

const mark = '\0lean:';

/** A rolldown plugin that puts something small in the place of what is left out. */
export function lean() {
  let moved;
  const used = new Set();
  return {
    name: 'lean',
    buildStart() {
      const { version } = createRequire(import.meta.url)('undici/package.json');
      if (version === undiciVersion) return;
      throw new Error(`undici is ${version}: see whether .build/lean.js still leaves out the right parts`);
    },
    resolveId(id, importer = '') {
      if (id === apart.id && apart.by.test(importer)) {
        moved = join(dirname(importer), id);
        return { id: `./${apart.fileName}`, external: true };
      }
      const out = leftOut.findIndex((one) => one.id === id && one.by.test(importer));
      if (out < 0) return null;
      used.add(out);
      return `${mark}${out}`;
    },
    load: (id) => (id.startsWith(mark) ? `module.exports = ${leftOut[Number(id.slice(mark.length))].instead};` : null),
    generateBundle() {
      const unused = [...leftOut.filter((_, index) => !used.has(index)), ...(moved === undefined ? [apart] : [])];
      if (unused.length > 0) throw new Error(`nothing asks any more for ${unused.map(({ id }) => id).join(', ')}`);
      this.emitFile({ type: 'asset', fileName: apart.fileName, source: readFileSync(moved) });
    },
  };
}
