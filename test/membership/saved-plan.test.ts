import { describe, expect, test } from 'vitest';
import { CliError } from '../../src/errors.ts';
import { decide } from '../../src/membership/decide.ts';
import { changesOf, isFinding } from '../../src/membership/plan.ts';
import { defaultLimits } from '../../src/membership/safety.ts';
import {
  checksumOf,
  fingerprintOf,
  isSavedPlan,
  leftOutOf,
  parsePlan,
  planRecord,
  type SavedPlan,
  savedRow,
} from '../../src/membership/saved-plan.ts';
import { ann, bob, file, id, now, type Organization, planOf, question, read, withAnn } from './organization.ts';

const lines = (...all: string[]) => all.join('\n');

async function save(organization: Organization, text: string): Promise<SavedPlan> {
  const desired = await read(text);
  const plan = decide(question(organization, desired));
  const changes = changesOf(plan).map(savedRow);
  const findings = plan.rows.filter(isFinding).map(savedRow);
  const limits = defaultLimits;
  const fingerprint = fingerprintOf({ organization: id, limits, changes });
  const about = { organization: id, origin: 'https://api.confluent.cloud', key_id: 'KEY', file: 'people.yaml' };
  return {
    ...about,
    file_sha256: '00',
    made_at: new Date(now).toISOString(),
    desired,
    limits,
    changes,
    findings,
    notice: plan.notice,
    fingerprint,
  };
}

const written = (saved: SavedPlan): unknown => JSON.parse(JSON.stringify(planRecord(saved)));

const withChecksum = (record: object) => ({ ...record, checksum: checksumOf({ ...record }) });

const parsed = (text: string) => parsePlan(Object(JSON.parse(text)), { name: 'plan.json', text });

function refusal(document: unknown): string | undefined {
  try {
    parsed(typeof document === 'string' ? document : JSON.stringify(document));
  } catch (error) {
    if (error instanceof CliError && error.code === 'invalid_file') return error.details.reason;
    throw error;
  }
  return undefined;
}

describe('a saved plan', () => {
  test('is read as it was written, with what it asks for and the lines', async () => {
    const more = `auth_type: sso\nreinvite: never\nignore: [Operator@env-a, "*@x.com"]\nteams: { t: { roles: [Assigner] } }\n`;
    const extra =
      '  - { email: cyd@example.com, until: 2027-01-31, note: x, teams: [t], roles: [{ role: DataSteward, until: 2027-01-01 }] }';
    const saved = await save(withAnn(), file('people', `${ann}\n${extra}\n  - deb@example.com`, more));
    const record = written(saved);
    expect(isSavedPlan(record)).toBe(true);
    const plan = parsed(JSON.stringify(record));
    const { file: text, file_sha256: sha256, organization, origin, limits, changes: reviewed } = saved;
    const desired = { ...saved.desired, ignore: expect.any(Array) };
    expect(plan).toEqual({ name: 'plan.json', file: text, sha256, organization, origin, limits, reviewed, desired });
    expect(plan.desired.ignore.map(({ text }) => text)).toEqual(['Operator@env-a', '*@x.com']);
    expect(isSavedPlan({ version: 1, people: [] })).toBe(false);
    // In another order, or indented, it is the same plan.
    expect(refusal(Object.fromEntries(Object.entries(Object(record)).reverse()))).toBeUndefined();
  });

  test('edited anywhere is refused', async () => {
    const more = `auth_type: local\nignore: [Operator@env-a]\nteams: { t: { roles: [Assigner] } }\n`;
    const people = `${ann}\n${bob}\n  - { email: cyd@example.com, note: x, teams: [t], until: 2027-01-31 }`;
    const organization = withAnn();
    organization.keys.set(organization.member('hal@example.com'), ['ABCDEFGH12345678']);
    const record = written(await save(organization, file('people', people, more)));
    expect(refusal({ ...Object(record), checksum: undefined })).toBe('it has no "checksum"');
    const twice = JSON.stringify(record).replace('{', '{"changes":[],');
    expect(refusal(twice)).toBe('it was edited: the key "changes" appears twice');
    const edits = [...editsOf(record)];
    expect(edits.length).toBeGreaterThan(150);
    expect(edits.filter(({ document }) => refusal(document) === undefined).map(({ path }) => path)).toEqual([]);
    // With hashes that fit it is refused where a type is another, and never ends as an internal error.
    const [change] = Object(record).changes;
    const ofOtherTypes = 'it was edited: its values have the wrong types';
    const rows = [{ changes: [{ ...change, email: 1 }] }, { changes: {} }, { file: 1 }];
    for (const edit of [...rows, { limits: null }, { limits: {} }, { limits: { ...Object(record).limits, self: 1 } }])
      expect(refusal(withChecksum({ ...Object(record), ...edit }))).toBe(ofOtherTypes);
    expect(refusal(withChecksum({ ...Object(record), desired: undefined }))).toBe('it was edited: it has no "desired"');
  });
});

