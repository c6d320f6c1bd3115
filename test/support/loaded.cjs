// Loaded before the program: says at its end, as a line of JSON in the file of LOADED, what it made Node load.
const { writeFileSync } = require('node:fs');
const { basename } = require('node:path');
const before = new Set(process.moduleLoadList);
process.on('exit', () => {
  const builtIns = process.moduleLoadList.filter((name) => name.startsWith('NativeModule ') && !before.has(name));
  const files = Object.keys(require.cache).filter((path) => path !== __filename);
  writeFileSync(
    process.env.LOADED,
    JSON.stringify({
      builtIns: builtIns.map((name) => name.slice('NativeModule '.length)),
      files: files.map((path) => basename(path)),
    }),
  );
});
