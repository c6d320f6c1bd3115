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
  if (node[0] >= 22) keepCompiled();
  // With --debug, stack traces name the lines of the source.
  if (process.argv.indexOf('--debug') > 0 || process.env.INVITE_DEBUG) process.setSourceMapsEnabled(true);
  run(program());
}

function run(built) {
  if (built === undefined) {
    process.stderr.write('error: this package was packed without its program: pack it with "npm run package"\n');
    process.exitCode = 1;
    return;
  }
  built.start(process.argv.slice(2)).then((code) => {
    process.exitCode = code;
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

/**
 * From Node 22 on: what V8 makes of the program is kept for the next start. In a folder of one's own, for whoever can
 * write there decides what runs, and Node's choice is the folder for temporary files.
 */
function keepCompiled() {
  const { enableCompileCache } = require('node:module');
  if (enableCompileCache === undefined) return;
  const { homedir } = require('node:os');
  const { join } = require('node:path');
  enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'invite'));
}

/** The built program. A fresh checkout has none yet and builds it now, once. */
function program() {
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
  return require(built);
}
