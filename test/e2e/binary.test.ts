// The single executable does what the package does: without Node on the PATH, at a terminal and in a pipe.
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAuthority, createCertificate } from '../faults/certificate.ts';
import { startFaultServer } from '../faults/server.ts';
import { keys, runInPty, visible } from '../support/pty.ts';
import { clientOf } from '../support/run-built.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'invite-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }), 60_000);

const program = join(folder, 'invite');
const env = {
  PATH: '/nowhere',
  HOME: folder,
  INVITE_PROFILE: 'sandbox',
  INVITE_CONFIG_DIR: join(folder, 'config'),
  INVITE_STATE_DIR: join(folder, 'state'),
};

/** One line as its user types it. */
async function typed(line: string) {
  const { stdout, stderr } = await run(program, line.split(' '), { env, cwd: folder });
  return { stdout, stderr };
}

// The Node that goes inside is downloaded, and the build takes long: only on request.
describe.runIf(process.env.INVITE_TEST_BINARY)(
  'the single executable, if INVITE_TEST_BINARY is set',
  { timeout: 60_000 },
  () => {
    beforeAll(async () => {
      await run(process.execPath, [join(root, '.build', 'binary.js'), program]);
    }, 900_000);

    test('is one file of the size that CONTRIBUTING.md names', () => {
      const mebibytes = statSync(program).size / 2 ** 20;
      const [, named] = /about (\d+) MiB/.exec(readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8')) ?? [];
      expect(Math.abs(mebibytes - Number(named))).toBeLessThan(15);
    });

    test('says its version and its help', async () => {
      const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
      expect(await typed('--version')).toEqual({ stdout: `${version}\n`, stderr: '' });
      expect((await typed('--help')).stdout).toContain('Usage: invite <command> [options]');
    });

    test('imports, lists and completes', async () => {
      writeFileSync(join(folder, 'people.csv'), 'email\nann@example.com\nbob@example.com\n');
      const { stdout } = await typed('import people.csv --yes -o json');
      expect(JSON.parse(stdout).map(({ outcome }: { outcome: string }) => outcome)).toEqual(['created', 'created']);
      for (const format of ['table', 'json', 'ndjson', 'csv', 'yaml']) {
        expect((await typed(`list -o ${format}`)).stdout).toContain('bob@example.com');
      }
      const scripts = ['bash', 'zsh', 'fish', 'powershell'].map((shell) => typed(`completion ${shell}`));
      for (const script of await Promise.all(scripts)) expect(script.stdout).toContain('invite');
    });

    test('offers a choice at a terminal', async () => {
      await typed('create cyd@example.com dan@example.com');
      const steps = [
        { expect: 'show which invitation?', send: 'cyd', pause: 300 },
        { expect: 'cyd@example.com  pending', send: keys.enter, pause: 300 },
      ];
      const { code, drawn } = await runInPty([program, 'get'], steps, { env });
      expect(code).toBe(0);
      expect(visible(drawn)).toMatch(/email: +cyd@example\.com/);
    });

    test('runs nothing that NODE_OPTIONS names', async () => {
      const evil = join(folder, 'evil.cjs');
      writeFileSync(evil, `require('node:fs').writeFileSync(${JSON.stringify(join(folder, 'ran'))}, '')`);
      for (const options of [`--require ${evil}`, '--no-such-option']) {
        const { stdout } = await run(program, ['list', '-o', 'json'], { env: { ...env, NODE_OPTIONS: options } });
        expect(JSON.parse(stdout).length).toBeGreaterThan(0);
      }
      expect(existsSync(join(folder, 'ran'))).toBe(false);
    });

    test('fails as the package does, and leaves nothing behind', async () => {
      await expect(typed('list --status nope')).rejects.toMatchObject({ code: 2, stdout: '' });
      expect(existsSync(join(folder, '.cache'))).toBe(false);
    });
  },
);

const hasDebian = process.getuid?.() === 0 && ['debootstrap', 'dpkg-deb', 'chroot'].every(isOnPath);

function isOnPath(name: string): boolean {
  return ['/usr/sbin', '/usr/bin', '/sbin', '/bin'].some((place) => existsSync(join(place, name)));
}

describe.runIf(process.env.INVITE_TEST_BINARY && hasDebian)(
  'the Debian package in a Debian that has nothing, if INVITE_TEST_BINARY is set, as root, with debootstrap',
  { timeout: 60_000 },
  () => {
    const debian = join(folder, 'debian');
    const inside = (...words: readonly string[]) =>
      run('chroot', [debian, ...words], { env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } });
    const invite = (line: string, more: Record<string, string> = {}) => {
      const known = { HOME: '/root', INVITE_CONFIG_DIR: '/root/config', INVITE_STATE_DIR: '/root/state', ...more };
      const variables = Object.entries(known).map(([name, value]) => `${name}=${value}`);
      return inside('env', ...variables, 'invite', ...line.split(' '));
    };

    beforeAll(async () => {
      await run('debootstrap', ['--variant=minbase', 'stable', debian]);
      const { stdout } = await run(process.execPath, [join(root, '.build', 'deb.js'), program, folder]);
      cpSync(stdout.trim(), join(debian, 'invite.deb'));
      await inside('dpkg', '--install', '/invite.deb');
    }, 900_000);

    test('starts, with the page for man and the completions of three shells', async () => {
      expect((await invite('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
      for (const shell of ['bash', 'zsh', 'fish'])
        expect((await invite(`completion ${shell}`)).stdout).toContain('invite');
      expect((await invite('completion complete -- =del')).stdout).toMatch(/^words\ndelete\t/);
      const { stdout } = await inside('dpkg', '--listfiles', 'confluent-invite');
      for (const place of [
        'man/man1/invite.1.gz',
        'bash-completion/completions/invite',
        'zsh/vendor-completions/_invite',
        'fish/vendor_completions.d/invite.fish',
      ])
        expect(stdout).toContain(`/usr/share/${place}\n`);
    });

    test('lists an organization over TLS', async () => {
      const authority = createAuthority('Test Root');
      const tls = createCertificate({ names: ['127.0.0.1'], issuer: authority });
      writeFileSync(join(debian, 'root.pem'), authority.cert);
      const server = await startFaultServer({ tls });
      const { stdout } = await invite('list -o id', {
        NODE_EXTRA_CA_CERTS: '/root.pem',
        ...clientOf(server.url),
      });
      await server.stop();
      expect(stdout).toContain('i-sent');
    });

    test('goes as it came', async () => {
      await inside('dpkg', '--purge', 'confluent-invite');
      expect(existsSync(join(debian, 'usr', 'bin', 'invite'))).toBe(false);
    });
  },
);
