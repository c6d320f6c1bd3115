import { CliError, type FailureCode } from '../errors.ts';
import { describeResponse, NoResponse } from './failure.ts';
import { DecodeError } from './response-reader.ts';
import type { Response } from './send.ts';
import { distrust, explainDistrust, type Trust } from './trust.ts';

interface ConnectionInfo {
  /** `host:port` of the endpoint. */
  readonly peer: string;
  /** `host:port` of the proxy on the way, if there is one. */
  readonly proxy: string | undefined;
  /** Whether the server may have received the request. */
  readonly sent: boolean;
  /** The part of the response that arrived. */
  readonly partial: Response | undefined;
  readonly trust: Trust;
}

/** The proxy opened no tunnel. */
export class ProxyRefusal extends Error {
  /** The proxy's HTTP status; undefined if the connection to it failed. */
  readonly status: number | undefined;

  constructor(status: number | undefined, cause?: unknown) {
    super('the proxy opened no tunnel', { cause });
    this.status = status;
  }
}

/** The failure for an error of the connection. Any other error is a bug and is returned as it is. */
export function networkError(error: unknown, connection: ConnectionInfo): unknown {
  if (error instanceof CliError)
    return new NoResponse(error.code, error.message, {
      ...error.details,
      ...status(connection),
      sent: connection.sent,
    });
  if (error instanceof ProxyRefusal) return proxyFailure(error, connection);
  if (error instanceof DecodeError) return badResponse(`its body cannot be used: ${error.message}`, error, connection);
  const code = codeOf(error);
  if (code === undefined || code === 'UND_ERR_INVALID_ARG') return error;
  const known = kinds.find(({ match }) => match.test(code));
  if (known?.code === 'tls') return tlsFailure(code, error, connection);
  if (known?.code === 'bad_response') return badResponse(`${known.reason} (${code})`, error, connection);
  return new NoResponse(known?.code ?? 'network', `cannot reach "${connection.peer}"`, {
    reason: `${known?.reason ?? 'the connection failed'} (${code})`,
    retryable: true,
    ...status(connection),
    sent: connection.sent,
    cause: error,
  });
}

/** The status that arrived before the rest was lost: after a 2xx the request has taken effect. */
function status({ partial }: ConnectionInfo): { readonly http_status?: number } {
  return partial === undefined || partial.status < 200 ? {} : { http_status: partial.status };
}

/** Error codes of Node, undici and OpenSSL; the first match counts. */
const kinds: readonly { match: RegExp; code: FailureCode; reason: string }[] = [
  { match: /^ECONNREFUSED$/, code: 'network', reason: 'connection refused' },
  { match: /^ENOTFOUND$/, code: 'network', reason: 'there is no such host' },
  { match: /^EAI_/, code: 'network', reason: 'the host name could not be resolved' },
  { match: /^E(NET|HOST)(UNREACH|DOWN)$/, code: 'network', reason: 'the host is unreachable' },
  { match: /^(ETIMEDOUT|UND_ERR_(CONNECT|HEADERS)_TIMEOUT)$/, code: 'timeout', reason: 'no answer in time' },
  {
    match: /^(UND_ERR_RES_CONTENT_LENGTH_MISMATCH|HPE_INVALID_EOF_STATE)$/,
    code: 'network',
    reason: 'the answer was cut short',
  },
  { match: /^(ECONNRESET|EPIPE|ECONNABORTED|UND_ERR_SOCKET)$/, code: 'network', reason: 'the connection was closed' },
  { match: /^UND_ERR_HEADERS_OVERFLOW$/, code: 'bad_response', reason: 'its headers are larger than 16 KiB' },
  { match: /^HPE_/, code: 'bad_response', reason: 'it is not HTTP' },
  {
    match: /^(EPROTO$|ERR_SSL_|ERR_TLS_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH$)/,
    code: 'tls',
    reason: '',
  },
];

const certificateReasons: readonly [RegExp, string][] = [
  [/EXPIRED/, 'its certificate has expired'],
  [/NOT_YET_VALID/, 'its certificate is not valid yet'],
  [/ALTNAME|HOSTNAME/, 'its certificate is for another host'],
];

function tlsFailure(code: string, cause: unknown, { peer, sent, trust }: ConnectionInfo): NoResponse {
  const known = certificateReasons.find(([match]) => match.test(code))?.[1] ?? 'the TLS handshake failed';
  const { reason, hints } = distrust.test(code)
    ? explainDistrust(trust)
    : { reason: known, hints: ['check the endpoint, and the clock of this machine'] };
  return new NoResponse('tls', `cannot trust "${peer}"`, { reason: `${reason} (${code})`, hints, sent, cause });
}

/** Whether the certificate of the server, or of a proxy, is of an authority that is not trusted. */
export function isDistrusted(error: unknown): boolean {
  return error instanceof NoResponse && !error.sent && distrust.test(codeOf(error.details.cause) ?? '');
}

function proxyFailure(error: ProxyRefusal, { proxy, sent }: ConnectionInfo): NoResponse {
  const needsLogin = error.status === 407;
  const code = codeOf(error.cause) ?? '';
  const failure = `${kinds.find(({ match }) => match.test(code))?.reason || 'no connection to it'} (${code})`;
  return new NoResponse('proxy', `cannot connect through the proxy "${proxy}"`, {
    reason: needsLogin ? 'it requires a login (407)' : error.status ? `it answered HTTP ${error.status}` : failure,
    hints: needsLogin
      ? ['add the login to the proxy variable: http://user:password@host:port']
      : ['check HTTPS_PROXY, or add the host to NO_PROXY'],
    // Trying again does not help, and too many failed logins lock an account.
    retryable: !needsLogin,
    sent,
    cause: error,
  });
}

function badResponse(problem: string, cause: unknown, connection: ConnectionInfo): NoResponse {
  const { peer, sent, partial } = connection;
  const reason = partial === undefined ? problem : `${describeResponse(partial)}: ${problem}`;
  return new NoResponse('bad_response', `cannot read the response of "${peer}"`, {
    ...status(connection),
    reason,
    sent,
    cause,
  });
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === 'string') return code;
  // undici 7 drops the code of its parser and keeps the parser's message.
  if (error.name === 'HTTPParserError') return /eof/i.test(error.message) ? 'HPE_INVALID_EOF_STATE' : 'HPE_INVALID';
  // A host with several addresses has an error for each.
  return error instanceof AggregateError ? codeOf(error.errors[0]) : codeOf(error.cause);
}
