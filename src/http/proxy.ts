import { CliError } from '../errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface ProxyRoute {
  /** Without user and password. */
  readonly url: URL;
  /** The value of `Proxy-Authorization`, if the URL has a login. */
  readonly token?: string;
}

/** The proxy that the environment sets for this endpoint. ALL_PROXY is not read. */
export function proxyFor(endpoint: URL, env: Environment): ProxyRoute | undefined {
  const scheme = endpoint.protocol === 'https:' ? 'https' : 'http';
  const name = [`${scheme}_proxy`, `${scheme.toUpperCase()}_PROXY`].find((variable) => env[variable]);
  if (name === undefined || isExcluded(endpoint, env.no_proxy ?? env.NO_PROXY ?? '')) return undefined;
  return parseProxy(name, env[name] ?? '');
}

/** Whether NO_PROXY lists the host: by name, by a parent domain, with or without a port, or by `*`. */
export function isExcluded(endpoint: URL, list: string): boolean {
  const host = endpoint.hostname.toLowerCase();
  const port = endpoint.port || (endpoint.protocol === 'https:' ? '443' : '80');
  return list.split(/[\s,]+/).some((entry) => {
    if (entry === '*') return true;
    // A bare IPv6 address contains colons.
    const [, name = '', only] = /^(\[.*\]|[^:]*)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? ['', entry.toLowerCase()];
    const domain = name.replace(/^\*?\./, '');
    if (domain === '' || (only !== undefined && only !== port)) return false;
    return host === domain || host === `[${domain}]` || host.endsWith(`.${domain}`);
  });
}

/** The value is never shown: it may contain a password. */
function parseProxy(variable: string, value: string): ProxyRoute {
  // curl accepts a URL without a scheme, so people write one.
  const text = value.includes('://') ? value : `http://${value}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol) || url.hostname === '') {
    const hints = [`write ${variable} as http://host:port, or unset it`];
    throw new CliError('usage', `cannot use "${variable}"`, {
      reason: 'it is not the URL of an HTTP proxy',
      hints,
    });
  }
  const login = `${url.username}:${url.password}`;
  url.username = '';
  url.password = '';
  return login === ':' ? { url } : { url, token: `Basic ${Buffer.from(unescaped(login)).toString('base64')}` };
}

function unescaped(login: string): string {
  try {
    return decodeURIComponent(login);
  } catch {
    return login;
  }
}
