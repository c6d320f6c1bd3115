// The API of the benchmarks, in a process of its own: `node api.js '{"rows": 1000}'` prints its endpoint as a line.
// It is the sandbox, asked once: what it answers to GET is kept, compressed as well, so that the server, which shares the
// CPU with the client, costs as little as possible.
import { createServer } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'rolldown';
import { invited, members, pathOfList, pathsOfPlan } from './organizations.js';

const options = JSON.parse(process.argv[2] ?? '{}');
const { rows = 0, membership, latency = 0, rate = 0, burst = rate } = options;
const { sandbox, authorization } = await startSandbox();
const kept = new Map();
await sandbox.populate({ people: membership === undefined ? invited(rows) : members(membership) });
for (const path of membership === undefined ? [pathOfList] : pathsOfPlan) await walk(path);
const sample = await post('sample@example.com');
const created = new Set();
const bucket = { tokens: burst, at: performance.now() };
let refused = 0;

const server = createServer(answer);
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${server.address().port}\n`);
});

async function startSandbox() {
  const input = join(import.meta.dirname, '../../src/sandbox/sandbox.ts');
  const { output } = await build({ input, platform: 'node', write: false });
  const { openSandbox, sandboxKey } = await import(`data:text/javascript,${encodeURIComponent(output[0].code)}`);
  const { api_key, api_secret } = sandboxKey;
  const clock = { now: Date.now, monotonic: () => performance.now() };
  const switches = { quota: 1_000_000, rate_headers: 'none', api_keys: 'forbidden', crn_pattern: 'by_scope' };
  return {
    sandbox: openSandbox({ clock, switches }),
    authorization: `Basic ${Buffer.from(`${api_key}:${api_secret}`).toString('base64')}`,
  };
}

/** Keeps all pages of a list. */
async function walk(path) {
  for (let next = path; next !== undefined; ) {
    const page = await get(next);
    ({ next } = JSON.parse(page.plain).metadata);
  }
}

/** What the sandbox answers, at once if it was asked before. */
async function get(path) {
  const { pathname, search, searchParams } = new URL(path, 'http://localhost');
  const key = pathname + (searchParams.get('page_token') ?? search);
  if (!kept.has(key)) kept.set(key, await ask({ method: 'GET', path }));
  return kept.get(key);
}

async function ask({ method, path, headers, body = '' }) {
  const { pathname, searchParams } = new URL(path, 'http://localhost');
  const signed = { ...headers, authorization };
  const request = { method, path: pathname, query: searchParams, headers: signed, body, base: '' };
  const { status, body: plain } = await sandbox.handler(request);
  return { status, plain: Buffer.from(plain), compressed: gzipSync(plain) };
}

async function post(email) {
  const headers = { 'content-type': 'application/json' };
  const { plain } = await ask({
    method: 'POST',
    path: '/iam/v2/invitations',
    headers,
    body: JSON.stringify({ email }),
  });
  const { id, user } = JSON.parse(plain);
  return { email, id, user: user.id, text: plain.toString() };
}

function answer(request, response) {
  if (request.url === '/tally') return send(response, 200, JSON.stringify({ refused, created: created.size }));
  const body = [];
  request.on('data', (chunk) => body.push(chunk));
  request.on('end', () => later(() => route(request, response, Buffer.concat(body))));
}

function later(act) {
  if (latency === 0) act();
  else setTimeout(act, latency);
}

async function route({ method, url, headers }, response, body) {
  const limits = rate > 0 ? take() : {};
  if (limits === undefined) return refuse(response);
  if (method === 'POST' && url.startsWith('/iam/')) return send(response, 201, create(JSON.parse(body)), limits);
  const { status, plain, compressed } = await (method === 'GET' ? get(url) : ask({ method, path: url, headers, body }));
  const isAsked = /\bgzip\b/.test(headers['accept-encoding'] ?? '');
  if (isAsked) send(response, status, compressed, { ...limits, 'content-encoding': 'gzip' });
  else send(response, status, plain, limits);
}

/** What the sandbox answered to the sample, for somebody else: of 100,000 invitations it would look through all each time. */
function create({ email }) {
  created.add(email);
  const number = created.size.toString(36).padStart(5, '0');
  return sample.text
    .replaceAll(sample.id, `i-${number}`)
    .replaceAll(sample.user, `u-${number}`)
    .replace(sample.email, email);
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
  send(response, 429, '', { ...limitHeaders(), 'retry-after': 1 });
}

function send(response, status, body, more = {}) {
  const length = Buffer.byteLength(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': length, ...more });
  response.end(body);
}
