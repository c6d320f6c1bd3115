// The entry of the single executable; `binary.js` puts the version and the built files in. What bin/invite.js does
// about old versions of Node, the compile cache and source maps has no meaning here: Node, its code cache and the
// program are one file.
'use strict';
const files = __FILES__;
const loaded = Object.create(null);

/** Node's own `require` knows nothing here but its built-in modules. */
function load(id) {
  if (!Object.hasOwn(files, id)) return require(id);
  if (loaded[id] === undefined) {
    const module = { exports: {} };
    loaded[id] = module;
    files[id](module.exports, module, load);
  }
  return loaded[id].exports;
}

const args = process.argv.slice(2);
// In an executable the second word is the program once more. Without it the program, where it starts itself again,
// passes arguments alone.
process.argv.length = 1;
if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  process.stdout.write(`${__VERSION__}\n`);
} else {
  load('./main.cjs')
    .start(args)
    .then((code) => {
      process.exitCode = code;
    });
}
