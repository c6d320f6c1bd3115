import { CliError } from '../errors.ts';

export const defaultEndpoint = 'https://api.confluent.cloud';

/**
 * The base URL of every request: https, unless the server is this machine, without user name, password, query or
 * fragment. A path is kept, without its trailing slash. Throws `usage` naming the value, with a password masked.
 */
export function parseEndpoint(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const problem = problemWith(text, url);
  if (url === undefined || problem !== undefined) throw badEndpoint(text, problem);
  url.pathname = url.pathname.replace(/\/+$/, '');
  return url;
}

/** The endpoint without a slash at its end, for what begins with one. */
export function baseOf({ origin, pathname }: URL): string {
  return `${origin}${pathname.replace(/\/+$/, '')}`;
}

function problemWith(text: string, url: URL | undefined): string | undefined {
  if (/[^\x21-\x7e]|\\/.test(text)) return 'it contains a character that is not allowed in a URL';
  if (/^[^/]*:\/*[^/?#]*@/.test(text)) return 'it contains a user name or password';
  if (/[?#]/.test(text)) return 'it contains a query or a fragment';
  if (url === undefined || !/^https?:\/\//i.test(text)) return 'it is not a URL';
  if (url.hostname.endsWith('.')) return 'its host name ends with a dot';
  if (url.protocol === 'http:' && !isLoopback(url)) return 'http would send the API key unencrypted';
  return undefined;
}

function badEndpoint(text: string, reason = 'it is not a URL'): CliError {
  const shown = text.replace(/^([a-z]+:\/\/)?.*@/is, '$1***@');
  const hints = [`write it as ${defaultEndpoint}; http is allowed for this machine only: http://127.0.0.1:8080`];
  return new CliError('usage', `cannot use the endpoint "${shown}"`, { reason, hints });
}

/** Whether a URL leads to this machine, whatever DNS says. */
export function isLoopback({ hostname }: Pick<URL, 'hostname'>): boolean {
  return /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\]|\[::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4}\])$/.test(hostname);
}

/**
 * The logins in what was typed or set as an endpoint, or looks like a URL: such an endpoint is refused, but error messages
 * quote what was typed.
 */
export function loginsIn(argv: readonly string[], variable: string | undefined): string[] {
  const values = argv.flatMap((word, index) => {
    const [, name, value = word] = /^(--[\w-]+)=(.*)$/s.exec(word) ?? [];
    // A role with a CRN for its scope has an @ as well.
    const isAddress = value.includes('://') && !value.includes('@crn://');
    const isEndpoint = [name, argv[index - 1]].includes('--endpoint') || isAddress;
    return isEndpoint ? [value] : [];
  });
  return [...values, variable ?? ''].flatMap((value) => {
    const [, login] = /^(?:[a-z][\w+.-]*:\/\/)?(.*@)/is.exec(value) ?? [];
    if (login === undefined) return [];
    const password = login.slice(login.indexOf(':') + 1, -1);
    return [login, password].flatMap((text) => [text, text.replaceAll("'", String.raw`'\''`)]);
  });
}
