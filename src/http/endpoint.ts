import { BlockList, isIP } from 'node:net';
import { CliError, ifPossible } from '../errors.ts';
import type { Environment } from '../host.ts';

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

/** `host:port`, an IPv6 host in brackets. */
export function addressOf({ hostname, port, protocol }: URL): string {
  return `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`;
}

function problemWith(text: string, url: URL | undefined): string | undefined {
  if (/[^\x21-\x7e]|\\/.test(text)) return 'it contains a character that is not allowed in a URL';
  if (/^[^/]*:\/*[^/?#]*@/.test(text)) return 'it contains a user name or password';
  if (/[?#]/.test(text)) return 'it contains a query or a fragment';
  if (url === undefined || !/^[a-z][\w+.-]*:\/\//i.test(text)) return 'it is not a URL';
  if (!/^https?:\/\//i.test(text)) return 'it does not begin with https://';
  if (url.hostname.endsWith('.')) return 'its host name ends with a dot';
  if (url.protocol === 'http:' && !isLoopback(url)) return 'http would send the API key unencrypted';
  return undefined;
}

function badEndpoint(text: string, reason = 'it is not a URL'): CliError {
  const shown = text.replace(/^([a-z]+:\/\/)?.*@/is, '$1***@').replace(/[?#].+/s, '?***');
  const hints = [`write it as ${defaultEndpoint}; http is allowed for this machine only: http://127.0.0.1:8080`];
  return new CliError('usage', `cannot use the endpoint "${shown}"`, { reason, hints });
}

/** Whether a URL leads to this machine, whatever DNS says. */
export function isLoopback({ hostname }: Pick<URL, 'hostname'>): boolean {
  return /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\]|\[::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4}\])$/.test(hostname);
}

export interface ProxyRoute {
  /** Without user and password. */
  readonly url: URL;
  /** The value of `Proxy-Authorization`, if the URL has a login. */
  readonly token?: string;
}

/**
 * The proxy that the environment sets for this endpoint; none for this machine. ALL_PROXY is not read. Throws `usage` for
 * one that cannot be used, needed or not.
 */
export function proxyFor(endpoint: URL, env: Environment): ProxyRoute | undefined {
  const scheme = endpoint.protocol === 'https:' ? 'https' : 'http';
  const name = [`${scheme}_proxy`, `${scheme.toUpperCase()}_PROXY`].find((variable) => env[variable]);
  const proxy = name === undefined ? undefined : parseProxy(name, env[name] ?? '');
  return isLoopback(endpoint) || isExcluded(endpoint, noProxy(env)) ? undefined : proxy;
}

/**
 * Whether NO_PROXY lists the host: by name, by a parent domain, by an address or a block of addresses, or by `*`, each but
 * the last two with or without a port.
 */
export function isExcluded(endpoint: URL, list: string): boolean {
  const host = endpoint.hostname.toLowerCase().replace(/^\[|\]$/g, '');
  const port = endpoint.port || (endpoint.protocol === 'https:' ? '443' : '80');
  return entriesOf(list).some((entry) => exceptionOf(entry)?.(host, port) === true);
}

/** The entries of NO_PROXY that except nothing, because it cannot be told what they mean. */
export function unclearExceptions(env: Environment): string[] {
  return entriesOf(noProxy(env)).filter((entry) => exceptionOf(entry) === undefined);
}

function noProxy(env: Environment): string {
  return env.no_proxy || env.NO_PROXY || '';
}

function entriesOf(list: string): string[] {
  return list.split(/[\s,;]+/).filter((entry) => entry !== '');
}

type Exception = (host: string, port: string) => boolean;

function exceptionOf(entry: string): Exception | undefined {
  if (entry === '*') return () => true;
  const addresses = new BlockList();
  const isListed: Exception = (host) => isIP(host) !== 0 && addresses.check(host, family(host));
  const [, block, size] = /^\[?([^[\]/]*)\]?\/(\d{1,3})$/.exec(entry) ?? [];
  if (block !== undefined) {
    const bits = { 4: 32, 6: 128 }[isIP(block)] ?? -1;
    if (Number(size) > bits) return undefined;
    addresses.addSubnet(block, Number(size), family(block));
    return isListed;
  }
  // A bare IPv6 address contains colons.
  const text = entry.toLowerCase();
  const [, named = text, only] = /^(\[.*\]|[^:]*)(?::(\d+))?$/.exec(text) ?? [];
  const name = named.replace(/^\*?\.|\.$/g, '').replace(/^\[|\]$/g, '');
  if (isIP(name) !== 0) addresses.addAddress(name, family(name));
  else if (!/^[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*$/u.test(name)) return undefined;
  const isNamed: Exception = (host, port) =>
    host === name || (isIP(host) === 0 && host.endsWith(`.${name}`)) || isListed(host, port);
  return (host, port) => (only === undefined || only === port) && isNamed(host, port);
}

function family(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

/** The value is never shown: it may contain a password. */
function parseProxy(variable: string, value: string): ProxyRoute {
  // curl accepts a URL without a scheme, so people write one.
  const text = value.includes('://') ? value : `http://${value}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // Of a URL only the part before these is its host.
  if (/[#?\\]|\/(?!$)/.test(text.slice(text.indexOf('://') + 3)))
    throw unusableProxy(variable, 'only a login, a host and a port belong in it, no path, query or fragment');
  if (url === undefined || !['http:', 'https:'].includes(url.protocol) || url.hostname === '')
    throw unusableProxy(variable, 'it is not the URL of an HTTP proxy');
  const login = `${url.username}:${url.password}`;
  url.username = '';
  url.password = '';
  const plain = ifPossible(() => decodeURIComponent(login)) ?? login;
  return login === ':' ? { url } : { url, token: `Basic ${Buffer.from(plain).toString('base64')}` };
}

function unusableProxy(variable: string, reason: string): CliError {
  const hints = [
    `write ${variable} as http://host:port or http://user:password@host:port, or unset it`,
    'percent-encode special characters of the user and the password: # is %23, / is %2F, ? is %3F, @ is %40, \\ is %5C',
  ];
  return new CliError('usage', `cannot use "${variable}"`, { reason, hints });
}
