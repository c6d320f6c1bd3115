import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect } from 'vitest';
import { openSandbox } from '../../src/sandbox/sandbox.ts';
import { runCli, temporaryFolder, testHost, type World } from './run-cli.ts';

/** Somebody with folders and a sandbox of their own, new ones for each test of the file. */
export function useDesk() {
  let folder = '';
  beforeEach(() => {
    folder = temporaryFolder();
  });
  const invite = (line: string | readonly string[], world: World = {}) =>
    runCli(line, { folder, env: { INVITE_PROFILE: 'sandbox' }, ...world });
  /** The document that a line prints, which has to end well. */
  const json = async (line: string, world: World = {}) => {
    const { code, stdout, stderr } = await invite(`${line} -o json`, world);
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout);
  };
  return {
    invite,
    json,
    /** One field of each result. */
    column: async (field: string, line: string, world: World = {}): Promise<unknown[]> =>
      [await json(line, world)].flat().map((one) => one[field]),
    ok: async (...lines: readonly string[]) => {
      for (const line of lines) expect(await invite(line), line).toMatchObject({ code: 0 });
    },
    path: (name: string) => join(folder, name),
    write: (name: string, text: string | Buffer) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    },
    /** How many mails each person got. */
    mails: async () => {
      const { clock, processes } = testHost().host;
      return Object.fromEntries(await openSandbox({ folder: join(folder, 'state'), clock, processes }).mails());
    },
  };
}
