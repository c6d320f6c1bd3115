import { CliError } from '../errors.ts';
import type { Clock } from '../host.ts';
import { type Layer, queryString, type Request, type Response } from './send.ts';

export interface TraceOptions {
  readonly clock: Clock;
  readonly endpoint: URL;
  readonly redact: (text: string) => string;
  readonly print: (line: string) => void;
}

/** The headers that help and cannot hold a secret. Everything else is not shown. */
const shown = ['content-type', 'content-length', 'x-request-id', 'retry-after', 'location', 'date', 'server', 'via'];
const shownStart = 'x-ratelimit-';

/** The log of `--debug`: two lines for every attempt. */
export function trace({ clock, endpoint, redact, print }: TraceOptions): Layer {
  const base = `${endpoint.origin}${endpoint.pathname.replace(/\/+$/, '')}`;
  return (next) => async (request) => {
    const start = clock.monotonic();
    const since = () => `${Math.round(clock.monotonic() - start)} ms`;
    print(redact(`> ${lineOf(request, base)}`));
    try {
      const response = await next(request);
      print(redact(`< HTTP ${response.status} in ${since()}, ${response.body.length} bytes${headersOf(response)}`));
      return response;
    } catch (error) {
      print(redact(`< no answer in ${since()}: ${wordsOf(error)}`));
      throw error;
    }
  };
}

function lineOf({ method, path, query, fresh }: Request, base: string): string {
  return `${method} ${base}${path}${queryString(query)}${fresh ? ' (new connection)' : ''}`;
}

function headersOf({ headers }: Response): string {
  const kept = [...headers].filter(([name]) => shown.includes(name) || name.startsWith(shownStart));
  return kept.map(([name, value]) => `; ${name}: ${value}`).join('');
}

function wordsOf(error: unknown): string {
  if (error instanceof CliError) return error.toRecord().message;
  return error instanceof Error ? error.message : String(error);
}
