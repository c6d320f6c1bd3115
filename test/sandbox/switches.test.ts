// Every switch with each of its values, by what a client notices of it.
import { describe, expect, test } from 'vitest';
import { sandboxIssuer, sandboxKey } from '../../src/sandbox/sandbox.ts';
import { parseSetting, type Settings, settingWords } from '../../src/sandbox/settings.ts';
import { emails, type Heard, openWorld, type World } from './world.ts';

const path = '/iam/v2/invitations';
const bindings = '/iam/v2/role-bindings';
const users = '/iam/v2/users';
const crn = 'crn://confluent.cloud/organization=00000000-0000-4000-8000-73616e64626f';
const nested = `${crn}/environment=env-a`;
const second = 1000;
const hour = 3600 * second;

interface Row {
  /** Other switches that are needed to notice this one. */
  readonly with?: Partial<Settings>;
  notice(world: World): Promise<unknown>;
  /** What is noticed with each value. */
  readonly as: Readonly<Record<string, unknown>>;
}

const detail = ({ status, json }: Heard) => `${status} ${json.errors?.[0]?.detail}`;
const exists = '409 This user already exists within the Organization';

/** The second of two invitations of one e-mail, compared with the first; or the error. */
async function twice({ invite, ask, sandbox }: World, between?: 'expire'): Promise<string> {
  const first = await invite('ann');
  if (between === 'expire') await sandbox.expire('ann@example.com');
  const again = await ask(`POST ${path}`, { email: 'Ann@example.com' });
  if (again.status !== 201) return detail(again);
  const [id, user] = [again.json.id === first.id, again.json.user.id === first.user.id];
  return `${id ? 'same' : 'new'} id, ${user ? 'same' : 'new'} user, ${(await ask(`GET ${path}`)).json.data.length} listed`;
}

/** The milliseconds until something is so. */
async function after({ clock }: World, isSo: () => Promise<boolean>): Promise<number> {
  const start = clock.now();
  while (!(await isSo())) clock.pass(second);
  return clock.now() - start;
}

async function paged({ ask }: World, query: string, then = ''): Promise<Heard> {
  const { next } = (await ask(`GET ${path}?${query}`)).json.metadata;
  return ask(`GET ${path}${new URL(next).search}${then}`);
}

async function invitedThree(world: World): Promise<void> {
  for (const name of ['ann', 'bob', 'cyd']) await world.invite(name);
  await world.sandbox.accept('bob@example.com');
}

const form = {
  grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
  ...{ subject_token: 'token-of-an-issuer', identity_pool_id: 'pool-a' },
  subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
  requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
};

function exchange({ ask }: World, fields: Readonly<Record<string, string>> = {}): Promise<Heard> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return ask('POST /sts/v1/oauth2/token', new URLSearchParams({ ...form, ...fields }).toString(), headers);
}

/** A token of the issuer that the sandbox plays. */
async function issued({ ask }: World): Promise<string> {
  const { id_token_request_token: token } = sandboxIssuer('', sandboxKey);
  return (await ask('GET /oidc/token?audience=confluent', '', { authorization: `Bearer ${token}` })).json.value;
}

async function statusOf({ ask }: World, token: string): Promise<number> {
  return (await ask(`GET ${path}`, '', { authorization: `Bearer ${token}` })).status;
}

