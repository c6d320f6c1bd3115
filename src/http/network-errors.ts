import { CliError, type FailureCode } from '../errors.ts';
import { DecodeError } from './decode.ts';
import { NoResponse } from './failure.ts';
import { describeResponse } from './response-text.ts';
import type { Response } from './send.ts';

export interface ConnectionInfo {
  /** `host:port` of the endpoint. */
  readonly peer: string;
  /** `host:port` of the proxy on the way, if there is one. */
  readonly proxy: string | undefined;
  /** Whether the server may have got the request. */
  readonly sent: boolean;
  /** What came of an answer. */
  readonly partial: Response | undefined;
}

/** What the proxy did instead of opening a tunnel. */
export class ProxyRefusal extends Error {
  /** Its HTTP status; undefined if the connection to it failed. */
  readonly status: number | undefined;

  constructor(status: number | undefined, cause?: unknown) {
    super('the proxy opened no tunnel', { cause });
    this.status = status;
  }
}

/** An error of the wire in words. One that is not of the wire is a bug, and comes back as it is. */
export function networkError(error: unknown, where: ConnectionInfo): unknown {
  if (error instanceof CliError)
    return new NoResponse(error.code, error.message, { ...error.details, ...status(where), sent: where.sent });
  if (error instanceof ProxyRefusal) return proxyFailure(error, where);
  if (error instanceof DecodeError) return badResponse(`its body cannot be used: ${error.message}`, error, where);
  const code = codeOf(error);
  if (code === undefined || code === 'UND_ERR_INVALID_ARG') return error;
  const known = kinds.find(({ match }) => match.test(code));
  if (known?.code === 'tls') return tlsFailure(code, error, where);
  if (known?.code === 'bad_response') return badResponse(`${known.words} (${code})`, error, where);
  return new NoResponse(known?.code ?? 'network', `cannot reach "${where.peer}"`, {
    reason: `${known?.words ?? 'the connection failed'} (${code})`,
    retryable: true,
    ...status(where),
    sent: where.sent,
    cause: error,
  });
}

/** A status that came before the rest was lost: with a 2xx the thing was done, whatever else is not known. */
function status({ partial: begun }: ConnectionInfo): { readonly http_status?: number } {
  return begun === undefined || begun.status < 200 ? {} : { http_status: begun.status };
}

/** Node's, undici's and OpenSSL's names for what goes wrong, the first match counts. */
const kinds: readonly { match: RegExp; code: FailureCode; words: string }[] = [
  { match: /^ECONNREFUSED$/, code: 'network', words: 'connection refused' },
  { match: /^ENOTFOUND$/, code: 'network', words: 'there is no such host' },
  { match: /^EAI_/, code: 'network', words: 'the name of the host could not be looked up' },
  { match: /^E(NET|HOST)(UNREACH|DOWN)$/, code: 'network', words: 'there is no way to that host' },
  { match: /^(ETIMEDOUT|UND_ERR_(CONNECT|HEADERS)_TIMEOUT)$/, code: 'timeout', words: 'no answer in time' },
  {
    match: /^(UND_ERR_RES_CONTENT_LENGTH_MISMATCH|HPE_INVALID_EOF_STATE)$/,
    code: 'network',
    words: 'the answer was cut short',
  },
  { match: /^(ECONNRESET|EPIPE|ECONNABORTED|UND_ERR_SOCKET)$/, code: 'network', words: 'the connection was closed' },
  { match: /^UND_ERR_HEADERS_OVERFLOW$/, code: 'bad_response', words: 'its headers are larger than 16 KiB' },
  { match: /^HPE_/, code: 'bad_response', words: 'it is not HTTP' },
  {
    match: /^(EPROTO$|ERR_SSL_|ERR_TLS_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH$)/,
    code: 'tls',
    words: '',
  },
];

const certificateWords: readonly [RegExp, string][] = [
  [/SELF_SIGNED|DEPTH_ZERO|UNABLE_TO/, 'its certificate is not signed by an authority that this machine trusts'],
  [/EXPIRED/, 'its certificate has expired'],
  [/NOT_YET_VALID/, 'its certificate is not valid yet'],
  [/ALTNAME|HOSTNAME/, 'its certificate is for another host'],
];

function tlsFailure(code: string, cause: unknown, { peer, sent }: ConnectionInfo): NoResponse {
  const words = certificateWords.find(([match]) => match.test(code))?.[1];
  const hints = /SELF_SIGNED|DEPTH_ZERO|UNABLE_TO/.test(code)
    ? ['if a proxy of yours signs it: export NODE_EXTRA_CA_CERTS=/path/to/ca.pem']
    : ['check the endpoint, and the clock of this machine'];
  const reason = `${words ?? 'no secure connection could be agreed on'} (${code})`;
  return new NoResponse('tls', `cannot trust "${peer}"`, { reason, hints, sent, cause });
}

function proxyFailure(error: ProxyRefusal, { proxy, sent }: ConnectionInfo): NoResponse {
  const wantsLogin = error.status === 407;
  const code = codeOf(error.cause) ?? '';
  const broken = `${kinds.find(({ match }) => match.test(code))?.words || 'no connection to it'} (${code})`;
  return new NoResponse('proxy', `cannot get through the proxy "${proxy}"`, {
    reason: wantsLogin ? 'it wants a login (407)' : error.status ? `it answered HTTP ${error.status}` : broken,
    hints: wantsLogin
      ? ['put the login into the proxy variable: http://user:password@host:port']
      : ['check HTTPS_PROXY, or name the host in NO_PROXY'],
    // A login is not guessed by trying again, and too many tries lock an account.
    retryable: !wantsLogin,
    sent,
    cause: error,
  });
}

function badResponse(words: string, cause: unknown, where: ConnectionInfo): NoResponse {
  const { peer, sent, partial: begun } = where;
  const reason = begun === undefined ? words : `${describeResponse(begun)}: ${words}`;
  return new NoResponse('bad_response', `cannot read the answer of "${peer}"`, {
    ...status(where),
    reason,
    sent,
    cause,
  });
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === 'string') return code;
  // undici 7 loses the code of its parser on the way and keeps the parser's words.
  if (error.name === 'HTTPParserError') return /eof/i.test(error.message) ? 'HPE_INVALID_EOF_STATE' : 'HPE_INVALID';
  // Several addresses of one host, each with an error of its own.
  return error instanceof AggregateError ? codeOf(error.errors[0]) : codeOf(error.cause);
}
