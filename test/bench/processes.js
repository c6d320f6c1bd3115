import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const here = import.meta.dirname;
const home = mkdtempSync(join(tmpdir(), 'invite-bench-'));
process.once('exit', () => rmSync(home, { recursive: true, force: true }));

/** Without NODE_EXTRA_CA_CERTS, which alone adds up to 37 ms to a start of Node 20 and hides every ratio. */
export const bareEnvironment = { PATH: process.env.PATH, HOME: home, CI: '1' };

/** A folder that is gone when the benchmarks end. */
export function folder() {
  return mkdtempSync(join(home, 'run-'));
}

/** Where a program is; undefined if it is not installed. */
export function programAt(name) {
  try {
    return execFileSync('which', [name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}

/** The interpreter itself: what is called `python3` may be a script that looks for it, at the cost of several starts. */
export function pythonAt() {
  const python = programAt('python3');
  return python && execFileSync(python, ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
}

/** Runs a command to its end and returns how many milliseconds it took. Its output goes through a pipe, as a script would read it. */
export async function timed({ words: [program, ...args], env = {}, input }) {
  const start = performance.now();
  const child = spawn(program, args, { env: { ...bareEnvironment, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  const errors = [];
  child.stdin.on('error', () => {});
  child.stdin.end(input ?? '');
  child.stdout.resume();
  child.stderr.on('data', (chunk) => errors.push(chunk));
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) throw new Error(`${[program, ...args].join(' ')} ended with ${code}: ${Buffer.concat(errors)}`);
  return performance.now() - start;
}

/** The most memory that a Node program held, in MiB. */
export async function peakOf(command) {
  const file = join(folder(), 'peak');
  const env = { ...command.env, BENCH_PEAK: file, NODE_OPTIONS: `--require=${join(here, 'peak.cjs')}` };
  await timed({ ...command, env });
  return Number(readFileSync(file, 'utf8')) / 1024;
}

/** Makes the command that runs invite, against an API or none. */
export function inviteWith(node, program) {
  return (words, api, env = {}) => ({
    words: [node, program, ...words],
    env: {
      ...(api === undefined ? {} : { ...credentials, CONFLUENT_CLOUD_ENDPOINT: api.endpoint }),
      ...places(),
      ...env,
    },
  });
}

export const credentials = { CONFLUENT_CLOUD_API_KEY: 'BENCHKEY00000001', CONFLUENT_CLOUD_API_SECRET: 'bench-secret' };

function places() {
  return { INVITE_CONFIG_DIR: folder(), INVITE_STATE_DIR: folder() };
}

/** Does something while an API of the benchmarks answers, which runs in a process of its own. */
export async function withApi(options, act) {
  const child = spawn(process.execPath, [join(here, 'api.js'), JSON.stringify(options)], {
    env: bareEnvironment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const endpoint = await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the API ended with ${code}`)));
    child.stdout.once('data', (line) => resolve(String(line).trim()));
  });
  try {
    return await act({ endpoint, tally: async () => (await fetch(`${endpoint}/tally`)).json() });
  } finally {
    child.kill();
  }
}
