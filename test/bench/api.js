// The API of the benchmarks, in a process of its own: `node api.js '{"rows": 1000}'` prints its endpoint as a line.
// It does not wrap the sandbox: its pages are serialized and compressed at the start, so that the server, which shares
// the CPU with the client, costs as little as possible; the sandbox serializes each page when it is requested.
import { createServer } from 'node:http';
import { listsOf } from './membership.js';
import { invitation, pagesOf } from './pages.js';

const options = JSON.parse(process.argv[2] ?? '{}');
const { rows = 0, latency = 0, rate = 0, burst = rate } = options;
/** `{ people, bindings, invitations }`: the lists that a plan reads. */
const { membership } = options;
const listsOfMembership = membership === undefined ? undefined : listsOf(membership);
const path = '/iam/v2/invitations';
const numbers = Uint32Array.from({ length: rows }, (_, number) => number);
const listed = pagesOf(numbers, { size: 100, path });
const [noRows] = pagesOf(new Uint32Array(0), { size: 1 });
const accessToken = Buffer.from('{"access_token":"bench-access-token","token_type":"Bearer","expires_in":900}');
const created = new Map();
const bucket = { tokens: burst, at: performance.now() };
let refused = 0;

const server = createServer(answer);
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${server.address().port}\n`);
});

function answer(request, response) {
  const url = new URL(request.url, 'http://localhost');
  if (url.pathname === '/tally')
    return send(response, 200, Buffer.from(JSON.stringify({ refused, created: created.size })));
  const body = [];
  request.on('data', (chunk) => body.push(chunk));
  request.on('end', () => later(() => route(request, response, { url, body: Buffer.concat(body) })));
}

function later(act) {
  if (latency === 0) act();
  else setTimeout(act, latency);
}

function route(request, response, { url, body }) {
  const limits = rate > 0 ? take() : {};
  if (limits === undefined) return refuse(response);
  if (url.pathname === '/sts/v1/oauth2/token') return send(response, 200, accessToken);
  if (request.method === 'POST') return create(response, { body, limits });
  if (listsOfMembership !== undefined) return sendPage(request, response, { page: pageOfMembership(url), limits });
  const page = listed[Number(url.searchParams.get('page_token') ?? 0)];
  const known = created.get(url.searchParams.get('email') ?? '');
  if (known !== undefined)
    return send(response, 200, Buffer.from(JSON.stringify({ metadata: {}, data: [known] })), limits);
  sendPage(request, response, { page, limits });
}

function sendPage(request, response, { page, limits }) {
  if (page === undefined) return send(response, 404, Buffer.from('{"errors":[{"detail":"no such page"}]}'));
  const isAsked = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
  if (isAsked) send(response, 200, page.compressed, { ...limits, 'content-encoding': 'gzip' });
  else send(response, 200, page.plain, limits);
}

/** The owner of the key is not told, and no role is on the organization as a whole. */
function pageOfMembership({ pathname, searchParams }) {
  const pattern = searchParams.get('crn_pattern') ?? '';
  if (pathname.endsWith('/role-bindings') && !pattern.endsWith('*')) return noRows;
  return listsOfMembership.get(pathname)?.[Number(searchParams.get('page_token') ?? 0)];
}

function create(response, { body, limits }) {
  const { email } = JSON.parse(body.toString());
  const made = invitation(rows + created.size, email, 'INVITE_STATUS_SENT');
  created.set(email, made);
  send(response, 201, Buffer.from(JSON.stringify(made)), limits);
}

/** Takes a token from the bucket. Returns the rate-limit headers, or undefined if the limit is reached. */
function take() {
  const now = performance.now();
  bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * rate);
  bucket.at = now;
  if (bucket.tokens < 1) return undefined;
  bucket.tokens -= 1;
  return limitHeaders();
}

function limitHeaders() {
  const reset = Math.ceil((burst - bucket.tokens) / rate);
  return { 'x-ratelimit-limit': burst, 'x-ratelimit-remaining': Math.floor(bucket.tokens), 'x-ratelimit-reset': reset };
}

function refuse(response) {
  refused += 1;
  send(response, 429, Buffer.from('{"errors":[{"detail":"too many requests"}]}'), {
    ...limitHeaders(),
    'retry-after': 1,
  });
}

function send(response, status, body, more = {}) {
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length, ...more });
  response.end(body);
}
