import { expect, test } from 'vitest';
import { sandboxKey } from '../../src/sandbox/sandbox.ts';
import { authorization, exchangeForm, openWorld } from './world.ts';

const path = '/iam/v2/invitations';
const users = '/iam/v2/users';
const quotas = '/service-quota/v1/applied-quotas';
const exchange = '/sts/v1/oauth2/token';
const ann = { email: 'ann@example.com' };

/** What is refused names the part of the request, or the methods that there are. */
test.each<[line: string, status: number, sent?: unknown, named?: string]>([
  ['GET /iam/v2/api-keys/INVITESANDBOX001', 200],
  ['GET /iam/v2/api-keys/NONE', 404],
  ['GET /org/v2/organizations/00000000-0000-4000-8000-73616e64626f', 200],
  ['GET /org/v2/organizations/none', 404],
  [`GET ${quotas}/iam.max_pending_invitations.per_organization`, 200],
  [`GET ${quotas}/none`, 404],
  ['GET /iam/v2/role-bindings/rb-u-sandbox', 200],
  [`PATCH ${users}/u-sandbox`, 400, { full_name: 5 }],
  [`PATCH ${users}/u-sandbox`, 400, { email: 'x@example.com' }],
  [`PATCH ${users}/u-none`, 404, { full_name: 'x' }],
  [`DELETE ${users}/u-sandbox`, 403],
  [`POST ${path}`, 409, { email: 'owner@sandbox.example' }],
  [`POST ${path}`, 422, {}, '/email'],
  [`POST ${path}`, 422, { email: '@example.com' }, '/email'],
  [`POST ${path}`, 422, { email: 'a b@example.com' }, '/email'],
  [`POST ${path}`, 422, { email: `${'a'.repeat(65)}@example.com` }, '/email'],
  [`POST ${path}`, 422, { email: `a@${'b'.repeat(260)}.com` }, '/email'],
  [`POST ${path}`, 422, { ...ann, auth_type: 'SSO' }, '/auth_type'],
  ...['', '{', 'null', '[]', '\ufeff{}'].map((body): [string, number, string] => [`POST ${path}`, 400, body]),
  [`POST ${path}`, 415, exchangeForm()],
  [`POST ${path}`, 201, { ...ann, more: 'x'.repeat(65_000) }],
  [`POST ${path}`, 413, { ...ann, more: 'x'.repeat(66_000) }],
  [`PUT ${path}`, 405, undefined, 'GET, POST'],
  [`POST ${path}/i-1`, 405, undefined, 'GET, DELETE'],
  [`HEAD ${path}`, 405, undefined, 'GET, POST'],
  [`POST ${users}`, 405, undefined, 'GET'],
  ['GET /iam/v2', 404],
  [`GET ${path}/`, 404],
  [`GET ${path}/%`, 404],
  [`GET ${path}/..%2fusers%2fu-sandbox`, 404],
  [`GET ${path}/__proto__`, 404],
  ...['x', 'W10', '%00', 'A'.repeat(300)].map((token): [string, number, undefined, string] => {
    return [`GET ${path}?page_token=${token}`, 400, undefined, 'page_token'];
  }),
  [`POST ${exchange}`, 200, exchangeForm()],
  [`POST ${exchange}`, 400, { grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange' }],
  [`POST ${exchange}`, 400, exchangeForm({ grant_type: 'password' }), 'grant_type'],
  [`POST ${exchange}`, 400, exchangeForm({ subject_token: '' }), 'subject_token'],
  [`POST ${exchange}`, 400, exchangeForm({ identity_pool_id: '' }), 'identity_pool_id'],
  [`POST ${exchange}`, 400, exchangeForm({ expires_in: '901' }), 'expires_in'],
  [`POST ${exchange}`, 400, exchangeForm({ expires_in: '0' }), 'expires_in'],
  [`GET ${exchange}`, 404],
])('%s responds %i', async (line, status, sent, named) => {
  const heard = await (await openWorld()).ask(line, sent);
  const { pointer, parameter } = heard.json?.errors?.[0].source ?? {};
  expect([heard.status, heard.headers.get('allow') ?? pointer ?? parameter]).toEqual([status, named]);
});

test.each([undefined, 'text/plain', 'application/json; charset=latin1'])('the type %s is 415', async (type) => {
  const { ask } = await openWorld();
  expect((await ask(`POST ${path}`, {}, { authorization, 'content-type': type })).status).toBe(415);
});

test('an access token is exchanged for one of an issuer', async () => {
  const { json } = await (await openWorld()).ask(`POST ${exchange}`, exchangeForm({ expires_in: '60' }));
  const issued_token_type = exchangeForm().get('requested_token_type');
  expect(json).toEqual({ access_token: expect.any(String), issued_token_type, token_type: 'Bearer', expires_in: 60 });
});

test.each([
  [undefined],
  ['Basic'],
  [`Basic ${Buffer.from(`${sandboxKey.api_key}:wrong`).toString('base64')}`],
  [`Basic ${Buffer.from(`wrong:${sandboxKey.api_secret}`).toString('base64')}`],
])('%s is rejected with a challenge, whatever is asked', async (header) => {
  const { ask } = await openWorld();
  for (const line of [`GET ${path}`, 'GET /nothing', 'PUT /iam/v2/invitations', `POST ${path}`, `GET ${path}/i-1`]) {
    const refused = await ask(line, undefined, { authorization: header });
    expect([refused.status, refused.json.errors[0].code]).toEqual([401, 'user_unauthenticated']);
    expect(refused.headers.get('www-authenticate')).toContain('error_description="The API Key is invalid"');
  }
});

test('an aborted request is not sent', async () => {
  const { sandbox } = await openWorld();
  const reason = new Error('called off');
  const sent = sandbox.send({ method: 'POST', path, body: { email: 'a@b.c' }, signal: AbortSignal.abort(reason) });
  await expect(sent).rejects.toBe(reason);
});
