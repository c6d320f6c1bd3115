import { describe, expect, test } from 'vitest';
import { CliError } from '../../src/errors.ts';
import { UnknownOutcome } from '../../src/http/failure.ts';
import { auth, fixedSigner, type Signer } from '../../src/http/layers.ts';
import { type Request, stack } from '../../src/http/send.ts';
import { renewingSigner } from '../../src/profiles/token-exchange.ts';
import { errorOf } from '../support/failures.ts';
import { answer, script } from './answers.ts';
import { virtualClock } from './virtual-clock.ts';

const get: Request = { method: 'GET', path: '/iam/v2/invitations' };
const post: Request = { method: 'POST', path: '/iam/v2/invitations', body: {} };
const ok = answer(200, {});
const refused = answer(401, {});

/** Sends with this signer to a server that answers like this; `headers` are those that it got. */
function signing(signer: Signer, ...answers: readonly ReturnType<typeof answer>[]) {
  const bottom = script(...answers);
  const headers = () => bottom.requests.map((request) => request.headers?.authorization);
  return { send: stack(bottom, [auth(signer)]), headers };
}

/** Access tokens `token 1`, `token 2` … of this lifetime in milliseconds; where there is an error it is thrown instead. */
function exchanging(lifetime: number, ...errors: readonly (Error | undefined)[]) {
  const clock = virtualClock();
  let count = 0;
  const exchange = async () => {
    count += 1;
    const error = errors[Math.min(count, errors.length) - 1];
    if (error !== undefined) throw error;
    return { access_token: `token ${count}`, lifetime };
  };
  return { clock, signer: renewingSigner(exchange, clock), exchanges: () => count };
}

test.each([
  [{ key: 'k', secret: 's' }, `Basic ${btoa('k:s')}`, ['s', 'k:s']],
  [{ token: 'abc.def' }, 'Bearer abc.def', ['abc.def', 'Bearer abc.def']],
])('%o are read when the first request goes, and told to the redactor', async (credentials, header, secrets) => {
  const learnt: string[] = [];
  const { send, headers } = signing(
    fixedSigner(
      async () => credentials,
      (text) => learnt.push(text),
    ),
    ok,
  );
  expect(learnt).toEqual([]);
  await send(get);
  expect([headers(), learnt]).toEqual([[header], secrets]);
});

describe('an access token', () => {
  test('is exchanged once for requests that are sent at the same time', async () => {
    const { signer, exchanges } = exchanging(900_000);
    const { send, headers } = signing(signer, ok);
    await Promise.all([send(get), send(get), send(post)]);
    expect([exchanges(), headers()]).toEqual([1, Array(3).fill('Bearer token 1')]);
  });

  test.each([
    [5000, 1000],
    [60_000, 12_000],
    [900_000, 60_000],
  ])('of %i ms is replaced %i ms before it expires', async (lifetime, margin) => {
    const { signer, clock } = exchanging(lifetime);
    await signer.header();
    await clock.sleep(lifetime - margin - 1);
    expect(await signer.header()).toBe('Bearer token 1');
    await clock.sleep(1);
    expect(await signer.header()).toBe('Bearer token 2');
  });

  test('serves to its end if another one cannot be had for now', async () => {
    const down = new CliError('api_unavailable', 'down', { retryable: true });
    const { signer, clock } = exchanging(5000, undefined, down);
    await signer.header();
    await clock.sleep(4500);
    expect(await signer.header()).toBe('Bearer token 1');
    await clock.sleep(500);
    await expect(signer.header()).rejects.toBe(down);
  });

  test('whose exchange is refused is not asked for again', async () => {
    const refusal = new CliError('auth_invalid', 'refused');
    const { signer, exchanges } = exchanging(5000, refusal);
    for (let request = 0; request < 3; request += 1) await expect(signer.header()).rejects.toBe(refusal);
    expect(exchanges()).toBe(1);
  });

  test('whose exchange fails is asked for again', async () => {
    const { signer } = exchanging(1000, new Error('down'), undefined);
    await expect(Promise.all([signer.header(), signer.header()])).rejects.toThrow('down');
    expect(await signer.header()).toBe('Bearer token 2');
  });
});

describe('a 401', () => {
  test('is answered with another token, once; requests with the old one need no further exchange', async () => {
    const { signer, exchanges } = exchanging(900_000);
    const { send } = signing(signer, refused, refused, ok, ok);
    expect((await Promise.all([send(get), send(get)])).map(({ status }) => status)).toEqual([200, 200]);
    expect(exchanges()).toBe(2);
  });

  test('to the new token is final, until a minute has passed', async () => {
    const { signer, clock, exchanges } = exchanging(900_000);
    const { send } = signing(signer, refused, refused, refused, refused, ok);
    expect([(await send(get)).status, (await send(get)).status, exchanges()]).toEqual([401, 401, 2]);
    await clock.sleep(60_000);
    expect((await send(get)).status).toBe(200);
  });

  test('to what may not simply be repeated is an unknown outcome', async () => {
    const { send } = signing(exchanging(900_000).signer, refused, ok);
    expect(await errorOf(send(post))).toBeInstanceOf(UnknownOutcome);
  });
});

test('a command whose time is up before it has credentials says so', async () => {
  const signer = { header: () => new Promise<string>(() => {}), canReplace: () => false };
  const limit = new AbortController();
  const { send } = signing(signer, ok);
  const first = errorOf(send({ ...get, signal: limit.signal }));
  limit.abort(new CliError('timeout', 'not done within 2 s'));
  expect(await first).toMatchObject({ code: 'timeout', details: { reason: 'still waiting for the credentials' } });
  // The next request does not even wait.
  expect(await errorOf(send({ ...get, signal: limit.signal }))).toHaveProperty('details', {});
});
