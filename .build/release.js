// Writes what belongs beside the assets of a release: `node .build/release.js FOLDER OWNER/REPOSITORY`. Of all files in
// the folder it writes SHA256SUMS, and out of these sums the Homebrew formula and the Scoop manifest.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder, repository] = process.argv.slice(2);
if (!folder || !/^[\w.-]+\/[\w.-]+$/.test(repository ?? '')) {
  process.stderr.write('usage: node .build/release.js FOLDER OWNER/REPOSITORY\n');
  process.exit(2);
}
const root = join(import.meta.dirname, '..');
const { version, description, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const home = `https://github.com/${repository}`;
const written = ['SHA256SUMS', 'invite.rb', 'invite.json'];
const names = readdirSync(folder)
  .filter((name) => !written.includes(name))
  .sort();
const sums = new Map(names.map((name) => [name, sumOf(name)]));

writeFileSync(join(folder, 'invite.rb'), formula());
writeFileSync(join(folder, 'invite.json'), `${JSON.stringify(manifest(), null, 2)}\n`);
// Of the two as well, so that one list covers everything that is published.
for (const name of ['invite.json', 'invite.rb']) sums.set(name, sumOf(name));
writeFileSync(join(folder, 'SHA256SUMS'), [...sums].map(([name, sum]) => `${sum}  ${name}\n`).join(''));

function sumOf(name) {
  return createHash('sha256')
    .update(readFileSync(join(folder, name)))
    .digest('hex');
}

/** The executable for a system, as the workflow names it: `invite-0.1.0-linux-x64`. */
function executable(system, suffix = '') {
  return assetNamed(`invite-${version}-${system}${suffix}`);
}

function assetNamed(name) {
  const sum = sums.get(name);
  if (sum === undefined) throw new Error(`${folder} has no ${name}`);
  return { url: `${home}/releases/download/v${version}/${name}`, sum };
}

function formula() {
  const choice = (system) => {
    const { url, sum } = executable(system);
    return `url "${url}"\n      sha256 "${sum}"`;
  };
  const page = assetNamed('invite.1');
  return `class Invite < Formula
  desc "${description}"
  homepage "${home}"
  version "${version}"
  license "${license}"

  on_macos do
    on_arm do
      ${choice('macos-arm64')}
    end
    on_intel do
      ${choice('macos-x64')}
    end
  end
  on_linux do
    on_arm do
      ${choice('linux-arm64')}
    end
    on_intel do
      ${choice('linux-x64')}
    end
  end

  resource "man" do
    url "${page.url}"
    sha256 "${page.sum}"
  end

  def install
    bin.install Dir["invite-*"].first => "invite"
    chmod 0755, bin/"invite"
    generate_completions_from_executable(bin/"invite", "completion", shells: [:bash, :zsh, :fish])
    resource("man").stage { man1.install "invite.1" }
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/invite --version")
  end
end
`;
}

function manifest() {
  const { url, sum } = executable('windows-x64', '.exe');
  return {
    version,
    description,
    homepage: home,
    license,
    architecture: { '64bit': { url: `${url}#/invite.exe`, hash: sum } },
    bin: 'invite.exe',
  };
}
