import { CliError } from '../errors.ts';

export const defaultEndpoint = 'https://api.confluent.cloud';

/**
 * The base of every request. Encrypted, unless the server is this very machine; without a login, query or fragment.
 * A path in front of the API's own is kept, without its last slash. Throws `usage` naming the value, its login masked.
 */
export function parseEndpoint(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const complaint = complaintAbout(text, url);
  if (url === undefined || complaint !== undefined) throw badEndpoint(text, complaint);
  url.pathname = url.pathname.replace(/\/+$/, '');
  return url;
}

function complaintAbout(text: string, url: URL | undefined): string | undefined {
  if (/[^\x21-\x7e]|\\/.test(text)) return 'it holds a character that does not belong in a web address';
  if (/^[^/]*:\/*[^/?#]*@/.test(text)) return 'it holds a user name or password';
  if (/[?#]/.test(text)) return 'it holds a query or a fragment';
  if (url === undefined || !/^https?:\/\//i.test(text)) return 'it is not a web address';
  if (url.hostname.endsWith('.')) return 'its host name ends with a dot';
  if (url.protocol === 'http:' && !isLoopback(url)) return 'http would send the key unencrypted';
  return undefined;
}

function badEndpoint(text: string, reason = 'it is not a web address'): CliError {
  const shown = text.replace(/^([a-z]+:\/\/)?.*@/is, '$1***@');
  const hints = [`write it as ${defaultEndpoint}; http is only for this machine: http://127.0.0.1:8080`];
  return new CliError('usage', `cannot use the endpoint "${shown}"`, { reason, hints });
}

/** Whether a URL leads to this machine itself, whatever a name server says. */
export function isLoopback({ hostname }: Pick<URL, 'hostname'>): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
