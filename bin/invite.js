#!/usr/bin/env node
// CommonJS and without imports: Node's loader for ES modules alone would add a fifth to the start of `--version`.
// The syntax is old on purpose, so that an old Node can read it as far as the sentence about its age.
'use strict';
var node = process.versions.node.split('.').map(Number);
var only = process.argv.length === 3 ? process.argv[2] : undefined;

if (node[0] < 20 || (node[0] === 20 && (node[1] < 18 || (node[1] === 18 && node[2] < 1)))) {
  process.stderr.write(`error: invite needs Node.js 20.18.1 or newer, this is ${process.versions.node}\n`);
  process.exitCode = 1;
} else if (only === '--version' || only === '-V') {
  say(`${require('../package.json').version}\n`);
} else {
  start(process.argv.slice(2));
}

function start(args) {
  const main = builtProgram();
  if (main === undefined) return;
  // With --debug, stack traces name the lines of the source.
  if (args.includes('--debug') || process.env.INVITE_DEBUG) process.setSourceMapsEnabled(true);
  keepCompiled();
  // Where nothing is left to wait for before it has ended, Node would end with 0.
  process.exitCode = 1;
  process.once('beforeExit', endedEarly);
  require(main)
    .start(args)
    .then((code) => {
      process.removeListener('beforeExit', endedEarly);
      process.exitCode = code;
    });
}

function endedEarly() {
  process.stderr.write('error: internal error: the command ended before it was done\n');
}

/** Straight to the descriptor: `process.stdout` loads `node:net` first, 4 ms. */
function say(line) {
  try {
    require('node:fs').writeSync(1, line);
  } catch (error) {
    // Full for the moment: a stream waits. The reader has gone: nobody is left to tell.
    if (error.code === 'EAGAIN') return void process.stdout.write(line);
    if (error.code === 'EPIPE') return;
    process.stderr.write(`error: cannot write to stdout\n  ${error.code}\n`);
    process.exitCode = 1;
  }
}

/** Lets Node keep what it compiles for the next start, where it can do that: from Node 22.1 on. */
function keepCompiled() {
  if (node[0] < 22 || process.env.NODE_DISABLE_COMPILE_CACHE) return;
  const { enableCompileCache } = require('node:module');
  if (enableCompileCache === undefined) return;
  const folder = cacheFolder();
  if (folder !== undefined) enableCompileCache(folder);
}

/**
 * A folder that is ours alone, because whoever can write to it decides what runs; so not Node's own choice, the folder
 * for temporary files. Undefined if there is none.
 */
function cacheFolder() {
  const { lstatSync, mkdirSync, statfsSync } = require('node:fs');
  const { dirname, isAbsolute, join } = require('node:path');
  const hasOwner = process.getuid !== undefined;
  const entry = (path) => lstatSync(path, { throwIfNoEntry: false });
  const isOwn = (found) => !hasOwner || found.uid === process.getuid();
  try {
    const { XDG_CACHE_HOME: told = '' } = process.env;
    const folder = join(isAbsolute(told) ? told : join(require('node:os').homedir(), '.cache'), 'invite');
    if (!isAbsolute(folder)) return undefined;
    let above = dirname(folder);
    while (entry(above) === undefined) above = dirname(above);
    // On a full disk Node would leave empty files.
    const { bavail, bsize } = statfsSync(above);
    if (bavail * bsize < 16 * 1024 * 1024) return undefined;
    if (entry(folder) === undefined) {
      // Root leaves nothing in the home of somebody else, who could not write there afterwards.
      if (!isOwn(entry(above))) return undefined;
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    }
    const found = entry(folder);
    return found.isDirectory() && isOwn(found) && (!hasOwner || (found.mode & 0o077) === 0) ? folder : undefined;
  } catch (_error) {
    return undefined;
  }
}

/** The file of the built program; undefined, with a word about it, if there is none. */
function builtProgram() {
  const { existsSync } = require('node:fs');
  const { join } = require('node:path');
  const root = join(__dirname, '..');
  const main = join(root, 'dist', 'main.cjs');
  if (existsSync(main)) return main;
  const isCheckout = existsSync(join(root, 'src', 'main.ts'));
  process.stderr.write(
    isCheckout
      ? 'error: invite is not built yet: type "npm run build"\n'
      : 'error: this package was packed without its program: pack it with "npm run package"\n',
  );
  process.exitCode = 1;
  return undefined;
}
