import type { Exchange, Fault, Reply, Scenario, Scenarios } from '../exchange.ts';
import { always, drop, failure, first, html, instead, json, lose, notFound, on, once } from '../faults.ts';

const missing = json(403, { error_code: 40_301, message: 'Either unauthorized to access it or it does not exist' });

/** Answers that are not what was asked for. */
export const answers = {
  // Servers that refuse, say later, fall over, or point elsewhere.
  'err-401': { fault: always(unauthenticated()) },
  'err-403': { fault: always(failure(403, 'You may not look at this', 'user_unauthorized')) },
  'err-echo-auth': {
    fault: ({ request }) => {
      const { authorization = '' } = request.headers;
      const decoded = Buffer.from(authorization.replace('Basic ', ''), 'base64').toString();
      const said = `bad header ${authorization}, that is ${decoded} or ${encodeURIComponent(decoded)}`;
      return json(400, { errors: [{ detail: said }] }, { 'X-Request-Id': decoded });
    },
  },
  '429-seconds': { fault: once(later(1)) },
  '429-huge': { fault: later(86_400) },
  '429-forever': { fault: later(1) },
  '501': { fault: always(failure(501, 'Not here')) },
  'redirect-foreign': {
    fault: ({ foreignUrl, request }) => ({ status: 302, headers: { Location: `${foreignUrl}${request.target}` } }),
  },
  // Responses with status 200 and unexpected content.
  '200-html': { fault: always(html(200, 'Log in to the guest network')) },
  'missing-fields': { fault: rows((row) => ({ id: row.id, email: row.email, metadata: {} })) },
  'missing-metadata': { fault: rows(({ metadata, ...row }) => row) },
  'wrong-types': { fault: rows((row) => ({ ...row, status: 7, user: 'u-1', expires_at: 12, metadata: [] })) },
  // Text that affects a terminal, a spreadsheet or a log, in the e-mail of `i-evil`.
  'esc-csi': evil('\x1b[2J\x1b[31mred\x1b[0m@example.com'),
  'esc-many': evil(`${'\x1b'.repeat(32_768)}@example.com`),
  bidi: evil('\u202emoc.elpmaxe@nna\u202c\u2066x\u2069@example.com'),
  'newline-cell': evil('first\nsecond\tthird\u2028fourth@example.com'),
  'csv-formula': evil('=HYPERLINK("http://evil.example","x")@example.com'),
  'github-command': evil('::error file=x::hello@example.com'),
  'long-email': evil(`${'x'.repeat(2 ** 20)}@example.com`),
  'esc-keys': { fault: rows((row) => ({ ...row, '\x1b[31mkey\u202e': 'value', deep: { '\x07': '\x9b' } })) },
  'esc-values': {
    fault: rows((row) => ({ ...row, status: '\x1b[5mBLINK', auth_type: '\u202eAUTH', expires_at: '\x1b]0;t\x07' })),
  },
  'esc-error': {
    fault: always(failure(400, 'no \x1b[2J\x1b]52;c;x\x07\u202e\r\n::error::gone \u009b31m', '\x1b[31mcode')),
  },
  'esc-reason': { fault: always({ ...failure(400, 'it has a colored reason'), reason: 'Bad \x1b[31mRequest' }) },
  'esc-request-id': { fault: always({ status: 400, headers: { 'X-Request-Id': 'req-\x9b31m\xff' } }) },
  'esc-location': { fault: always({ status: 302, headers: { Location: 'http://evil.example/\x9b31m' } }) },
  'esc-content-type': {
    fault: always({ status: 200, headers: { 'Content-Type': 'text/\x9b31mhtml' }, body: 'hello \x1b[31m' }),
  },
  // Lists that go on without end, or have other rows than were asked for.
  'next-infinite': { fault: on('list', freshRows) },
  'filter-ignored': { rules: { filters: 'ignored' } },
  'dup-email': { people: [{ email: 'sent@example.com', state: 'pending', invitation: 'i-twin' }] },
  'case-email': { people: [{ email: 'Big.Name@Example.COM', state: 'pending' }] },
  // DELETEs with other answers than 204, and lost ones.
  'delete-429-once': { fault: on('delete', first(1, later(1))) },
  'delete-404': { fault: on('delete', always(notFound())) },
  'delete-missing-403': { fault: on(['get', 'delete'], always(missing)) },
  'delete-accepted': { fault: on('delete', always(failure(400, 'Bad Request. The invitation was already accepted'))) },
  'delete-200-html-once': { fault: on('delete', first(1, always(html(200, 'Log in to the guest network')))) },
  'delete-200-errors': { fault: on('delete', always({ ...failure(403, 'Not for you today'), status: 200 })) },
  'delete-lost': { fault: on('delete', (exchange) => (exchange.nth === 1 ? lose(exchange) : notFound())) },
  'delete-lost-403': { fault: on('delete', (exchange) => (exchange.nth === 1 ? lose(exchange) : missing)) },
  'delete-dropped': { fault: on('delete', first(1, drop)) },
  'delete-dropped-404': { fault: on('delete', (exchange) => (exchange.nth === 1 ? drop(exchange) : notFound())) },
  'delete-dropped-forever': { fault: on('delete', drop) },
} satisfies Scenarios;

export function unauthenticated(): Reply {
  const reply = failure(401, 'Valid authentication credentials must be provided', 'user_unauthenticated');
  const challenge = 'Basic error="invalid_key", error_description="The API Key is invalid"';
  return { ...reply, headers: { ...reply.headers, 'WWW-Authenticate': challenge } };
}

/** Asks to wait for so many seconds. */
export function later(seconds: number): Fault {
  const headers = { 'Content-Type': 'application/json', 'X-Request-Id': 'req-later', 'Retry-After': String(seconds) };
  return always({ ...failure(429, 'Too many requests, slow down'), headers });
}

type Fields = Record<string, unknown>;

/** Changes each invitation, in a list or by itself. */
function rows(change: (row: Fields) => unknown): Fault {
  return instead((_, honest) => {
    if (honest.status !== 200) return honest;
    const document = JSON.parse(String(honest.body)) as Fields & { data?: Fields[] };
    const changed = document.data === undefined ? change(document) : { ...document, data: document.data.map(change) };
    return { ...honest, body: JSON.stringify(changed) };
  });
}

function evil(email: string): Scenario {
  return { people: [{ email, state: 'pending', invitation: 'i-evil' }] };
}

/** Each page has a row that no other has. */
function freshRows({ url, nth }: Exchange): Reply {
  const data = [{ id: `i-fresh${nth}`, email: `fresh${nth}@example.com`, status: 'INVITE_STATUS_SENT', metadata: {} }];
  return json(200, { data, metadata: { next: `${url}/iam/v2/invitations?page_token=fresh${nth}` } });
}
