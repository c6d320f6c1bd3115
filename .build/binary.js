// Makes one executable of `dist` for this machine, with Node inside: `npm run binary [-- PATH]`.
// The files of `dist` become one script as they are, so the executable runs what the package runs.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

// The LTS line. V8 takes its code cache only from the version that wrote it, so the same Node builds and goes inside.
const nodeVersion = '24.21.0';

const root = join(import.meta.dirname, '..');
const suffix = process.platform === 'win32' ? '.exe' : '';
const output = resolve(process.argv[2] ?? join(root, 'binary', `invite${suffix}`));
const work = mkdtempSync(join(tmpdir(), 'invite-binary-'));
process.once('exit', () => rmSync(work, { recursive: true, force: true }));

const node = process.env.INVITE_BINARY_NODE || nodeFromRegistry();
const script = join(work, 'invite.cjs');
writeFileSync(script, oneScript());
build(node, script);
const mebibytes = (statSync(output).size / 2 ** 20).toFixed(0);
process.stdout.write(
  `${output} (${mebibytes} MiB, Node.js ${execFileSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).trim()})\n`,
);

/** Node as the registry has it for this machine, without its install scripts. */
function nodeFromRegistry() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${platform}-${process.arch}`;
  writeFileSync(join(work, 'package.json'), '{}');
  const words = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', `${name}@${nodeVersion}`];
  execFileSync('npm', words, {
    cwd: work,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  const bin = join(work, 'node_modules', name, 'bin', `node${suffix}`);
  if (!existsSync(bin)) throw new Error(`${name}@${nodeVersion} holds no bin/node${suffix}`);
  return bin;
}

/** The files of `dist` as functions in one script, which `require` finds by their names, and the entry. */
function oneScript() {
  const dist = join(root, 'dist');
  const names = readdirSync(dist).filter((name) => name.endsWith('.cjs'));
  const files = names.map(
    (name) => `${JSON.stringify(`./${name}`)}: ${wrapped(name, readFileSync(join(dist, name), 'utf8'))}`,
  );
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const entry = readFileSync(join(import.meta.dirname, 'binary-entry.cjs'), 'utf8');
  return entry
    .replace('__VERSION__', () => JSON.stringify(version))
    .replace('__FILES__', () => `{\n${files.join(',\n')}\n}`);
}

/** In parentheses V8 compiles a function at once, so that the code cache holds it: what every start runs. */
function wrapped(name, text) {
  const code = text.replace(/^\/\/# sourceMappingURL=.*$/m, '');
  const whole = `function (exports, module, require) {${code}\n}`;
  return ['main.cjs', 'rolldown-runtime.cjs'].includes(name) ? `(${whole})` : whole;
}

function build(node, script) {
  mkdirSync(dirname(output), { recursive: true });
  const [config, blob] = [join(work, 'sea.json'), join(work, 'sea.blob')];
  const settings = {
    ...{ main: script, output: blob, disableExperimentalSEAWarning: true, useCodeCache: true },
    // Else NODE_OPTIONS=--require would run code of whoever sets it beside the Cloud key.
    execArgvExtension: 'none',
  };
  writeFileSync(config, JSON.stringify(settings));
  execFileSync(node, ['--experimental-sea-config', config], { stdio: 'pipe' });
  const fresh = join(work, `invite${suffix}`);
  copyFileSync(node, fresh);
  chmodSync(fresh, 0o755);
  if (process.platform === 'linux') execFileSync('strip', ['--strip-all', fresh]);
  // macOS runs no program on Apple's processors whose signature does not fit: the old one goes before, a new one comes after.
  if (process.platform === 'darwin') execFileSync('codesign', ['--remove-signature', fresh]);
  inject(fresh, blob);
  if (process.platform === 'darwin') execFileSync('codesign', ['--sign', '-', '--force', fresh], { stdio: 'inherit' });
  copyFileSync(fresh, output);
  chmodSync(output, 0o755);
}

function inject(executable, blob) {
  const postject = join(root, 'node_modules', 'postject', 'dist', 'cli.js');
  const fuse = ['--sentinel-fuse', 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'];
  const segment = process.platform === 'darwin' ? ['--macho-segment-name', 'NODE_SEA'] : [];
  const words = [postject, executable, 'NODE_SEA_BLOB', blob, ...fuse, ...segment];
  // It warns of sections that strip took; what fails throws, with its words.
  execFileSync(process.execPath, words, { stdio: 'pipe' });
}
