import { writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Settings } from '../../src/sandbox/sandbox.ts';
import { observeSandbox, type SandboxAnswer, sendAnswer } from '../support/observed-sandbox.ts';
import type { World } from '../support/run-cli.ts';

/** Answers a POST that has taken effect in its own way; `post` counts the POSTs from 1. */
export type Tamper = (response: ServerResponse, honest: SandboxAnswer, post: number) => void;

export type MailApi = Awaited<ReturnType<typeof openMailApi>>;

interface Spoilers {
  /** Spoils answers from now on; undefined: none. */
  tamper: Tamper | undefined;
  /** Called for the next list of invitations when the sandbox has answered, before the answer is sent; once. */
  listed: (() => Promise<unknown>) | undefined;
}

/** The sandbox behind a socket, with a clock that nobody waits for and an answer to POST that a test may spoil. */
export async function openMailApi(switches: Partial<Settings> = {}) {
  let posts = 0;
  const spoilers: Spoilers = { tamper: undefined, listed: undefined };
  const observed = await observeSandbox(switches, async ({ method, path, perform }, response) => {
    const honest = await perform();
    const { listed, tamper } = spoilers;
    if (method === 'GET' && path === '/iam/v2/invitations' && listed !== undefined) {
      spoilers.listed = undefined;
      await listed();
    }
    if (method === 'POST' && tamper !== undefined) tamper(response, honest, ++posts);
    else sendAnswer(response, honest);
  });
  const { folder, invite, sandbox } = observed;
  return Object.assign(spoilers, observed, {
    stateDir: join(folder, 'state'),
    /** The document that a line prints, which has to end well. */
    json: async (line: string, more: World = {}) => {
      const { code, stdout, stderr } = await invite(`${line} -o json`, more);
      expect(code, stderr).toBe(0);
      return JSON.parse(stdout);
    },
    /** Writes a file into the folder of the program; its path. */
    write: (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    },
    /** Mails that one person got, or all. */
    mails: async (email?: string) => {
      const all = await sandbox.mails();
      return email === undefined ? [...all.values()].reduce((sum, count) => sum + count, 0) : (all.get(email) ?? 0);
    },
  });
}

export const cut: Tamper = (response) => response.destroy();

export const status =
  (code: number, headers: Record<string, string> = {}): Tamper =>
  (response) => {
    response.writeHead(code, headers);
    response.end();
  };
