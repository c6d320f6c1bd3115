import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Settings } from '../../src/sandbox/sandbox.ts';
import { type ObservedSandbox, observeSandbox, type SandboxAnswer, sendAnswer } from '../support/observed-sandbox.ts';

/** Answers a POST that has taken effect in its own way; `post` counts the POSTs from 1. */
export type Tamper = (response: ServerResponse, honest: SandboxAnswer, post: number) => void;

export interface MailApi extends ObservedSandbox {
  readonly stateDir: string;
  /** Spoils answers from now on; undefined: none. */
  tamper: Tamper | undefined;
  /** Called for the next list of invitations when the sandbox has answered, before the answer is sent; once. */
  listed: (() => Promise<unknown>) | undefined;
  /** Mails that one person got, or all. */
  mails(email?: string): Promise<number>;
}

/** The sandbox behind a socket, with a clock that nobody waits for and an answer to POST that a test may spoil. */
export async function openMailApi(switches: Partial<Settings> = {}): Promise<MailApi> {
  let posts = 0;
  const observed = await observeSandbox(switches, async ({ method, path, perform }, response) => {
    const honest = await perform();
    const { listed } = api;
    if (method === 'GET' && path === '/iam/v2/invitations' && listed !== undefined) {
      api.listed = undefined;
      await listed();
    }
    if (method === 'POST' && api.tamper !== undefined) api.tamper(response, honest, ++posts);
    else sendAnswer(response, honest);
  });
  const api: MailApi = {
    ...observed,
    ...{ tamper: undefined, listed: undefined, stateDir: join(observed.folder, 'state') },
    mails: async (email) => {
      const all = await observed.sandbox.mails();
      return email === undefined ? [...all.values()].reduce((sum, count) => sum + count, 0) : (all.get(email) ?? 0);
    },
  };
  return api;
}

export const cut: Tamper = (response) => response.destroy();

export const status =
  (code: number, headers: Record<string, string> = {}): Tamper =>
  (response) => {
    response.writeHead(code, headers);
    response.end();
  };
