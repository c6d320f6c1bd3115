import type { CliError } from '../../src/errors.ts';
import { NoResponse } from '../../src/http/failure.ts';
import type { Request, Response, Send } from '../../src/http/send.ts';

type Headers = Readonly<Record<string, string>>;

export function answer(status: number, body: unknown = '', headers: Headers = {}): Response {
  const isRaw = typeof body === 'string' || body instanceof Uint8Array;
  const type: Headers = isRaw ? {} : { 'content-type': 'application/json' };
  const text = () => (typeof body === 'string' ? body : JSON.stringify(body));
  const bytes = body instanceof Uint8Array ? body : new TextEncoder().encode(text());
  return { status, headers: new Map(Object.entries({ ...type, ...headers })), body: bytes };
}

export interface Script extends Send {
  readonly requests: readonly Request[];
}

/** Answers with the steps one after the other, the last one for ever; an error among them is thrown. */
export function script(...steps: readonly (Response | Error)[]): Script {
  const requests: Request[] = [];
  const send = async (request: Request) => {
    const step = steps[Math.min(requests.length, steps.length - 1)];
    requests.push(request);
    if (step === undefined || step instanceof Error) throw step;
    return step;
  };
  return Object.assign(send, { requests });
}

/** Never answers; rejects like the network does when its signal aborts. */
export const silence: Send = ({ signal }) =>
  new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => {
      const { code, message, details } = signal.reason as CliError;
      reject(new NoResponse(code, message, { ...details, sent: true }));
    });
  });
