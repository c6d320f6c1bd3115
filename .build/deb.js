// Makes a Debian package of the executable: `npm run deb [-- EXECUTABLE] [OUTPUT-FOLDER]`, after `npm run binary`. It has
// the man page and the completions of bash, zsh and fish, and needs no Node.js.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';

const root = join(import.meta.dirname, '..');
const executable = resolve(process.argv[2] ?? join(root, 'binary', 'invite'));
const { name, version, description } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const architecture = { x64: 'amd64', arm64: 'arm64' }[process.arch];
if (process.platform !== 'linux' || architecture === undefined)
  throw new Error('a .deb is made on Linux, x64 or arm64');
const output = join(resolve(process.argv[3] ?? dirname(executable)), `${name}_${version}_${architecture}.deb`);
const work = mkdtempSync(join(tmpdir(), 'invite-deb-'));
process.once('exit', () => rmSync(work, { recursive: true, force: true }));
chmodSync(work, 0o755);

put('usr/bin/invite', 0o755, (path) => copyFileSync(executable, path));
const page = readFileSync(join(root, 'dist', 'invite.1'));
put('usr/share/man/man1/invite.1.gz', 0o644, (path) => writeFileSync(path, gzipSync(page, { level: 9 })));
const completions = {
  'invite.bash': 'usr/share/bash-completion/completions/invite',
  _invite: 'usr/share/zsh/vendor-completions/_invite',
  'invite.fish': 'usr/share/fish/vendor_completions.d/invite.fish',
};
for (const [file, place] of Object.entries(completions))
  put(place, 0o644, (path) => cpSync(join(root, 'completions', file), path));
put(`usr/share/doc/${name}/copyright`, 0o644, (path) => writeFileSync(path, copyright()));
// The oldest C library that the Node.js inside starts with.
const control = `Package: ${name}
Version: ${version}
Section: admin
Priority: optional
Architecture: ${architecture}
Depends: libc6 (>= 2.28), libgcc-s1, libstdc++6
Installed-Size: ${installedSize()}
Maintainer: ${maintainer()}
Description: ${lower(description)}
 People are invited, listed, reminded and removed, alone or by the file.
`;
put('DEBIAN/control', 0o644, (path) => writeFileSync(path, control));
execFileSync('dpkg-deb', ['--root-owner-group', '-Zxz', '--build', work, output], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
process.stdout.write(`${output}\n`);

function put(place, mode, write) {
  const path = join(work, place);
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  write(path);
  chmodSync(path, mode);
}

/** In KiB, as dpkg counts. */
function installedSize() {
  return execFileSync('du', ['-sk', join(work, 'usr')], { encoding: 'utf8' }).split('\t', 1)[0];
}

function copyright() {
  const texts = ['LICENSE', join('dist', 'THIRD-PARTY-LICENSES.txt')].map((file) =>
    readFileSync(join(root, file), 'utf8'),
  );
  return texts.join('\n\n');
}

/** Of whoever builds it; the project names nobody. */
function maintainer() {
  return process.env.DEBFULLNAME && process.env.DEBEMAIL
    ? `${process.env.DEBFULLNAME} <${process.env.DEBEMAIL}>`
    : `${name} <noreply@localhost>`;
}

/** As Debian wants a synopsis: no capital, no full stop. */
function lower(sentence) {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, '');
}
