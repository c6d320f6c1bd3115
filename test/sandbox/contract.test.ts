import { describe, expect, test } from 'vitest';
import {
  apiKey,
  binding,
  bindingFailure,
  type Check,
  complaintsOn,
  failure,
  invitation,
  organization,
  pageOf,
  quota,
  user,
} from './contract.ts';
import { type Heard, openWorld, type World } from './world.ts';

const crn = 'crn://confluent.cloud/organization=00000000-0000-4000-8000-73616e64626f';
const invitations = '/iam/v2/invitations';
const bindings = '/iam/v2/role-bindings';
const quotas = '/service-quota/v1/applied-quotas';

interface Known {
  readonly pending: string;
  readonly accepted: string;
  readonly member: string;
  readonly invitee: string;
  readonly granted: string;
}

/** An organization with something of everything in it, its quota used up. */
async function populated(): Promise<World & { known: Known }> {
  const world = await openWorld({ quota: 2 });
  const pending = await world.invite('ann@example.com');
  const other = await world.invite('bob@example.com');
  const accepted = await world.sandbox.accept('bob@example.com');
  await world.invite('cy@example.com');
  await world.sandbox.seed(20);
  const grant = { principal: `User:${pending.user.id}`, role_name: 'OrganizationAdmin', crn_pattern: crn };
  const granted = (await world.ask(`POST ${bindings}`, grant)).json.id;
  const known = {
    pending: pending.id,
    accepted: String(accepted.id),
    member: other.user.id,
    invitee: pending.user.id,
    granted,
  };
  return { ...world, known };
}

type Row = readonly [line: string, status: number, body: Check | undefined, sent?: unknown];

const kinds: readonly ((known: Known) => Row)[] = [
  () => [`GET ${invitations}`, 200, pageOf('iam/v2', 'InvitationList', invitation)],
  () => [`GET ${invitations}?page_size=2`, 200, pageOf('iam/v2', 'InvitationList', invitation)],
  () => [`GET ${invitations}?status=none`, 200, pageOf('iam/v2', 'InvitationList', invitation)],
  () => [`GET ${invitations}?page_size=0`, 400, failure],
  () => [`GET ${invitations}?page_token=x`, 400, failure],
  ({ pending }) => [`GET ${invitations}/${pending}`, 200, invitation],
  ({ accepted }) => [`GET ${invitations}/${accepted}`, 200, invitation],
  () => [`GET ${invitations}/i-none`, 404, failure],
  () => [`POST ${invitations}`, 201, invitation, { email: 'ann@example.com' }],
  () => [`POST ${invitations}`, 400, failure, 'not json'],
  () => [`POST ${invitations}`, 402, failure, { email: 'late@example.com' }],
  () => [`POST ${invitations}`, 409, failure, { email: 'bob@example.com' }],
  () => [`POST ${invitations}`, 413, failure, 'x'.repeat(70_000)],
  () => [`POST ${invitations}`, 422, failure, { email: 'nobody' }],
  ({ pending }) => [`DELETE ${invitations}/${pending}`, 204, undefined],
  ({ accepted }) => [`DELETE ${invitations}/${accepted}`, 400, failure],
  () => [`PUT ${invitations}`, 405, failure],
  () => ['GET /iam/v2/nothing', 404, failure],
  () => ['GET /iam/v2/users', 200, pageOf('iam/v2', 'UserList', user)],
  ({ member }) => [`GET /iam/v2/users/${member}`, 200, user],
  ({ invitee }) => [`GET /iam/v2/users/${invitee}`, 404, failure],
  ({ member }) => [`DELETE /iam/v2/users/${member}`, 204, undefined],
  () => ['DELETE /iam/v2/users/u-sandbox', 403, failure],
  () => [`GET ${bindings}?crn_pattern=${crn}`, 200, pageOf('iam/v2', 'RoleBindingList', binding)],
  () => [`GET ${bindings}`, 400, failure],
  ({ granted }) => [`GET ${bindings}/${granted}`, 200, binding],
  () => [`GET ${bindings}/rb-none`, 403, bindingFailure],
  ({ member }) => [
    `POST ${bindings}`,
    201,
    binding,
    { principal: `User:${member}`, role_name: 'Operator', crn_pattern: crn },
  ],
  ({ invitee }) => [
    `POST ${bindings}`,
    409,
    failure,
    { principal: `User:${invitee}`, role_name: 'OrganizationAdmin', crn_pattern: crn },
  ],
  ({ pending }) => [
    `POST ${bindings}`,
    403,
    failure,
    { principal: `User:${pending}`, role_name: 'Operator', crn_pattern: crn },
  ],
  () => [`POST ${bindings}`, 400, failure, { principal: 'User:u-1', role_name: 'Nobody', crn_pattern: crn }],
  () => [`POST ${bindings}`, 400, failure, {}],
  ({ granted }) => [`DELETE ${bindings}/${granted}`, 200, binding],
  ({ member }) => [`PATCH /iam/v2/users/${member}`, 200, user, { full_name: 'Bob' }],
  ({ member }) => [`PATCH /iam/v2/users/${member}`, 400, failure, { full_name: 5 }],
  () => ['GET /iam/v2/api-keys', 200, pageOf('iam/v2', 'ApiKeyList', apiKey)],
  () => ['GET /iam/v2/api-keys?spec.owner=u-sandbox', 200, pageOf('iam/v2', 'ApiKeyList', apiKey)],
  () => ['GET /iam/v2/api-keys/INVITESANDBOX001', 200, apiKey],
  () => ['GET /iam/v2/api-keys/NONE', 404, failure],
  () => [`GET /org/v2/organizations/${crn.slice(-36)}`, 200, organization],
  () => ['GET /org/v2/organizations/none', 404, failure],
  () => [`GET ${quotas}/iam.max_pending_invitations.per_organization`, 200, quota],
  () => [`GET ${quotas}/none`, 404, failure],
  () => ['GET /org/v2/organizations', 200, pageOf('org/v2', 'OrganizationList', organization)],
  () => [`GET ${quotas}?scope=ORGANIZATION`, 200, pageOf('service-quota/v1', 'AppliedQuotaList', quota)],
  () => [`GET ${quotas}`, 400, failure],
];

