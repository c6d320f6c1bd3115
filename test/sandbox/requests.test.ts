import { describe, expect, test } from 'vitest';
import { sandboxKey } from '../../src/sandbox/sandbox.ts';
import { authorization, openWorld } from './world.ts';

const path = '/iam/v2/invitations';

describe('authentication', () => {
  test.each([
    [undefined],
    ['Basic'],
    [`Basic ${Buffer.from(`${sandboxKey.api_key}:wrong`).toString('base64')}`],
    [`Basic ${Buffer.from(`wrong:${sandboxKey.api_secret}`).toString('base64')}`],
  ])('%s is rejected with a challenge', async (header) => {
    const { ask } = await openWorld();
    const refused = await ask(`GET ${path}`, undefined, { authorization: header });
    expect([refused.status, refused.json.errors[0].code]).toEqual([401, 'user_unauthenticated']);
    expect(refused.headers.get('www-authenticate')).toBe(
      'Basic error="invalid_key", error_description="The API Key is invalid"',
    );
  });

  test('without a key every response is 401, also for unknown paths', async () => {
    const { ask } = await openWorld();
    for (const line of ['GET /nothing', 'PUT /iam/v2/invitations', `POST ${path}`, `GET ${path}/i-1`])
      expect((await ask(line, undefined, {})).status).toBe(401);
  });
});

describe('requests', () => {
  test.each([
    [`PUT ${path}`, 405, 'GET, POST'],
    [`POST ${path}/i-1`, 405, 'GET, DELETE'],
    [`HEAD ${path}`, 405, 'GET, POST'],
    ['POST /iam/v2/users', 405, 'GET'],
    ['GET /iam/v2', 404, undefined],
    [`GET ${path}/`, 404, undefined],
    [`GET ${path}/%`, 404, undefined],
    [`GET ${path}/..%2fusers%2fu-sandbox`, 404, undefined],
    [`GET ${path}/__proto__`, 404, undefined],
  ])('%s responds %i', async (line, status, allow) => {
    const { ask } = await openWorld();
    const heard = await ask(line);
    expect([heard.status, heard.headers.get('allow')]).toEqual([status, allow]);
  });

  test.each(['', '{', 'null', '[]', '\ufeff{}'])('the body %j is 400', async (body) => {
    expect(await (await openWorld()).status(`POST ${path}`, body)).toBe(400);
  });

  test.each([undefined, 'text/plain', 'application/json; charset=latin1'])('the type %s is 415', async (type) => {
    const { ask } = await openWorld();
    expect((await ask(`POST ${path}`, {}, { authorization, 'content-type': type })).status).toBe(415);
  });

  test('a body of more than 64 KiB is 413', async () => {
    const { ask } = await openWorld();
    const fits = { email: 'ann@example.com', more: 'x'.repeat(65_000) };
    expect((await ask(`POST ${path}`, fits)).status).toBe(201);
    expect((await ask(`POST ${path}`, { ...fits, more: 'x'.repeat(66_000) })).status).toBe(413);
  });
});

test('an aborted request is not sent', async () => {
  const { sandbox } = await openWorld();
  const reason = new Error('called off');
  const sent = sandbox.send({ method: 'POST', path, body: { email: 'a@b.c' }, signal: AbortSignal.abort(reason) });
  await expect(sent).rejects.toBe(reason);
});
