import { describe, expect, test } from 'vitest';
import { CliError } from '../../src/errors.ts';
import { httpStack } from '../../src/http/api.ts';
import { type AccessToken, auth, RenewingSigner } from '../../src/http/auth.ts';
import { UnknownOutcome } from '../../src/http/failure.ts';
import { createRedactor } from '../../src/http/redact.ts';
import { type Request, stack } from '../../src/http/send.ts';
import { answer, errorOf, script } from './answers.ts';
import { virtualClock } from './virtual-clock.ts';

const get: Request = { method: 'GET', path: '/iam/v2/invitations' };
const post: Request = { method: 'POST', path: '/iam/v2/invitations', body: {} };
const ok = answer(200, {});
const refused = answer(401, {});

/** Access tokens `token 1`, `token 2` … of this lifetime in milliseconds. */
function exchanging(lifetime: number, clock = virtualClock()) {
  let count = 0;
  const exchange = async (): Promise<AccessToken> => {
    count += 1;
    return { access_token: `token ${count}`, lifetime };
  };
  const signer = new RenewingSigner(exchange, clock);
  return { clock, signer, exchanges: () => count };
}

const headersOf = ({ requests }: ReturnType<typeof script>) => requests.map(({ headers }) => headers?.authorization);

describe('an access token', () => {
  test('is exchanged once for requests that are sent at the same time', async () => {
    const { signer, exchanges } = exchanging(900_000);
    const bottom = script(ok, ok, ok);
    const send = stack(bottom, [auth(signer)]);
    await Promise.all([send(get), send(get), send(post)]);
    expect([exchanges(), headersOf(bottom)]).toEqual([1, Array(3).fill('Bearer token 1')]);
  });

  test.each([
    [1000, 200],
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
    const clock = virtualClock();
    let isDown = false;
    const down = new CliError('api_unavailable', 'down', { retryable: true });
    const token = { access_token: 'a', lifetime: 5000 };
    const signer = new RenewingSigner(() => (isDown ? Promise.reject(down) : Promise.resolve(token)), clock);
    await signer.header();
    isDown = true;
    await clock.sleep(4500);
    expect(await signer.header()).toBe('Bearer a');
    await clock.sleep(500);
    await expect(signer.header()).rejects.toBe(down);
  });

  test('an exchange that is refused is not tried again', async () => {
    const refusal = new CliError('auth_invalid', 'refused');
    let count = 0;
    const exchange = () => {
      count += 1;
      return Promise.reject(refusal);
    };
    const signer = new RenewingSigner(exchange, virtualClock());
    for (let request = 0; request < 3; request += 1) await expect(signer.header()).rejects.toBe(refusal);
    expect(count).toBe(1);
  });

  test('an exchange that fails is not remembered', async () => {
    const answers = [() => Promise.reject(new Error('down')), async () => ({ access_token: 'a', lifetime: 1000 })];
    const signer = new RenewingSigner(
      () => answers.shift()?.() ?? Promise.reject(new Error('no more')),
      virtualClock(),
    );
    await expect(Promise.all([signer.header(), signer.header()])).rejects.toThrow('down');
    expect(await signer.header()).toBe('Bearer a');
  });
});

describe('a 401', () => {
  test('is answered with another token, once; requests with the old one need no further exchange', async () => {
    const { signer, exchanges } = exchanging(900_000);
    const bottom = script(refused, refused, ok, ok);
    const send = stack(bottom, [auth(signer)]);
    expect((await Promise.all([send(get), send(get)])).map(({ status }) => status)).toEqual([200, 200]);
    expect(exchanges()).toBe(2);
  });

  test('to the new token is final, until a minute has passed', async () => {
    const { signer, clock, exchanges } = exchanging(900_000);
    const bottom = script(refused, refused, refused, refused, ok);
    const send = stack(bottom, [auth(signer)]);
    expect((await send(get)).status).toBe(401);
    expect((await send(get)).status).toBe(401);
    expect(exchanges()).toBe(2);
    await clock.sleep(60_000);
    expect((await send(get)).status).toBe(200);
  });

  test('to what may not simply be repeated is an unknown outcome, and the next one has the new token', async () => {
    const { signer } = exchanging(900_000);
    const bottom = script(refused, ok, refused, ok);
    const send = stack(bottom, [auth(signer)]);
    expect(await errorOf(send(post))).toBeInstanceOf(UnknownOutcome);
    expect((await send(post)).status).toBe(200);
    expect(headersOf(bottom)).toEqual(['Bearer token 1', 'Bearer token 2']);
  });

  test('to a POST that may be repeated is repeated', async () => {
    const { signer } = exchanging(900_000);
    const bottom = script(refused, ok);
    expect((await stack(bottom, [auth(signer)])({ ...post, idempotent: true })).status).toBe(200);
  });
});

test('a command whose time is up before it has credentials says so', async () => {
  const clock = virtualClock();
  const signer = { header: () => new Promise<string>(() => {}), canReplace: () => false };
  const send = httpStack(script(ok), {
    ...{ endpoint: new URL('https://api.example'), server: 'x', version: '1', clock, signer },
    ...{ redactor: createRedactor(), say: () => {} },
  });
  const limit = AbortSignal.abort(new CliError('timeout', 'not done within 2 s'));
  const error = await errorOf(send({ ...get, signal: limit }));
  expect(error).toMatchObject({ code: 'timeout', details: { reason: 'still waiting for the credentials' } });
});

test('each attempt is signed anew: the wait before it may be longer than a token lives', async () => {
  const { signer, clock } = exchanging(5000);
  const bottom = script(answer(429, {}, { 'retry-after': '30' }), ok);
  const send = httpStack(bottom, {
    ...{ endpoint: new URL('https://api.example'), server: 'x', version: '1', clock, signer },
    ...{ redactor: createRedactor(), say: () => {} },
  });
  expect((await send(get)).status).toBe(200);
  expect(headersOf(bottom)).toEqual(['Bearer token 1', 'Bearer token 2']);
});
