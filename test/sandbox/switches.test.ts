// The switches with each of their values, by what a client notices of them.
import { describe, expect, test } from 'vitest';
import { sandboxIssuer, sandboxKey } from '../../src/sandbox/sandbox.ts';
import { parseSetting, type Settings, settingWords } from '../../src/sandbox/settings.ts';
import { emails, exchangeForm, type Heard, openWorld, type World } from './world.ts';

const invitations = '/iam/v2/invitations';
const bindings = '/iam/v2/role-bindings';
const users = '/iam/v2/users';
const crn = 'crn://confluent.cloud/organization=00000000-0000-4000-8000-73616e64626f';
const second = 1000;
const hour = 3600 * second;

type Notice = (world: World) => Promise<unknown>;

/** What a client notices, what that is with each value, and other switches that are needed to notice it. */
type Row = readonly [notice: Notice, as: Readonly<Record<string, unknown>>, others?: Partial<Settings>];

/** Ann is invited, Bob has accepted, Cyd's invitation has expired and Gus has left. */
const people = (['pending', 'accepted', 'expired', 'left'] as const).map((state, index) => {
  const name = ['ann', 'bob', 'cyd', 'gus'][index];
  return { email: `${name}@example.com`, state, invitation: `i-${name}`, user: `u-${name}` };
});

/** Asks line after line, with those people: the e-mails of a list, or the status of another answer. */
function asking(...lines: readonly string[]): Notice {
  return async ({ ask, sandbox }) => {
    await sandbox.populate({ people });
    const heard = [];
    for (const line of lines) {
      const [method = '', target = '', email] = line.split(' ');
      const answer = await ask(`${method} ${target.replace(/^I/, invitations)}`, email && { email });
      const isList = answer.json?.kind?.endsWith('List');
      heard.push(isList ? emails(answer).join(',') : answer.status);
    }
    return heard.join(' ');
  };
}

/** A part of one answer. */
function reading(line: string, part: (json: Heard['json']) => unknown, body?: object): Notice {
  return async ({ ask }) => part((await ask(line, body)).json);
}

const post = `POST ${invitations}`;
const ann = { email: 'Ann@Example.com' };

/** The second of two invitations of one e-mail, compared with the first; or the error. */
function twice(between?: 'expire'): Notice {
  return async ({ invite, ask, invited, sandbox }) => {
    const first = await invite('ann');
    if (between === 'expire') await sandbox.expire('ann@example.com');
    const { json } = await ask(post, { email: 'Ann@example.com' });
    if (json.errors !== undefined) return json.errors[0].detail;
    const id = json.id === first.id;
    const user = json.user.id === first.user.id;
    return `${id ? 'same' : 'new'} id, ${user ? 'same' : 'new'} user, ${(await invited()).length} listed`;
  };
}

/** The milliseconds until something is so. */
async function after({ clock }: World, isSo: () => Promise<boolean>): Promise<number> {
  const start = clock.now();
  while (!(await isSo())) clock.pass(second);
  return clock.now() - start;
}

/** How long a new row is missing from a list. */
function missing(line: string, rows: number): Notice {
  return async (world) => {
    const { invite, sandbox, ask } = world;
    await invite('ann');
    await sandbox.accept('ann@example.com');
    await sandbox.populate({ role_bindings: [{ principal: 'User:sa-1', role_name: 'MetricsViewer' }] });
    return after(world, async () => (await ask(line)).json.data.length === rows);
  };
}

/** The e-mails of the page behind the first one, once something has happened. */
function secondPage(line: string, between: (world: World) => Promise<unknown> = async () => {}): Notice {
  return async (world) => {
    await world.sandbox.populate({ people: [...people, { email: 'dan@example.com' }] });
    const { next } = (await world.ask(line)).json.metadata;
    await between(world);
    return next && emails(await world.ask(`${line.replace(/\?.*/, '')}${new URL(next).search}`)).join(',');
  };
}

/** A token of the issuer that the sandbox plays. */
async function issued({ ask }: World): Promise<string> {
  const { id_token_request_token: token } = sandboxIssuer('', sandboxKey);
  return (await ask('GET /oidc/token?audience=confluent', '', { authorization: `Bearer ${token}` })).json.value;
}

/** Those of which the tests of commands notice each value: by another exit code, by other rows or by another time. */
const noticedByCommands = [
  ...(['quota', 'expires_after', 'expiry_lag', 'left_member', 'deleted_reads', 'missing_reads'] as const),
  ...(['pool_invites', 'sts', 'sts_lifetime', 'sts_trusts', 'forbidden', 'api_keys'] as const),
  ...(['role_binding_page', 'clock_offset'] as const),
] as const;