/** A document with each of its values replaced, taken out, or joined by another one. */
function* editsOf(value: unknown, path = ''): Generator<{ path: string; document: unknown }> {
  if (typeof value !== 'object' || value === null) {
    const others = typeof value === 'number' ? [value + 1, String(value)] : [`${value}x`, null, 1];
    for (const other of others.filter((one) => one !== value)) yield { path, document: other };
    return;
  }
  const copy = (change: (copied: Record<string, unknown>) => void) => {
    const copied = (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
    change(copied);
    return copied;
  };
  const fresh = Array.isArray(value) ? value.length : 'x-new';
  yield { path: `${path}+`, document: copy((copied) => Object.assign(copied, { [fresh]: 1 })) };
  for (const [key, inner] of Object.entries(value)) {
    const place = `${path}/${key}`;
    const lacking = copy((copied) => (Array.isArray(copied) ? copied.splice(Number(key), 1) : delete copied[key]));
    yield { path: `${place}-`, document: lacking };
    for (const { path: at, document } of editsOf(inner, place))
      yield { path: at, document: copy((copied) => Object.assign(copied, { [key]: document })) };
  }
}

test('a fingerprint knows no order, time, binding or capitals, and no encoding of a CRN', async () => {
  const role = 'Operator@environment=env-a/cloud-cluster=lkc-1/kafka=lkc-1/topic=a';
  const one = withAnn();
  const two = withAnn();
  one.bind(one.member('bob@example.com'), `${role}%3Ab`);
  two.bind(two.member('BOB@example.com'), 'Assigner');
  two.bindings = [];
  two.bind('u-1', 'OrganizationAdmin');
  two.bind('u-4', `${role}:b`);
  const listed = ['  - { email: bob@example.com, roles: [] }', '  - { email: new@example.com, roles: [Operator] }'];
  const text = file('roles', lines(ann, ...listed));
  const [first, second] = await Promise.all([save(one, text), save(two, text)]);
  expect(first.changes).toHaveLength(3);
  expect(second.fingerprint).toBe(first.fingerprint);
  expect(fingerprintOf({ ...first, changes: [...first.changes].reverse() })).toBe(first.fingerprint);
  expect(fingerprintOf({ ...first, organization: 'another' })).not.toBe(first.fingerprint);
  expect(fingerprintOf({ ...first, limits: { ...first.limits, min_admins: 1 } })).not.toBe(first.fingerprint);
});

describe('a plan that was approved, and an organization or a file that has changed since', () => {
  type Meanwhile = (organization: Organization) => void;
  const userOf = ({ users }: Organization, name: string) => users.find(({ email }) => email.startsWith(name))?.id ?? '';
  const accept = (organization: Organization, email: string) => {
    const user = Object(organization.invitations.find((one) => one.email === email)?.user).id as string;
    organization.users.push({ id: user, email, auth_type: 'AUTH_TYPE_LOCAL' });
    organization.keys.set(user, []);
    organization.invitations = organization.invitations.map((one) =>
      one.email === email ? { ...one, status: 'INVITE_STATUS_ACCEPTED' } : one,
    );
  };
  const leave = (organization: Organization, name: string) => {
    organization.users = organization.users.filter(({ email }) => !email.startsWith(name));
  };
  /** ann and bob are wanted, cyd is pending, eve is a member and fay is pending, both to go. */
  function start(): Organization {
    const organization = withAnn();
    organization.member('bob@example.com', ['Operator']);
    organization.invite('cyd@example.com');
    organization.member('eve@example.com');
    organization.invite('fay@example.com');
    return organization;
  }
  const people = lines(
    ann,
    bob,
    '  - { email: cyd@example.com, roles: [Assigner] }',
    '  - { email: new@example.com, roles: [Assigner, { role: Operator, until: 2026-11-25 }] }',
  );
  const none: Meanwhile = () => {};
  const stale = expect.objectContaining({ code: 'stale_plan' });
  const expire: Meanwhile = (o) => {
    o.invitations = o.invitations.map((one) => ({ ...one, status: String(one.status).replace('SENT', 'EXPIRED') }));
  };

  test.each<[name: string, meanwhile: Meanwhile, isStale: boolean, text?: string]>([
    ['a wanted person accepts', (o) => accept(o, 'cyd@example.com'), false],
    ['an unwanted person accepts', (o) => accept(o, 'fay@example.com'), true],
    ['an unwanted person leaves', (o) => leave(o, 'eve'), false],
    ['a wanted person leaves', (o) => leave(o, 'bob'), true],
    ['somebody else becomes a member', (o) => o.member('gus@example.com'), true],
    ['an unwanted person makes an API key', (o) => o.keys.set(userOf(o, 'eve'), ['KEY1KEY1KEY1KEY1']), false],
    ['a listed person gets another role', (o) => o.bind(userOf(o, 'bob'), 'DataSteward'), true],
    ['the missing role is granted by hand', (o) => o.bind(userOf(o, 'bob'), 'MetricsViewer'), false],
    ['a new person is invited by hand', (o) => o.invite('new@example.com', { age: 0 }), false],
    ['the invitation of a wanted person expires', expire, true],
    ['a local login instead of the default', none, true, people.replace('new@example.com,', '$& auth_type: local,')],
    ['another role', none, true, people.replace('MetricsViewer', 'OrganizationAdmin')],
    ['another person', none, true, people.replace('new@', 'mallory@')],
    ['capitals and another order', none, false, lines(...people.split('\n').reverse()).replace('new@', 'NEW@')],
  ])('%s', async (_, meanwhile, isStale, text = people) => {
    const organization = start();
    const saved = await save(organization, file('people', people));
    meanwhile(organization);
    const fresh = await planOf(organization, file('people', text));
    if (isStale) expect(() => leftOutOf(saved.changes, fresh, 'plan.json')).toThrow(stale);
    else leftOutOf(saved.changes, fresh, 'plan.json');
  });
});
