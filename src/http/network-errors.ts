import { existsSync } from 'node:fs';
import { CliError, type FailureDetails, ifPossible, wordsOf } from '../errors.ts';
import { readBytes } from '../files/read.ts';
import type { Environment } from '../host.ts';
import { orList } from '../text/suggest.ts';
import { addressOf, type ProxyRoute } from './endpoint.ts';
import { describeResponse, NoResponse } from './failure.ts';
import type { Response } from './send.ts';

/** Which authorities a certificate was checked against. */
interface Trust {
  readonly env: Environment;
  /** Whether the system's store was asked as well; false where Node.js cannot. */
  readonly hasAskedSystem: boolean;
}

interface ConnectionInfo extends Trust {
  /** `host:port` of the endpoint. */
  readonly peer: string;
  readonly proxy?: ProxyRoute | undefined;
  /** Whether the server may have received the request. */
  readonly sent: boolean;
  readonly partial?: Response | undefined;
}

/** The body of a response cannot be used. */
export class DecodeError extends Error {}

export class ProxyRefusal extends Error {
  /** The proxy's HTTP status; undefined if the connection to it failed. */
  readonly status: number | undefined;

  constructor(status: number | undefined, cause?: unknown) {
    super('the proxy opened no tunnel', { cause });
    this.status = status;
  }
}

/** The failure for whatever undici ends a request with. What it refuses to send is a bug of ours and is thrown as it is. */
export function networkError(error: unknown, connection: ConnectionInfo): NoResponse {
  const { peer, proxy, sent, partial } = connection;
  // After a 2xx the request has taken effect, even if the rest was lost.
  const http_status = partial === undefined || partial.status < 200 ? undefined : partial.status;
  const known = { http_status, request_id: partial?.headers.get('x-request-id'), sent, cause: error };
  if (error instanceof CliError)
    return new NoResponse(error.code, error.message, { ...error.details, http_status, sent });
  if (error instanceof ProxyRefusal) {
    const message = `cannot connect through the proxy "${proxy && addressOf(proxy.url)}"`;
    return new NoResponse('proxy', message, { ...proxyProblem(error, connection), sent, cause: error });
  }
  const unreadable = (problem: string) =>
    new NoResponse('bad_response', `cannot read the response of "${peer}"`, {
      reason: partial === undefined ? problem : `${describeResponse(partial)}: ${problem}`,
      ...known,
    });
  if (error instanceof DecodeError) return unreadable(`its body cannot be used: ${error.message}`);
  const code = codeOf(error);
  if (code === 'UND_ERR_INVALID_ARG' && !sent) throw error;
  const [kind, words] = meaningOf(code);
  const reason = `${words} (${code})`;
  switch (kind) {
    case 'bad_response':
      return unreadable(reason);
    case 'tls':
      return new NoResponse('tls', `cannot trust "${peer}"`, { ...untrusted(code, connection), ...known });
    default:
      return new NoResponse(kind, `cannot reach "${peer}"`, { reason, retryable: true, ...known });
  }
}

type Meaning = readonly [code: 'network' | 'timeout' | 'bad_response' | 'tls', reason: string, advice?: string];

const clock = 'check the endpoint, and the clock of this machine';
const other = 'check the endpoint and the proxy: something else answers in its place';
const plain = 'check the endpoint and the proxy: what answers may not speak TLS';

/** Error codes of Node, undici and OpenSSL; the first match counts. */
const meanings: readonly (readonly [RegExp, ...Meaning])[] = [
  [/^ECONNREFUSED$/, 'network', 'connection refused'],
  [/^ENOTFOUND$/, 'network', 'there is no such host'],
  [/^EAI_/, 'network', 'the host name could not be resolved'],
  [/^E(NET|HOST)(UNREACH|DOWN)$/, 'network', 'the host is unreachable'],
  [/^(ETIMEDOUT|UND_ERR_(CONNECT|HEADERS)_TIMEOUT)$/, 'timeout', 'no answer in time'],
  [/^(UND_ERR_RES_CONTENT_LENGTH_MISMATCH|HPE_INVALID_EOF_STATE)$/, 'network', 'the answer was cut short'],
  [/^(ECONNRESET|EPIPE|ECONNABORTED|UND_ERR_SOCKET)$/, 'network', 'the connection was closed'],
  [/^UND_ERR_HEADERS_OVERFLOW$/, 'bad_response', 'its headers are larger than 16 KiB'],
  // undici asserts what it takes for granted of a response.
  [/^(HPE_|ERR_ASSERTION$|UNKNOWN$)/, 'bad_response', 'it is not HTTP'],
  [/^CERT_HAS_EXPIRED$/, 'tls', 'its certificate has expired', clock],
  [/^CERT_NOT_YET_VALID$/, 'tls', 'its certificate is not valid yet', clock],
  [/^(ERR_TLS_CERT_ALTNAME|HOSTNAME_MISMATCH)/, 'tls', 'its certificate is for another host', other],
  [/^(EPROTO$|ERR_SSL_|ERR_TLS_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_)/, 'tls', 'the TLS handshake failed'],
];

