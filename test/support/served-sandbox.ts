import { afterAll, beforeAll } from 'vitest';
import type { Handler } from '../../src/sandbox/api.ts';
import { type Credentials, openSandbox, type Sandbox, type Settings } from '../../src/sandbox/sandbox.ts';
import { type ServerOptions, serveSandbox } from '../../src/sandbox/server.ts';
import { clientOf, fakeCredentials } from './run-built.ts';
import { testClock } from './run-cli.ts';

export interface ServedSandbox {
  readonly sandbox: Sandbox;
  readonly endpoint: string;
  /** What the program needs to find it. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

interface ServeOptions extends Partial<ServerOptions> {
  readonly switches?: Partial<Settings>;
  readonly credentials?: Credentials;
  /** Sees each request before the sandbox does. */
  readonly around?: (handler: Handler) => Handler;
}

/** A sandbox in memory, behind a socket. */
export async function serveTestSandbox({
  switches = {},
  around,
  ...options
}: ServeOptions = {}): Promise<ServedSandbox> {
  const { clock = testClock(), credentials = fakeCredentials } = options;
  const sandbox = openSandbox({ clock, switches, credentials });
  const handler = around?.(sandbox.handler) ?? sandbox.handler;
  const { endpoint, close } = await serveSandbox({ ...sandbox, handler }, { port: 0, latency: 0, ...options, clock });
  return { sandbox, endpoint, env: clientOf(endpoint, credentials), close };
}

/** The same for all tests of a file; its fields are there once they begin. */
export function useServedSandbox(options: ServeOptions = {}): Pick<ServedSandbox, 'endpoint' | 'sandbox'> {
  const served = {} as ServedSandbox;
  beforeAll(async () => void Object.assign(served, await serveTestSandbox(options)));
  afterAll(() => served.close());
  return served;
}
