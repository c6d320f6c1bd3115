import { openSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { type ServerOptions, serveSandbox } from '../../src/sandbox/server.ts';
import { temporaryFolder, testHost } from './run-cli.ts';

export interface ServedSandbox {
  readonly endpoint: string;
  readonly sandbox: Sandbox;
  close(): Promise<void>;
}

/** A sandbox of its own, behind a socket, for the key given. */
export async function serveSandboxFor(
  credentials: NonNullable<SandboxOptions['credentials']>,
  behaviour: Partial<ServerOptions> = {},
): Promise<ServedSandbox> {
  const { clock, processes } = testHost().host;
  const sandbox = openSandbox({ folder: temporaryFolder(), clock, processes, credentials });
  const served = await serveSandbox(sandbox, { port: 0, latency: 0, clock, ...behaviour });
  return { ...served, sandbox };
}
