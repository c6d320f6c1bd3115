import { CliError } from '../errors.ts';
import type { Clock } from '../host.ts';
import { type Layer, queryString, type Request, type Response } from './send.ts';

interface TraceOptions {
  readonly clock: Clock;
  readonly endpoint: URL;
  readonly redact: (text: string) => string;
  readonly print: (line: string) => void;
}

/** Headers that are useful and cannot hold a secret. Others are not shown. */
const shown = ['content-type', 'content-length', 'x-request-id', 'retry-after', 'location', 'date', 'server', 'via'];
const shownPrefix = 'x-ratelimit-';

/** The log of `--debug`: two lines for every attempt. */
export function trace({ clock, endpoint, redact, print }: TraceOptions): Layer {
  const base = `${endpoint.origin}${endpoint.pathname.replace(/\/+$/, '')}`;
  return (next) => async (request) => {
    const start = clock.monotonic();
    const since = () => `${Math.round(clock.monotonic() - start)} ms`;
    print(redact(`> ${requestLine(request, base)}`));
    try {
      const response = await next(request);
      print(redact(`< HTTP ${response.status} in ${since()}, ${response.body.length} bytes${headerText(response)}`));
      return response;
    } catch (error) {
      print(redact(`< no answer in ${since()}: ${errorText(error)}`));
      throw error;
    }
  };
}

function requestLine({ method, path, query, fresh }: Request, base: string): string {
  return `${method} ${base}${path}${queryString(query)}${fresh ? ' (new connection)' : ''}`;
}

function headerText({ headers }: Response): string {
  const kept = [...headers].filter(([name]) => shown.includes(name) || name.startsWith(shownPrefix));
  return kept.map(([name, value]) => `; ${name}: ${value}`).join('');
}

function errorText(error: unknown): string {
  if (error instanceof CliError) return error.toRecord().message;
  return error instanceof Error ? error.message : String(error);
}