const rows: { readonly [Name in Exclude<keyof Settings, (typeof noticedByCommands)[number]>]: Row } = {
  quota_status: [
    reading(post, ({ errors }) => errors[0].detail, ann),
    {
      402: 'The request would exceed the quota: iam.max_pending_invitations.per_organization',
      400: 'iam.max_pending_invitations.per_organization is currently limited to 0',
    },
    { quota: 0 },
  ],
  new_status: [
    reading(post, ({ status }) => status, ann),
    { sent: 'INVITE_STATUS_SENT', staged: 'INVITE_STATUS_STAGED' },
  ],
  accepted_at_unset: [
    reading(post, ({ accepted_at }) => accepted_at, ann),
    { absent: undefined, null: null, zero: '0001-01-01T00:00:00+00:00' },
  ],
  email_case: [reading(post, ({ email }) => email, ann), { kept: 'Ann@Example.com', lowered: 'ann@example.com' }],
  email_filter: [asking('GET I?email=BOB@example.com'), { exact: '', ignore_case: 'bob' }],
  invalid_email_status: [asking('POST I ann'), { 422: '422', 400: '400' }],
  filters: [asking('GET I?email=bob@example.com'), { applied: 'bob', ignored: 'ann,bob,cyd,gus', rejected: '400' }],
  filters_joined: [asking('GET I?email=bob@example.com&status=INVITE_STATUS_SENT'), { and: '', or: 'ann,bob' }],
  unknown_filter: [asking('GET I?emial=bob'), { ignored: 'ann,bob,cyd,gus', rejected: '400' }],
  reissue: [
    twice(),
    {
      same_id: 'same id, same user, 1 listed',
      new_id: 'new id, same user, 1 listed',
      new_user: 'new id, new user, 1 listed',
      second_id: 'new id, new user, 2 listed',
      conflict: 'This user already exists within the Organization',
    },
  ],
  reinvite: [
    twice('expire'),
    {
      new_id: 'new id, new user, 2 listed',
      same_id: 'same id, same user, 1 listed',
      same_user: 'new id, same user, 2 listed',
    },
  ],
  reinvite_created_at: [
    async ({ invite, clock }) => {
      const first = await invite('ann');
      clock.pass(100 * hour);
      return (await invite('ann')).metadata.created_at === first.metadata.created_at;
    },
    { new: false, kept: true },
  ],
  delete_ended: [
    asking('DELETE I/i-cyd', 'GET I?status=INVITE_STATUS_EXPIRED'),
    { no_content: '204 ', not_found: '404 cyd' },
  ],
  list_order: [
    secondPage(`GET ${invitations}?page_size=3`, ({ invite }) => invite('new')),
    { oldest: 'gus,dan,new', newest: 'bob,ann' },
  ],
  list_lag: [missing(`GET ${invitations}`, 1), { '0s': 0, '2s': 2 * second }],
  list_rows: [
    async ({ invite, ask }) => {
      await invite('ann');
      return Object.keys((await ask(`GET ${invitations}`)).json.data[0]).join(' ');
    },
    {
      full: 'api_version kind id email auth_type status expires_at user creator metadata',
      minimal: 'api_version kind id email metadata',
    },
  ],
  user_list_lag: [missing(`GET ${users}`, 2), { '0s': 0, '2s': 2 * second }],
  role_binding_list_lag: [missing(`GET ${bindings}?crn_pattern=${crn}`, 2), { '0s': 0, '2s': 2 * second }],
  retention: [asking('GET I'), { forever: 'ann,bob,cyd,gus', '1h': 'ann' }],
  page_token_carries: [
    secondPage(`GET ${invitations}?page_size=1&status=INVITE_STATUS_ACCEPTED`),
    { filters: 'gus', position: 'cyd,gus,dan' },
  ],
  paging: [
    secondPage(`GET ${users}?page_size=2`, ({ ask }) => ask(`DELETE ${users}/u-bob`)),
    { by_position: 'dan', by_offset: '' },
  ],
  small_page: [asking('GET I?page_size=0'), { rejected: '400', default: 'ann,bob,cyd,gus' }],
  large_page: [asking('GET I?page_size=101'), { capped: 'ann,bob,cyd,gus', rejected: '400' }],
  rejected_status: [
    asking('GET I?page_size=x', 'GET I?email=a@x'),
    { 400: '400 400', 422: '422 422' },
    { filters: 'rejected' },
  ],
  last_next: [
    reading(`GET ${invitations}`, ({ metadata }) => metadata.next),
    { absent: undefined, null: null, empty: '' },
  ],
  trailing_page: [secondPage(`GET ${invitations}?page_size=5`), { no: undefined, yes: '' }],
  empty_data: [reading(`GET ${invitations}`, ({ data }) => data), { array: [], null: null }],
  total_size: [
    reading(`GET ${users}?page_size=1`, ({ metadata }) => metadata.total_size),
    { absent: undefined, counted: 1, zero: 0 },
  ],
  sso: [reading(post, ({ auth_type }) => auth_type, ann), { no: 'AUTH_TYPE_LOCAL', yes: 'AUTH_TYPE_SSO' }],
  sso_accepts: [
    async ({ invite, status }) => status(`GET ${users}/${(await invite('ann')).user.id}`),
    { later: 404, at_once: 200 },
    { sso: 'yes' },
  ],
  local_into_sso: [
    ({ status }) => status(post, { email: 'bob@example.com', auth_type: 'AUTH_TYPE_LOCAL' }),
    { allowed: 201, forbidden: 403 },
    { sso: 'yes' },
  ],
  service_account_key: [
    reading(post, ({ creator, errors }) => creator?.id ?? errors[0].detail, ann),
    { no: 'u-sandbox', works: 'sa-sandbox', rejected: 'Must not use GetUser for service account' },
  ],
  invalid_key_status: [
    async ({ ask }) => {
      const status = async (headers: { authorization?: string }) => (await ask(`GET ${users}`, '', headers)).status;
      return [await status({ authorization: 'Basic x' }), await status({})];
    },
    { 401: [401, 401], 403: [403, 401] },
  ],
  oidc_lifetime: [
    async (world) => {
      const subject_token = await issued(world);
      const line = 'POST /sts/v1/oauth2/token';
      return after(world, async () => (await world.status(line, exchangeForm({ subject_token }))) === 400);
    },
    { '5m': 300 * second, '1m': 60 * second },
  ],
  forbidden_status: [asking('POST I a@x'), { 403: '403', 404: '404' }, { forbidden: ['invitations.create'] }],
  forbidden_body: [
    reading(`GET ${bindings}`, ({ errors }) => errors[0].code),
    { documented: 'user_unauthorized', recorded: 'forbidden_access' },
    { forbidden: ['role_bindings.list'] },
  ],
  crn_pattern: [
    async ({ sandbox, ask }) => {
      const nested = `${crn}/environment=env-a`;
      const subject = `${nested}/schema-registry=lsrc-1/subject=:.prod:pay`;
      const grant = (role_name: string, crn_pattern: string) => ({ principal: 'User:sa-1', role_name, crn_pattern });
      await sandbox.populate({ role_bindings: [grant('A', crn), grant('B', nested), grant('C', subject)] });
      const patterns = [crn, `${crn}/*`, nested, `${nested}/*`, 'env-a', subject.replaceAll('=:', '=%3A'), 'env-b'];
      const found = patterns.map(async (pattern) => {
        const { json } = await ask(`GET ${bindings}?principal=User:sa-1&crn_pattern=${encodeURIComponent(pattern)}`);
        return json.data.map(({ role_name }: { role_name: string }) => role_name).join('');
      });
      return (await Promise.all(found)).join(' ');
    },
    { by_part: 'ABC BC BC C BC C ', by_scope: 'A BC B C  C ' },
  ],
  resource_names: [
    reading(`GET ${bindings}/rb-u-sandbox`, ({ metadata }) => 'resource_name' in metadata),
    { all: true, not_role_bindings: false },
  ],
  crn_colon: [
    async ({ ask, status }) => {
      const grant = { principal: 'User:sa-1', role_name: 'ResourceOwner', crn_pattern: `${crn}/subject=:x` };
      const { crn_pattern } = (await ask(`POST ${bindings}`, grant)).json;
      return [crn_pattern.replace(crn, ''), await status(`POST ${bindings}`, { ...grant, crn_pattern })];
    },
    { plain: ['/subject=:x', 409], encoded: ['/subject=%3Ax', 409] },
  ],
  invitation_page: [asking('GET I?page_size=9'), { 100: 'ann,bob,cyd,gus', 2: 'ann,bob' }],
  rate_headers: [
    async ({ ask }) => {
      const lines = [`GET ${users}`, `GET ${bindings}?crn_pattern=crn`, `GET ${users}/u-none`];
      return Promise.all(lines.map(async (line) => (await ask(line)).headers.has('x-ratelimit-reset')));
    },
    { all: [true, true, false], not_role_bindings: [true, false, false], none: [false, false, false] },
  ],
};

