import { spawn } from 'node:child_process';
import { fakeKey, fakeSecret } from './run-built.ts';
import { temporaryFolder } from './run-cli.ts';

const program = new URL('../../bin/invite.js', import.meta.url).pathname;

export interface ShellOptions {
  readonly endpoint?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly uid?: number;
}

interface ShellOutcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

/**
 * A script for bash, in which `invite` is the built command: for pipes, closed streams and full disks. The exit code of
 * the first command of a pipe that fails is that of the script.
 */
export function runShell(
  script: string,
  { endpoint = '', env = {}, cwd, uid }: ShellOptions = {},
): Promise<ShellOutcome> {
  const home = temporaryFolder();
  const start = performance.now();
  const known = {
    ...{
      PATH: process.env.PATH ?? '',
      HOME: home,
      INVITE_CONFIG_DIR: `${home}/config`,
      INVITE_STATE_DIR: `${home}/state`,
    },
    ...{ CONFLUENT_CLOUD_API_KEY: fakeKey, CONFLUENT_CLOUD_API_SECRET: fakeSecret, CONFLUENT_CLOUD_ENDPOINT: endpoint },
    ...env,
  };
  const text = `set -o pipefail\ninvite() { '${process.execPath}' '${program}' "$@"; }\n${script}`;
  const own = { env: known, cwd: cwd ?? home, ...(uid === undefined ? {} : { uid, gid: uid }) };
  const child = spawn('bash', ['-c', text], { ...own, stdio: ['ignore', 'pipe', 'pipe'] });
  const read = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      read[name] += chunk;
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...read, ms: performance.now() - start }));
  });
}
