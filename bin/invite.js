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
  const built = builtProgram();
  if (built === undefined) {
    process.stderr.write('error: this package was packed without its program: pack it with "npm run package"\n');
    process.exitCode = 1;
    return;
  }
  const { program, keep } = load(built, args);
  program.start(args).then((code) => {
    process.exitCode = code;
    keep();
  });
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

/** The program, and a function that keeps what V8 has made of it for the next start, where Node does not do that. */
function load(built, args) {
  const isOld = node[0] < 22;
  const isDebug = args.includes('--debug') || Boolean(process.env.INVITE_DEBUG);
  // With --debug, stack traces name the lines of the source.
  if (isDebug) process.setSourceMapsEnabled(true);
  // Help compiles less than it costs to look for what was kept.
  const isHelp = args.length === 0 || args.includes('--help') || args.includes('-h');
  const cache = isOld && (isHelp || isDebug) ? undefined : cacheFolder();
  // V8 before Node 22 optimizes undici's parser in the background and delays the exit by 75 ms until that is done. Other
  // code it optimizes so early that a list of ten pages takes a tenth longer, and one of a thousand pages gains nothing.
  // Before anything is compiled: V8 takes only what was compiled with the same flags.
  if (isOld && !isHelp) require('node:v8').setFlagsFromString('--liftoff-only --interrupt-budget=500000');
  if (isOld && cache !== undefined) return require('./code-cache.js').load(built, cache);
  if (cache !== undefined) keepCompiled(cache);
  return { program: require(built), keep: () => {} };
}

function keepCompiled(cache) {
  const { enableCompileCache } = require('node:module');
  // From Node 22.1 on.
  if (enableCompileCache !== undefined) enableCompileCache(cache);
}

/**
 * Where what V8 made of the program is kept; undefined if nowhere. A folder that nobody else can write to, because whoever
 * can decides what runs; so not Node's own choice, the folder for temporary files.
 */
function cacheFolder() {
  if (process.env.NODE_DISABLE_COMPILE_CACHE) return undefined;
  const { mkdirSync, statSync } = require('node:fs');
  const { dirname, join } = require('node:path');
  const entry = (path) => statSync(path, { throwIfNoEntry: false });
  const isOwn = ({ uid }) => process.getuid === undefined || uid === process.getuid();
  try {
    const folder = join(process.env.XDG_CACHE_HOME || join(require('node:os').homedir(), '.cache'), 'invite');
    const found = entry(folder);
    if (found !== undefined) {
      return isOwn(found) && (process.getuid === undefined || (found.mode & 0o022) === 0) ? folder : undefined;
    }
    let above = dirname(folder);
    while (entry(above) === undefined) above = dirname(above);
    // Root leaves nothing in the home of somebody else, who could not write there afterwards.
    if (!isOwn(entry(above))) return undefined;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return folder;
  } catch (_error) {
    return undefined;
  }
}

/** The file of the built program. A fresh checkout has none yet and builds it now, once. */
function builtProgram() {
  const { existsSync } = require('node:fs');
  const { join } = require('node:path');
  const root = join(__dirname, '..');
  const built = join(root, 'dist', 'main.cjs');
  if (!existsSync(built)) {
    if (!existsSync(join(root, 'src', 'main.ts'))) return undefined;
    const { execFileSync } = require('node:child_process');
    process.stderr.write('building invite, this once\n');
    execFileSync(process.execPath, [join(root, '.build', 'build.js')], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
  return built;
}
