// Loaded before the program: makes any Node look like one that can keep compiled code, and says in the file of KEPT into
// which folder it would be put.
const { writeFileSync, ...fs } = require('node:fs');
const path = process.env.KEPT;
Object.defineProperty(process.versions, 'node', { value: '22.1.0' });
require('node:module').enableCompileCache = (folder) => writeFileSync(path, folder);
if (process.env.FREE !== undefined) {
  require('node:fs').statfsSync = (place) => ({ ...fs.statfsSync(place), bavail: Number(process.env.FREE), bsize: 1 });
}