const rows: { readonly [Name in keyof Settings]: Row } = {
  quota: {
    notice: async ({ status }) => [
      await status(`POST ${path}`, { email: 'a@x' }),
      await status(`POST ${path}`, { email: 'b@x' }),
    ],
    as: { 1: [201, 402], 2: [201, 201] },
  },
  quota_status: {
    with: { quota: 0 },
    notice: async ({ ask }) => detail(await ask(`POST ${path}`, { email: 'a@example.com' })),
    as: {
      402: '402 The request would exceed the quota: iam.max_pending_invitations.per_organization',
      400: '400 iam.max_pending_invitations.per_organization is currently limited to 0',
    },
  },
  expires_after: {
    notice: async ({ invite, clock }) => Date.parse((await invite('ann')).expires_at) - clock.now(),
    as: { '72h': 72 * hour, '5s': 5 * second },
  },
  expiry_lag: {
    with: { expires_after: second },
    notice: async (world) => {
      const { id } = await world.invite('ann');
      const get = async () => (await world.ask(`GET ${path}/${id}`)).json.status;
      return after(world, async () => (await get()) === 'INVITE_STATUS_EXPIRED');
    },
    as: { '0s': second, '2s': 3 * second },
  },
  new_status: {
    notice: async ({ invite, ask, clock }) => {
      const { id, status } = await invite('ann');
      clock.pass(720 * hour);
      return [status, (await ask(`GET ${path}/${id}`)).json.status];
    },
    as: {
      sent: ['INVITE_STATUS_SENT', 'INVITE_STATUS_EXPIRED'],
      staged: ['INVITE_STATUS_STAGED', 'INVITE_STATUS_STAGED'],
    },
  },
  accepted_at_unset: {
    notice: async ({ invite }) => (await invite('ann')).accepted_at,
    as: { absent: undefined, null: null, zero: '0001-01-01T00:00:00+00:00' },
  },
  email_case: {
    notice: async ({ invite }) => (await invite('Ann@X.com')).email,
    as: { kept: 'Ann@X.com', lowered: 'ann@x.com' },
  },
  email_filter: {
    notice: async ({ invite, invited }) => {
      await invite('Ann+x');
      return [await invited('email=Ann%2Bx@example.com'), await invited('email=ANN%2BX@EXAMPLE.COM')];
    },
    as: { exact: [['Ann+x'], []], ignore_case: [['Ann+x'], ['Ann+x']] },
  },
  invalid_email_status: {
    notice: ({ status }) => status(`POST ${path}`, { email: 'ann' }),
    as: { 422: 422, 400: 400 },
  },
  filters: {
    notice: async (world) => {
      await invitedThree(world);
      const heard = await world.ask(`GET ${path}?email=ann@example.com`);
      return heard.status === 200 ? emails(heard) : heard.json.errors[0];
    },
    as: {
      applied: ['ann'],
      ignored: ['ann', 'bob', 'cyd'],
      rejected: expect.objectContaining({ code: 'invalid_filter', source: { parameter: 'email' } }),
    },
  },
  filters_joined: {
    notice: async (world) => {
      await invitedThree(world);
      return world.invited('email=bob@example.com&status=INVITE_STATUS_SENT');
    },
    as: { and: [], or: ['ann', 'bob', 'cyd'] },
  },
  unknown_filter: { notice: ({ status }) => status(`GET ${path}?emial=ann`), as: { ignored: 200, rejected: 400 } },
  reissue: {
    notice: (world) => twice(world),
    as: {
      same_id: 'same id, same user, 1 listed',
      new_id: 'new id, same user, 1 listed',
      new_user: 'new id, new user, 1 listed',
      second_id: 'new id, new user, 2 listed',
      conflict: exists,
    },
  },
  reinvite: {
    notice: (world) => twice(world, 'expire'),
    as: {
      new_id: 'new id, new user, 2 listed',
      same_id: 'same id, same user, 1 listed',
      same_user: 'new id, same user, 2 listed',
    },
  },
  reinvite_created_at: {
    notice: async ({ invite, clock }) => {
      const [start] = [clock.now(), await invite('ann')];
      clock.pass(100 * hour);
      return Date.parse((await invite('ann')).metadata.created_at) - start;
    },
    as: { new: 100 * hour, kept: 0 },
  },
  left_member: {
    notice: async ({ sandbox, status }) => {
      await sandbox.populate({ people: [{ email: 'gus@example.com', state: 'left' }] });
      return status(`POST ${path}`, { email: 'gus@example.com' });
    },
    as: { created: 201, conflict: 409 },
  },
  deleted_reads: {
    notice: async ({ invite, status, ask, invited }) => {
      const { id } = await invite('ann');
      await ask(`DELETE ${path}/${id}`);
      return [await status(`GET ${path}/${id}`), await status(`DELETE ${path}/${id}`), await invited()];
    },
    as: { deactivated: [200, 204, ['ann']], not_found: [404, 404, []], forbidden: [403, 403, []] },
  },
  delete_ended: {
    notice: async ({ invite, status, ask, sandbox }) => {
      const { id } = await invite('ann');
      await sandbox.expire('ann@example.com');
      return [await status(`DELETE ${path}/${id}`), (await ask(`GET ${path}/${id}`)).json.status];
    },
    as: { no_content: [204, 'INVITE_STATUS_DEACTIVATED'], not_found: [404, 'INVITE_STATUS_EXPIRED'] },
  },
  missing_reads: {
    notice: async ({ status }) => [await status(`GET ${path}/i-none`), await status(`DELETE ${path}/i-none`)],
    as: { not_found: [404, 404], forbidden: [403, 403] },
  },
  list_order: {
    notice: async (world) => {
      await invitedThree(world);
      const first = await world.ask(`GET ${path}?page_size=2`);
      await world.invite('new');
      return [...emails(first), ...emails(await world.ask(`GET ${path}${new URL(first.json.metadata.next).search}`))];
    },
    as: { oldest: ['ann', 'bob', 'cyd', 'new'], newest: ['cyd', 'bob', 'ann'] },
  },
  list_lag: {
    notice: async (world) => {
      await world.invite('ann');
      return after(world, async () => (await world.invited()).length > 0);
    },
    as: { '0s': 0, '2s': 2 * second },
  },
  list_rows: {
    notice: async ({ invite, ask }) => {
      const { id } = await invite('ann');
      const [row] = (await ask(`GET ${path}`)).json.data;
      return [Object.keys(row).length, (await ask(`GET ${path}/${id}`)).json.user.id === row.user?.id];
    },
    as: { full: [10, true], minimal: [5, false] },
  },
  user_list_lag: {
    notice: async (world) => {
      await world.invite('ann');
      await world.sandbox.accept('ann@example.com');
      return after(world, async () => (await world.ask(`GET ${users}`)).json.data.length > 1);
    },
    as: { '0s': 0, '2s': 2 * second },
  },
  role_binding_list_lag: {
    notice: async (world) => {
      await world.sandbox.populate({ role_bindings: [{ principal: 'User:sa-1', role_name: 'MetricsViewer' }] });
      return after(world, async () => (await world.ask(`GET ${bindings}?crn_pattern=${crn}`)).json.data.length > 1);
    },
    as: { '0s': 0, '2s': 2 * second },
  },
  retention: {
    notice: async (world) => {
      await invitedThree(world);
      world.clock.pass(10 * second);
      return world.invited();
    },
    as: { forever: ['ann', 'bob', 'cyd'], '10s': ['ann', 'cyd'] },
  },
  page_token_carries: {
    notice: async (world) => {
      await invitedThree(world);
      return emails(await paged(world, 'page_size=1&status=INVITE_STATUS_SENT'));
    },
    as: { filters: ['cyd'], position: ['bob', 'cyd'] },
  },
  paging: {
    notice: async ({ sandbox, ask }) => {
      const [first] = await sandbox.populate({ people: ['a@x', 'b@x', 'c@x', 'd@x'].map((email) => ({ email })) });
      const { metadata } = (await ask(`GET ${users}?page_size=3`)).json;
      await ask(`DELETE ${users}/${first?.user}`);
      return emails(await ask(`GET ${users}${new URL(metadata.next).search}`));
    },
    as: { by_position: ['c@x', 'd@x'], by_offset: ['d@x'] },
  },
  small_page: { notice: ({ status }) => status(`GET ${path}?page_size=0`), as: { rejected: 400, default: 200 } },
  large_page: { notice: ({ status }) => status(`GET ${path}?page_size=101`), as: { capped: 200, rejected: 400 } },
  rejected_status: {
    with: { filters: 'rejected' },
    notice: async ({ status }) => [await status(`GET ${path}?page_size=x`), await status(`GET ${path}?email=a@x`)],
    as: { 400: [400, 400], 422: [422, 422] },
  },
  last_next: {
    notice: async ({ ask }) => (await ask(`GET ${path}`)).json.metadata.next,
    as: { absent: undefined, null: null, empty: '' },
  },
  trailing_page: {
    notice: async (world) => {
      await invitedThree(world);
      return (
        (await world.ask(`GET ${path}?page_size=3`)).json.metadata.next !== undefined &&
        (await paged(world, 'page_size=3')).json.data
      );
    },
    as: { no: false, yes: [] },
  },
  empty_data: { notice: async ({ ask }) => (await ask(`GET ${path}`)).json.data, as: { array: [], null: null } },
  total_size: {
    notice: async (world) => {
      await invitedThree(world);
      return (await world.ask(`GET ${path}?page_size=1&status=INVITE_STATUS_SENT`)).json.metadata.total_size;
    },
    as: { absent: undefined, counted: 2, zero: 0 },
  },
  sso: {
    notice: async ({ invite, ask }) => [
      (await invite('ann')).auth_type,
      (await ask('GET /org/v2/organizations')).json.data[0].jit_enabled,
    ],
    as: { no: ['AUTH_TYPE_LOCAL', false], yes: ['AUTH_TYPE_SSO', true] },
  },
  sso_accepts: {
    with: { sso: 'yes' },
    notice: async ({ invite, status }) => {
      const made = await invite('ann');
      return [made.status, await status(`GET ${users}/${made.user.id}`)];
    },
    as: { later: ['INVITE_STATUS_SENT', 404], at_once: ['INVITE_STATUS_ACCEPTED', 200] },
  },
  local_into_sso: {
    with: { sso: 'yes' },
    notice: ({ status }) => status(`POST ${path}`, { email: 'bob@example.com', auth_type: 'AUTH_TYPE_LOCAL' }),
    as: { allowed: 201, forbidden: 403 },
  },
  service_account_key: {
    notice: async ({ ask }) => {
      const heard = await ask(`POST ${path}`, { email: 'ann@example.com' });
      return heard.json.creator?.id ?? detail(heard);
    },
    as: { no: 'u-sandbox', works: 'sa-sandbox', rejected: '400 Must not use GetUser for service account' },
  },
  invalid_key_status: {
    notice: async ({ ask }) => [
      (await ask(`GET ${path}`, '', { authorization: 'Basic x' })).status,
      (await ask(`GET ${path}`, '', {})).status,
    ],
    as: { 401: [401, 401], 403: [403, 401] },
  },
  pool_invites: {
    notice: async (world) => {
      const { access_token } = (await exchange(world)).json;
      const headers = { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' };
      const { status, json } = await world.ask(`POST ${path}`, { email: 'ann@example.com' }, headers);
      return [status, json.creator?.id, json.creator?.kind];
    },
    as: { yes: [201, 'pool-a', 'IdentityPool'], no: [403, undefined, undefined] },
  },
  sts: {
    notice: async ({ sandbox }) => {
      const query = new URLSearchParams();
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const call = { method: 'POST', path: '/sts/v1/oauth2/token', query, headers };
      const heard = await sandbox.handler({ ...call, body: new URLSearchParams(form).toString() });
      return [heard.status, heard.headers.get('content-type')];
    },
    as: {
      exchanges: [200, 'application/json'],
      refuses: [400, 'application/json'],
      limits: [429, undefined],
      fails: [500, 'application/json'],
      garbles: [200, 'text/html'],
    },
  },
  sts_lifetime: {
    notice: async (world) => {
      const { access_token, expires_in } = (await exchange(world)).json;
      return [expires_in, await after(world, async () => (await statusOf(world, access_token)) === 401)];
    },
    as: { '15m': [900, 900 * second], '1m': [60, 60 * second] },
  },
  sts_trusts: {
    notice: async (world) => [
      (await exchange(world)).status,
      (await exchange(world, { subject_token: await issued(world) })).status,
    ],
    as: { all: [200, 200], own: [400, 200] },
  },
  oidc_lifetime: {
    notice: async (world) => {
      const subject_token = await issued(world);
      return after(world, async () => (await exchange(world, { subject_token })).status === 400);
    },
    as: { '5m': 300 * second, '1m': 60 * second },
  },
  forbidden: {
    notice: async ({ status, sandbox }) => {
      const [hal] = await sandbox.populate({ people: [{ email: 'hal@example.com' }] });
      const all = [`GET ${users}`, `DELETE ${users}/${hal?.user}`, `GET ${users}/${hal?.user}`];
      const statuses = [];
      for (const line of all) statuses.push(await status(line));
      return statuses;
    },
    as: { none: [200, 204, 404], 'users.list': [403, 204, 404], 'users.list,users.delete': [403, 403, 200] },
  },
  forbidden_status: {
    with: { forbidden: ['applied_quotas.list'] },
    notice: ({ status }) => status('GET /service-quota/v1/applied-quotas?scope=ORGANIZATION'),
    as: { 403: 403, 404: 404 },
  },
  forbidden_body: {
    with: { forbidden: ['role_bindings.list'] },
    notice: async ({ ask }) => (await ask(`GET ${bindings}?crn_pattern=${crn}`)).json.errors[0].code,
    as: { documented: 'user_unauthorized', recorded: 'forbidden_access' },
  },
  api_keys: {
    notice: async ({ status, sandbox }) => {
      await sandbox.populate({ api_keys: [{ owner: 'sa-1', id: 'OTHER' }] });
      const all = ['', '/INVITESANDBOX001', '/OTHER'].map((rest) => status(`GET /iam/v2/api-keys${rest}`));
      return Promise.all(all);
    },
    as: { readable: [200, 200, 200], own_only: [403, 200, 403], forbidden: [403, 403, 403] },
  },
  crn_pattern: {
    notice: async ({ sandbox, ask }) => {
      const grant = (role_name: string, crn_pattern: string) => ({ principal: 'User:sa-1', role_name, crn_pattern });
      const subject = `${nested}/schema-registry=lsrc-1/subject=:.prod:pay`;
      await sandbox.populate({ role_bindings: [grant('A', crn), grant('B', nested), grant('C', subject)] });
      const found = async (pattern: string) => {
        const query = `crn_pattern=${encodeURIComponent(pattern)}&principal=User:sa-1`;
        return (await ask(`GET ${bindings}?${query}`)).json.data.map(
          (row: Row & { role_name: string }) => row.role_name,
        );
      };
      const patterns = [crn, `${crn}/*`, nested, `${nested}/*`, 'env-a', subject.replaceAll('=:', '=%3A'), 'env-b'];
      return Promise.all(patterns.map(async (pattern) => (await found(pattern)).join('')));
    },
    as: { by_part: ['ABC', 'BC', 'BC', 'C', 'BC', 'C', ''], by_scope: ['A', 'BC', 'B', 'C', '', 'C', ''] },
  },
  resource_names: {
    notice: async ({ ask }) => {
      const lines = [`GET ${users}/u-sandbox`, `GET ${bindings}/rb-u-sandbox`];
      return Promise.all(lines.map(async (line) => 'resource_name' in (await ask(line)).json.metadata));
    },
    as: { all: [true, true], not_role_bindings: [true, false] },
  },
  crn_colon: {
    notice: async ({ ask }) => {
      const crn_pattern = `${nested}/schema-registry=lsrc-1/subject=:x`;
      const grant = { principal: 'User:sa-1', role_name: 'ResourceOwner', crn_pattern };
      const made = await ask(`POST ${bindings}`, grant);
      return [
        made.json.crn_pattern.slice(0, 6),
        made.json.crn_pattern.slice(-5),
        (await ask(`POST ${bindings}`, { ...grant, crn_pattern: made.json.crn_pattern })).status,
      ];
    },
    as: { plain: ['crn://', 'ct=:x', 409], encoded: ['crn://', '=%3Ax', 409] },
  },
  invitation_page: {
    notice: async (world) => {
      await invitedThree(world);
      return (await world.invited()).length;
    },
    as: { 100: 3, 2: 2 },
  },
  role_binding_page: {
    notice: async ({ sandbox, ask }) => {
      await sandbox.seed(0, { principals: 5 });
      return (await ask(`GET ${bindings}?crn_pattern=${crn}&page_size=1000`)).json.data.length;
    },
    as: { 1000: 6, 2: 2 },
  },
  clock_offset: {
    notice: async ({ invite, ask, clock }) => {
      const { metadata } = await invite('ann');
      const date = (await ask(`GET ${path}`)).headers.get('date') ?? '';
      return [date, metadata.created_at].map((time) => Date.parse(time) - clock.now());
    },
    as: { '0s': [0, 0], '2h': [2 * hour, 2 * hour], '-2h': [-2 * hour, -2 * hour] },
  },
  rate_headers: {
    notice: async ({ ask }) => {
      const lines = [`GET ${path}`, `GET ${bindings}?crn_pattern=crn`, `GET ${path}/i-none`];
      return Promise.all(lines.map(async (line) => (await ask(line)).headers.has('x-ratelimit-reset')));
    },
    as: { all: [true, true, false], not_role_bindings: [true, false, false], none: [false, false, false] },
  },
};

describe.each(Object.entries(rows))('%s', (name, { with: others = {}, notice, as }) => {
  test.each(Object.entries(as))('%s', async (value, noticed) => {
    const world = await openWorld({ ...others, ...parseSetting(`${name}=${value}`) });
    expect(await notice(world)).toEqual(noticed);
  });
});

test('each named value is in a row', () => {
  const tested = Object.entries(rows).flatMap(([name, { as }]) => Object.keys(as).map((value) => `${name}=${value}`));
  const named = settingWords().filter((word) => !word.endsWith('='));
  expect(named.filter((word) => !tested.includes(word))).toEqual([]);
});

test.each(['clock_offset=--2h', 'forbidden=users.lost', 'quota=1e3', 'list_lag=5', '__proto__=1', 'quota'])(
  '"%s" is not a setting or a value of it',
  (text) => expect(() => parseSetting(text)).toThrow(/is not a (value of the )?setting/),
);
