import type { Call } from './call.ts';

export interface Credentials {
  readonly api_key: string;
  readonly api_secret: string;
}

/** The key of every sandbox. It opens nothing else, and looks like it. */
export const sandboxKey: Credentials = {
  api_key: 'INVITESANDBOX001',
  api_secret: 'cflt/sandbox-this-is-not-a-secret-0000000000000000000000000000',
};

/** Whether a call carries these in a Basic header, the only scheme that the sandbox knows. */
export function isFrom({ headers }: Call, { api_key, api_secret }: Credentials): boolean {
  const [, basic] = /^basic +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  return basic !== undefined && Buffer.from(basic, 'base64').toString('utf8') === `${api_key}:${api_secret}`;
}