test.each(kinds)('response %#', async (kind) => {
  const { ask, known } = await populated();
  const [line, status, body, sent] = kind(known);
  const heard = await ask(line, sent);
  expect([line, heard.status]).toEqual([line, status]);
  expect(body === undefined ? heard.text : body(heard.json, 'answer')).toEqual(body === undefined ? '' : []);
  expect(headersAmiss(heard, line)).toEqual([]);
});

test('without a key', async () => {
  const { ask } = await openWorld();
  const heard = await ask(`GET ${invitations}`, undefined, {});
  expect(failure(heard.json, 'answer')).toEqual([]);
  expect(headersAmiss(heard, 'GET')).toEqual([]);
});

/** Which documented headers are missing, malformed, or where they do not belong. */
function headersAmiss({ status, headers, text }: Heard, line: string): string[] {
  const isGood = status < 300;
  const expected: [name: string, pattern: RegExp, due: boolean][] = [
    ['x-request-id', /^.{1,255}$/, true],
    ['content-type', /^application\/json$/, text !== ''],
    ['x-ratelimit-limit', /^\d+$/, isGood],
    ['x-ratelimit-remaining', /^\d+$/, isGood],
    ['x-ratelimit-reset', /^\d+$/, isGood],
    ['location', /^https:\/\/api\.confluent\.cloud\/iam\/v2\/[a-z-]+\/[a-z]+-\w+$/, status === 201 || status === 409],
    ['www-authenticate', /^Basic error="invalid_key"/, status === 401],
    ['allow', /^GET\b/, status === 405],
    ['retry-after', /^\d+$/, status === 429],
  ];
  return expected.flatMap(([name, pattern, due]) => {
    const value = headers.get(name);
    if (!due) return value === undefined ? [] : [`${line}: ${name} does not belong there`];
    return value !== undefined && pattern.test(value) ? [] : [`${line}: ${name} is ${value}`];
  });
}

describe('the contract detects violations', () => {
  const good = {
    api_version: 'iam/v2',
    kind: 'Invitation',
    id: 'i-1',
    email: 'ann@example.com',
    metadata: { self: 'https://api.confluent.cloud/iam/v2/invitations/i-1' },
  };

  test.each([
    [{}, []],
    [{ id: '' }, ['x.id should be an id of 1 to 255 characters, is ""']],
    [{ kind: 'User' }, ['x.kind should be one of Invitation, is "User"']],
    [
      { expires_at: '2026-01-01T00:00:00Z' },
      ['x.expires_at should be an RFC 3339 time with microseconds, is "2026-01-01T00:00:00Z"'],
    ],
    [{ mails: 1 }, ['x.mails is not documented']],
    [{ metadata: {} }, ['x.metadata.self is missing']],
    [{ user: { id: 'u-1' } }, ['x.user.related is missing', 'x.user.resource_name is missing']],
    [{ accepted_at: null }, []],
  ])('%j', (change, complaints) => {
    expect(invitation({ ...good, ...change }, 'x')).toEqual(complaints);
  });

  const page = { api_version: 'iam/v2', kind: 'InvitationList', metadata: {}, data: [good] };

  test.each([
    [200, page, []],
    [201, page, ['GET /iam/v2/invitations answers 201']],
    [200, { ...page, data: [good, good] }, ['GET /iam/v2/invitations.data has something twice']],
    [404, {}, ['GET /iam/v2/invitations.errors is missing']],
    [204, {}, ['GET /iam/v2/invitations: 204 has a body']],
  ])('%i with %j', (status, json, complaints) => {
    expect(complaintsOn('GET /iam/v2/invitations', { status, json })).toEqual(complaints);
  });
});
