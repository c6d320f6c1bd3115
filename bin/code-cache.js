// For Node before 22, which has no compile cache: keeps what V8 made of the files of `dist` for the next start, 9 ms
// less for a list. Whatever is wrong with a kept file, the program is compiled as if there were none.
'use strict';
const fs = require('node:fs');
const { basename, dirname, join } = require('node:path');
const { Script } = require('node:vm');

// As Node wraps a file. In one piece with it from the start: V8 would copy the pieces together.
const opening = Buffer.from('(function (exports, require, module) { ');
const closing = Buffer.from('\n})');

let memory = Buffer.alloc(0);

/** Numbers before the data of V8: of the file that was compiled, and the checksum. */
const header = 5;
const dataAt = header * Float64Array.BYTES_PER_ELEMENT;

/**
 * Loads a file of `dist` and, when it asks for them, those beside it. Returns what it exports, and a function that keeps
 * what V8 has compiled until then.
 */
exports.load = function load(main, folder) {
  const dist = dirname(main);
  const cache = join(folder, `${process.version}-${process.arch}-${setup(dist)}`);
  const modules = new Map();
  const compiled = [];
  let sample;
  const load = (id) => {
    if (!id.startsWith('./')) return require(id);
    let module = modules.get(id);
    if (module === undefined) {
      module = { exports: {} };
      modules.set(id, module);
      const one = compile(`${dist}/${id.slice(2)}`, `${cache}/${id.slice(2)}`);
      compiled.push(one);
      if (!one.isKept) sample ??= new Script('0').createCachedData();
      one.script.runInThisContext()(module.exports, load, module);
    }
    return module.exports;
  };
  const keep = () => {
    if (sample === undefined) return;
    // A large document is read with other flags, and V8 would refuse at the next start what it compiled after that.
    // Another text of the same length: V8 remembers the first, and would not look at the data.
    if (new Script('1', { cachedData: sample }).cachedDataRejected) return;
    // All of them: the new command may have run functions of the others that no command before it did.
    for (const one of compiled) write(cache, one);
  };
  return { program: load(`./${basename(main)}`), keep };
};

/** Several installations, and flags with which V8 compiles otherwise, would else overwrite one another's at each start. */
function setup(dist) {
  let hash = 0;
  for (const unit of Buffer.from([dist, process.env.NODE_OPTIONS, ...process.execArgv].join('\n'))) {
    hash = (Math.imul(hash, 31) + unit) | 0;
  }
  return (hash >>> 0).toString(16);
}

function compile(file, kept) {
  const { source, identity } = read(file);
  const cachedData = dataFor(identity, kept);
  const script = new Script(source, { filename: file, columnOffset: -opening.length, cachedData });
  return { script, identity, kept, isKept: cachedData !== undefined && !script.cachedDataRejected };
}

/** One piece of memory for all files, one after the other: fresh memory costs more than what is read into it. */
function space(size) {
  if (memory.length < size) memory = Buffer.allocUnsafeSlow(size + (size >> 1));
  return memory.subarray(0, size);
}

/** The text, and what tells this file from one that takes its place: npm gives all files of all versions one mtime. */
function read(file) {
  const fd = fs.openSync(file, 'r');
  try {
    const { size, mtimeMs, ctimeMs, ino } = fs.fstatSync(fd);
    const whole = space(opening.length + size + closing.length);
    whole.set(opening);
    if (fs.readSync(fd, whole, opening.length, size, 0) !== size) throw new Error(`cannot read ${file}`);
    whole.set(closing, opening.length + size);
    // ASCII, as the build makes it.
    return { source: whole.latin1Slice(), identity: [size, mtimeMs, ctimeMs, ino] };
  } finally {
    fs.closeSync(fd);
  }
}

/** What was kept of this very file, by this user; undefined if that is not so. */
function dataFor(identity, kept) {
  let fd;
  try {
    fd = fs.openSync(kept, 'r');
    const { size, uid, mode } = fs.fstatSync(fd);
    if (size <= dataAt || (process.getuid !== undefined && (uid !== process.getuid() || (mode & 0o022) !== 0))) return;
    const whole = space(size);
    if (fs.readSync(fd, whole, 0, size, 0) !== size) return;
    const noted = new Float64Array(whole.buffer, 0, header);
    if (!identity.every((number, index) => number === noted[index])) return;
    const data = whole.subarray(dataAt);
    return noted[header - 1] === checksum(data) ? data : undefined;
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

/** V8 checks only the beginning, and a wrong byte behind that ends the process. Eight words at a time: 1 ms in all. */
function checksum(data) {
  const words = new Int32Array(data.buffer, data.byteOffset, data.length >> 2);
  let sum = data.length;
  for (let at = 0; at < words.length; at += 8) {
    const first = words[at] ^ words[at + 1] ^ words[at + 2] ^ words[at + 3];
    sum = (Math.imul(sum, 31) + (first ^ words[at + 4] ^ words[at + 5] ^ words[at + 6] ^ words[at + 7])) | 0;
  }
  return sum;
}

/** Under another name until it is whole: another process may read it meanwhile. */
function write(cache, { script, identity, kept }) {
  const fresh = `${kept}.${process.pid}`;
  try {
    const data = script.createCachedData();
    const whole = Buffer.allocUnsafeSlow(dataAt + data.length);
    whole.set(data, dataAt);
    new Float64Array(whole.buffer, 0, header).set([...identity, checksum(whole.subarray(dataAt))]);
    fs.mkdirSync(cache, { recursive: true, mode: 0o700 });
    fs.writeFileSync(fresh, whole, { mode: 0o600, flag: 'wx' });
    fs.renameSync(fresh, kept);
  } catch {
    fs.rm(fresh, { force: true }, () => {});
  }
}