describe.each(Object.entries(rows))('%s', (name, [notice, as, others = {}]) => {
  test.each(Object.entries(as))('%s', async (value, noticed) => {
    const world = await openWorld({ ...others, ...parseSetting(`${name}=${value}`) });
    expect(await notice(world)).toEqual(noticed);
  });
});

test('each named value is in a row', () => {
  const tested = Object.entries(rows).flatMap(([name, [, as]]) => Object.keys(as).map((value) => `${name}=${value}`));
  const isOther = (word: string) => !noticedByCommands.some((name) => word.startsWith(`${name}=`));
  const named = settingWords().filter((word) => !word.endsWith('=') && isOther(word));
  expect(named.filter((word) => !tested.includes(word))).toEqual([]);
});

test.each([
  ['clock_offset=-2h', -2 * hour],
  ['clock_offset=+90s', 90 * second],
  ['forbidden=users.list,users.get', ['users.list', 'users.get']],
  ['forbidden=none', []],
  ['sts_lifetime=1m', 60 * second],
  ['quota=7', 7],
])('%s is read', (text, value) => expect(Object.values(parseSetting(text))).toEqual([value]));

test.each(['clock_offset=--2h', 'forbidden=users.lost', 'quota=1e3', 'list_lag=5', '__proto__=1', 'quota'])(
  '"%s" is not a setting or a value of it',
  (text) => expect(() => parseSetting(text)).toThrow(/is not a (value of the )?setting/),
);
