import { describe, expect, test } from 'vitest';
import { complaintsOn } from './contract.ts';
import { openWorld } from './world.ts';

const quotas = '/service-quota/v1/applied-quotas';

// What is asked in no other test; every answer in all of them is checked against the documentation.
test.each<[line: string, status: number, sent?: unknown]>([
  ['GET /iam/v2/api-keys/INVITESANDBOX001', 200],
  ['GET /iam/v2/api-keys/NONE', 404],
  ['GET /org/v2/organizations/00000000-0000-4000-8000-73616e64626f', 200],
  ['GET /org/v2/organizations/none', 404],
  [`GET ${quotas}/iam.max_pending_invitations.per_organization`, 200],
  [`GET ${quotas}/none`, 404],
  ['GET /iam/v2/role-bindings/rb-u-sandbox', 200],
  ['GET /iam/v2/role-bindings/rb-none', 403],
  ['POST /iam/v2/role-bindings', 400, {}],
  ['PATCH /iam/v2/users/u-sandbox', 400, { full_name: 5 }],
])('%s responds %i', async (line, status, sent) => {
  const { ask } = await openWorld();
  expect((await ask(line, sent)).status).toBe(status);
});

describe('the contract detects violations', () => {
  const metadata = { self: 'https://api.confluent.cloud/iam/v2/invitations/i-1' };
  const good = { api_version: 'iam/v2', kind: 'Invitation', id: 'i-1', email: 'ann@example.com', metadata };
  const headers = new Map([
    ['x-request-id', 'x'],
    ['content-type', 'application/json'],
  ]);
  const line = 'GET /iam/v2/invitations/i-1';

  test.each<[status: number, json: unknown, headers: ReadonlyMap<string, string>, complaints: string[]]>([
    [200, good, headers, []],
    [201, good, headers, [`${line} answers 201`, `${line}: location is undefined`]],
    [204, good, headers, [`${line}: 204 has a body`]],
    [404, {}, headers, [" must have required property 'errors'"]],
    [200, { ...good, mails: 1 }, headers, [' must NOT have additional properties']],
    [200, { ...good, metadata: {} }, headers, ["/metadata must have required property 'self'"]],
    [200, { ...good, id: '' }, headers, ['/id must match pattern "^.{1,255}$"']],
    [200, good, new Map(), [`${line}: x-request-id is undefined`, `${line}: content-type is undefined`]],
  ])('%i with %j', (status, json, given, complaints) => {
    expect(complaintsOn(line, { status, headers: given, json }, { rate_headers: 'none' })).toEqual(complaints);
  });
});