function meaningOf(code: string): Meaning {
  const [, ...meaning] = meanings.find(([match]) => match.test(code)) ?? [/./, 'network', 'the connection failed'];
  return meaning;
}

/** Whether the certificate of the server, or of a proxy, is of an authority that is not trusted. */
export function isDistrusted(error: unknown): boolean {
  return error instanceof NoResponse && !error.sent && distrust.test(codeOf(error.details.cause));
}

/** Why there is no TLS with a server or a proxy, and what to do. */
function untrusted(code: string, trust: Trust): Pick<FailureDetails, 'reason' | 'hints'> {
  const [, words, advice = plain] = meaningOf(code);
  const { reason, hints } = distrust.test(code) ? explainDistrust(trust) : { reason: words, hints: [advice] };
  return { reason: `${reason} (${code})`, hints };
}

function proxyProblem({ status, cause }: ProxyRefusal, connection: ConnectionInfo): FailureDetails {
  const code = codeOf(cause);
  const [kind, words] = meaningOf(code);
  if (status === undefined && kind === 'tls') return { ...untrusted(code, connection), retryable: false };
  if (status !== 407) {
    const reason = status === undefined ? `${words} (${code})` : `it answered HTTP ${status}`;
    return { reason, hints: ['check HTTPS_PROXY, or add the host to NO_PROXY'], retryable: true };
  }
  const login =
    connection.proxy?.token === undefined
      ? 'add the login to the proxy variable: http://user:password@host:port'
      : 'it refuses the login in the proxy variable: check the user and the password';
  // Trying a login again does not help, and too many failed ones lock an account.
  return { reason: 'it requires a login (407)', hints: [login], retryable: false };
}

export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'UNKNOWN';
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === 'string') return code;
  // undici 7 drops the code of its parser and keeps the parser's message.
  if (error.name === 'HTTPParserError') return /eof/i.test(error.message) ? 'HPE_INVALID_EOF_STATE' : 'HPE_INVALID';
  // A host with several addresses has an error for each.
  return error instanceof AggregateError ? codeOf(error.errors[0]) : codeOf(error.cause);
}

/** The codes of a certificate whose authority is not among those that are trusted. */
export const distrust = /SELF_SIGNED|DEPTH_ZERO|UNABLE_TO/;

/** What is typed as of Node.js 20 lacks it. */
interface Stores {
  getCACertificates?(store: 'default' | 'system'): readonly string[];
}

/**
 * The authorities that Node.js trusts and those of the system's store. Undefined where Node.js cannot read that: before
 * 22.15. Reading it takes long enough to do it only after a refusal.
 */
export async function systemAuthorities(): Promise<string[] | undefined> {
  const { default: tls } = await import('node:tls');
  const { getCACertificates }: Stores = tls as Stores;
  if (getCACertificates === undefined) return undefined;
  // Where that fails, the refusal of the certificate says more.
  return ifPossible(() => [...new Set([...getCACertificates('default'), ...getCACertificates('system')])]);
}

export function explainDistrust({ env, hasAskedSystem }: Trust): { readonly reason: string; readonly hints: string[] } {
  const extra = env.NODE_EXTRA_CA_CERTS;
  const useless = uselessExtra(env);
  const ours = "if your company's proxy or server signs it: export NODE_EXTRA_CA_CERTS=/path/to/ca.pem";
  const hints = [useless ?? (extra === undefined ? ours : `${ours}, with the certificate of that authority`)];
  const asked = ['Node.js'];
  if (hasAskedSystem) asked.push("the system's certificate store");
  else hints.push("Node.js before 22.15 does not read the system's certificate store: use a newer one");
  const store = systemStores.find(existsSync);
  if (!hasAskedSystem && store !== undefined && extra !== store)
    hints.push(`or give it that of this system: export NODE_EXTRA_CA_CERTS=${store}`);
  if (extra !== undefined && useless === undefined) asked.push('NODE_EXTRA_CA_CERTS');
  return { reason: `its certificate is not signed by an authority known to ${orList(asked)}`, hints };
}

/** Where Linux distributions and macOS keep the authorities as one file. */
const systemStores = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/cert.pem'];

/** Every certificate in DER begins like this. */
function isCertificate([first]: Buffer): boolean {
  return first === 0x30;
}

/** Why NODE_EXTRA_CA_CERTS adds nothing, and what to do; undefined if it is not set, or does. */
export function uselessExtra({ NODE_EXTRA_CA_CERTS: path }: Environment): string | undefined {
  if (path === undefined) return undefined;
  const named = `NODE_EXTRA_CA_CERTS names "${path}", which`;
  try {
    const bytes = readBytes(path, { maxBytes: 16 * 1024 * 1024 });
    const [, pem] = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----([^-]*)/.exec(bytes.toString('latin1')) ?? [];
    if (pem !== undefined && isCertificate(Buffer.from(pem, 'base64'))) return undefined;
    return isCertificate(bytes)
      ? `${named} is in DER, and Node.js reads only PEM: openssl x509 -inform der -in FILE -out ca.pem`
      : `${named} holds no certificate in PEM`;
  } catch (error) {
    return `${named} cannot be read: ${wordsOf(error)}`;
  }
}
