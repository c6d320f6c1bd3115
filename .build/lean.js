// Modules of packages that are left out of the bundle, because what they are for does not occur here.
// The packages are pinned to one version; test/e2e/startup.test.ts fails where a new one undoes this.
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ascii } from './ascii.js';

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
];

// undici's parser for processors without SIMD, a quarter of the file of the network: in a file of its own, which only
// those load.
const apart = { by: /[\\/]undici[\\/]/, id: '../llhttp/llhttp-wasm.js', fileName: 'llhttp-wasm.cjs' };

const mark = '\0lean:';
const wrapper = /__commonJSMin\(\(\(([\w$, ]*)\) => \{$/gm;

/** A rolldown plugin that puts something small in the place of what is left out, and wraps the rest for V8. */
export function lean() {
  let moved;
  return {
    name: 'lean',
    resolveId(id, importer = '') {
      if (id === apart.id && apart.by.test(importer)) {
        moved = join(dirname(importer), id);
        return { id: `./${apart.fileName}`, external: true };
      }
      const out = leftOut.findIndex((one) => one.id === id && one.by.test(importer));
      return out < 0 ? null : `${mark}${out}`;
    },
    load: (id) => (id.startsWith(mark) ? `module.exports = ${leftOut[Number(id.slice(mark.length))].instead};` : null),
    // V8 reads a function in parentheses once, but the arrows that rolldown wraps a CommonJS module in twice: 5 ms.
    renderChunk: (code) => ({ code: code.replace(wrapper, '__commonJSMin((function($1) {'), map: null }),
    generateBundle(_options, bundle) {
      // Not before: rolldown would write the characters again.
      for (const chunk of Object.values(bundle)) if (chunk.type === 'chunk') chunk.code = ascii(chunk.code);
      if (moved === undefined) throw new Error(`undici no longer asks for ${basename(apart.id)}`);
      this.emitFile({ type: 'asset', fileName: apart.fileName, source: ascii(readFileSync(moved, 'utf8')) });
    },
  };
}
