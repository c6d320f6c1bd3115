type Variables = Readonly<Record<string, string | undefined>>;

export interface RunOptions {
  readonly timeout: number;
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
}

/** The environment variables that the program inherits. */
const kept = [
  ...['PATH', 'HOME', 'USER', 'LANG', 'TERM', 'XDG_RUNTIME_DIR'],
  ...['SYSTEMROOT', 'PATHEXT', 'APPDATA', 'LOCALAPPDATA'],
];

/** Runs a program without a shell; resolves to its stdout. Rejects if it fails, prints too much or takes too long. */
export async function runProgram(
  argv: readonly string[],
  { timeout, maxBytes, signal }: RunOptions,
  env: Variables,
): Promise<string> {
  // Takes 2 ms to load, and is needed only for a secret_command.
  const { spawn } = await import('node:child_process');
  const [program = '', ...rest] = argv;
  const environment = Object.fromEntries(kept.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, {
      env: environment,
      stdio: ['inherit', 'pipe', 'inherit'],
      timeout,
      signal,
      killSignal: 'SIGKILL',
    });
    const chunks: Buffer[] = [];
    let size = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > maxBytes) child.kill('SIGKILL');
    });
    child.on('error', reject);
    child.on('close', (code, killed) => {
      if (size > maxBytes) return reject(new Error(`it printed more than ${maxBytes} bytes`));
      if (killed !== null) return reject(new Error(`it was killed by ${killed} after at most ${timeout} ms`));
      if (code !== 0) return reject(new Error(`it ended with exit code ${code}`));
      resolve(Buffer.concat(chunks).toString('utf8'));
    });
  });
}
