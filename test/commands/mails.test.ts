import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Settings } from '../../src/sandbox/sandbox.ts';
import {
  answering,
  before,
  changing,
  losing,
  type ObservedSandbox,
  observeSandbox,
  onceListed,
  removeElsewhere,
  saying,
  spoiling,
} from '../support/observed-sandbox.ts';

const email = 'ann@example.com';
const hour = 3_600_000;

/** Runs a line and says its outcome, its exit code, and how many mails all people have got by then. */
async function outcome(api: ObservedSandbox, line: string) {
  const { code, stdout, stderr } = await api.invite(`${line} -o json`);
  const value = stdout === '' ? JSON.parse(stderr.trim().split('\n').at(-1) ?? '{}').error : JSON.parse(stdout);
  const one = Array.isArray(value) ? value[0] : value;
  return { code, outcome: one.outcome ?? one.code, mails: await api.mailed() };
}

function logs(api: ObservedSandbox): string[] {
  const folder = join(api.stateDir, 'mails');
  return readdirSync(folder).map((name) => join(folder, name));
}

const people = (api: ObservedSandbox, text = `email\n${email}\n`) => api.write('people.csv', text);

describe('one wish is one mail', () => {
  test.each([
    [201, 'created'],
    [409, 'already_invited'],
  ])('an empty %i whose Location names the invitation is read there, whatever the list shows', async (status, word) => {
    const api = await observeSandbox({ list_lag: 10 * hour });
    api.hook = async (request, response, honest) => {
      if (!/^POST .*invitations /.test(request)) return undefined;
      const { id } = JSON.parse(String((await honest()).body));
      response.writeHead(status, { location: `https://api.confluent.cloud/iam/v2/invitations/${id}` }).end();
      return true;
    };
    expect(await outcome(api, `create ${email} --role MetricsViewer`)).toEqual({ code: 0, outcome: word, mails: 1 });
    // Both the log of mails and the role need the organization.
    for (const once of ['GET /org/v2/organizations', 'POST /iam/v2/role-bindings'])
      expect(api.requests.filter((one) => one === once)).toEqual([once]);
  });

  test('who waits for another process says so, and mails nobody while that is not done', async () => {
    const api = await observeSandbox();
    let other = '';
    api.hook = before(/^POST/, async () => {
      other = (await api.invite(`import ${people(api)} --yes`)).stderr;
    });
    expect(await outcome(api, `create ${email}`)).toMatchObject({ outcome: 'created', mails: 1 });
    expect(other.match(/^waiting for .*$/gm)).toEqual([
      expect.stringMatching(/^waiting for invite create, process \d+ on here, which is mailing "ann@example\.com"$/),
    ]);
    expect(other).toContain('has not ended in 120 s');
  });

  const readers = ['delete - --yes', 'resend - --yes', 'wait - --for pending'];
  test.each(readers)('ids that the list does not show yet are read one by one: create -o id | %s', async (line) => {
    const api = await observeSandbox({ list_lag: 10 * hour });
    const { stdout: stdin } = await api.invite(`create ${email} bob@example.com -o id`);
    const stderr = expect.not.stringContaining('not found');
    expect(await api.invite(line, { stdin })).toMatchObject({ code: 0, stderr });
  });

  test.each([
    ['delete --status pending', 9],
    [`delete ${email}`, 3],
  ])('%s deletes nothing where the API shows no id', async (line, code) => {
    const api = await observeSandbox();
    await api.invite(`create ${email}`);
    api.hook = changing(/^GET .*invitations /, ({ id: _, ...row }) => row);
    expect(await outcome(api, `${line} --yes`)).toMatchObject({ code });
    expect(api.requests.filter((request) => request.startsWith('DELETE'))).toEqual([]);
  });

  test('many members without an invitation are found by one pass over the users', async () => {
    const api = await observeSandbox();
    const sso = Array.from({ length: 150 }, (_, n) => ({ email: `p${n}@example.com`, state: 'sso_member' as const }));
    await api.sandbox.populate({ people: sso });
    const emails = Array.from({ length: 20 }, (_, n) => `P${n * 7}@example.com`);
    const line = `import ${people(api, emails.join('\n'))} --role MetricsViewer --yes`;
    const results: { outcome: string; user?: { id: string } }[] = await api.json(line);
    expect(results.every(({ outcome, user }) => outcome === 'already_member' && user !== undefined)).toBe(true);
    expect(api.requests.filter((request) => request === 'GET /iam/v2/users').length).toBeLessThanOrEqual(4);
    // A search for each as they were typed and in small letters, and the list twice.
    expect(api.requests.filter((request) => request === 'GET /iam/v2/invitations').length).toBeLessThanOrEqual(42);
    api.hook = answering(/^GET .*users/, 403);
    api.requests.length = 0;
    await api.json(`import ${people(api, emails.join('\n'))} --yes`);
    // As many as are under way when the first of them is refused.
    expect(api.requests.filter((request) => request === 'GET /iam/v2/users').length).toBeLessThan(10);
  });

  test('a mail that is looked for is searched by its address, and in the whole list only at last', async () => {
    const api = await observeSandbox({ quota: 1000, list_lag: 10 * hour });
    const others = Array.from({ length: 130 }, (_, n) => ({ email: `p${n}@example.com`, state: 'pending' as const }));
    await api.sandbox.populate({ people: others });
    api.clock.pass(11 * hour);
    api.hook = losing(/^POST/, Number.POSITIVE_INFINITY);
    expect(await outcome(api, `create ${email}`)).toEqual({ code: 3, outcome: 'outcome_unknown', mails: 2 });
    // Before the first mail, and after each of two: a search, or three, and both pages.
    expect(api.requests.filter((request) => request === 'GET /iam/v2/invitations').length).toBe(3 + 5 + 5);
  });

  test.each(['new_id', 'second_id'] as const)('resend, a lost answer, and typed again: %s', async (reissue) => {
    const api = await observeSandbox({ reissue, list_lag: 30_000 });
    await api.invite(`create ${email}`);
    api.clock.pass(30_000);
    api.hook = losing(/^POST/);
    expect(await outcome(api, `resend ${email} --yes`)).toEqual({ code: 3, outcome: 'outcome_unknown', mails: 2 });
    api.clock.pass(30_000);
    expect(await outcome(api, `resend ${email} --yes`)).toEqual({ code: 0, outcome: 'already_invited', mails: 2 });
    expect(await outcome(api, `resend ${email} --yes`)).toEqual({ code: 0, outcome: 'resent', mails: 3 });
  });

  test('two requests to resend are two mails', async () => {
    const api = await observeSandbox();
    await api.invite(`create ${email}`);
    for (const mails of [2, 3])
      expect(await outcome(api, `resend ${email} --yes`)).toEqual({ code: 0, outcome: 'resent', mails });
  });

  test.each(['new_id', 'same_id'] as const)(
    'but one if the second has looked before the first: %s',
    async (reissue) => {
      const api = await observeSandbox({ reissue, list_lag: 30_000 });
      await api.invite(`create ${email}`);
      api.clock.pass(30_000);
      api.hook = onceListed(async () => {
        api.clock.pass(1000);
        await api.invite(`resend ${email} --yes`);
      });
      expect(await outcome(api, `resend ${email} --yes`)).toEqual({ code: 0, outcome: 'already_invited', mails: 2 });
    },
  );
});

describe('what this machine mailed', () => {
  test('is not mailed again because a list lags an hour', async () => {
    const api = await observeSandbox({ list_lag: hour });
    expect(await outcome(api, `create ${email}`)).toEqual({ code: 0, outcome: 'created', mails: 1 });
    for (const line of [`create ANN@example.com`, `import ${people(api)} --yes`, `create ${email} --dry-run`])
      expect(await outcome(api, line)).toEqual({ code: 0, outcome: 'already_invited', mails: 1 });
    expect(await outcome(api, `create ${email} --again`)).toEqual({ code: 0, outcome: 'created', mails: 2 });
  });

  test.each(['import', 'create'])('without an id may be on its way: a bare 201, then %s again', async (verb) => {
    const api = await observeSandbox({ list_lag: hour });
    const line = verb === 'import' ? `import ${people(api)} --yes` : `create ${email}`;
    const code = verb === 'import' ? 9 : 3;
    api.hook = saying(/^POST/, 201);
    expect(await outcome(api, line)).toMatchObject({ code, mails: 1 });
    api.hook = undefined;
    expect(await outcome(api, line)).toMatchObject({ code, mails: 1 });
    expect(await outcome(api, `create ${email}`)).toEqual({ code: 3, outcome: 'outcome_unknown', mails: 1 });
    const { stderr } = await api.invite(`create ${email}`);
    expect(stderr).toContain(`error: a mail to "${email}" may be on its way since`);
    expect(stderr).toContain(`invite create ${email} --again`);
    api.clock.pass(hour);
    expect(await outcome(api, line)).toMatchObject({ code: 0, mails: 1 });
  });

  test('is forgotten after a day', async () => {
    const api = await observeSandbox({ list_lag: 100 * hour });
    await api.invite(`create ${email}`);
    api.clock.pass(25 * hour);
    expect(await outcome(api, `create ${email}`)).toMatchObject({ outcome: 'created', mails: 2 });
    api.clock.pass(50 * hour);
    await api.invite('create bob@example.com');
    expect(logs(api)).toHaveLength(1);
  });

  test('is remembered if the clock of the machine was put right since', async () => {
    const api = await observeSandbox({ list_lag: 100 * hour });
    await api.invite(`create ${email}`);
    for (const path of logs(api)) utimesSync(path, 0, 0);
    await api.invite('create bob@example.com');
    expect(await outcome(api, `create ${email}`)).toMatchObject({ code: 0, mails: 2 });
  });

  test('is forgotten after a day where its file was set aside, too', async () => {
    const api = await observeSandbox();
    await api.invite(`create ${email}`);
    writeFileSync(logs(api)[0] ?? '', 'nonsense\n', { flag: 'a' });
    await api.invite('create bob@example.com');
    expect(logs(api)).toHaveLength(2);
    api.clock.pass(25 * hour);
    await api.invite('create cyd@example.com');
    expect(logs(api)).toHaveLength(1);
  });

  const reads = ['deactivated', 'not_found', 'forbidden'] as const;
  test.each(reads)('and revoked since is mailed again, where it reads %s', async (deleted_reads) => {
    const api = await observeSandbox({ deleted_reads });
    await api.invite(`create ${email}`);
    expect(await api.invite(`delete ${email} --yes`)).toMatchObject({ code: 0 });
    expect(await outcome(api, `create ${email}`)).toMatchObject({ code: 0, mails: 2 });
  });

  const missing = ['not_found', 'forbidden'] as const;
  test.each(missing)('in an organization that is no more (%s) is no obstacle', async (missing_reads) => {
    const api = await observeSandbox({ missing_reads });
    await api.invite(`create ${email}`);
    await api.sandbox.reset();
    expect(await outcome(api, `create ${email}`)).toEqual({ code: 0, outcome: 'created', mails: 1 });
  });

  test('a refused POST mails nobody, and is not remembered as one that did', async () => {
    const api = await observeSandbox();
    api.hook = saying(/^POST/, 422);
    expect(await outcome(api, `create ${email}`)).toMatchObject({ code: 2 });
    await api.sandbox.reset();
    api.hook = undefined;
    expect(await outcome(api, `create ${email}`)).toMatchObject({ code: 0, outcome: 'created', mails: 1 });
  });
});

describe('the file of it', () => {
  test('holds addresses, ids and times, for its owner alone', async () => {
    const api = await observeSandbox();
    await api.invite('create Ann@example.com bob@example.com');
    const [path = ''] = logs(api);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const texts = readFileSync(path, 'utf8').trim().split('\n');
    const lines = texts.map((line) => JSON.parse(line));
    expect(lines[0]).toEqual({ invite_mail_log: 2 });
    const claim = lines.find((line) => line.email === email);
    const text = expect.any(String);
    const holder = { host: 'here', namespace: '1', pid: expect.any(Number), start: 'now' };
    expect(claim).toEqual({ claim: text, email, as: 'created', command: 'create', at: text, ...holder });
    const end = lines.find((line) => line.end === claim.claim);
    expect(end).toEqual({ end: claim.claim, outcome: 'sent', id: text, at: text });
    for (const name of ['CONFLUENT_CLOUD_API_KEY', 'CONFLUENT_CLOUD_API_SECRET'])
      expect(JSON.stringify(lines)).not.toContain(api.env[name]);
  });

  test('says before the POST leaves that it is begun', async () => {
    const api = await observeSandbox();
    let seen = '';
    api.hook = spoiling(/^POST/, (response) => {
      seen = readFileSync(logs(api)[0] ?? '', 'utf8');
      response.destroy();
    });
    await api.invite(`create ${email}`);
    expect(seen).toMatch(/^\{"invite_mail_log":2\}\n\{"claim":"[^"]+","email":"ann@example\.com",[^\n]*\}\n$/);
  });

  /** What a process that was killed at this moment has left. */
  test.each([
    ['nothing but the beginning', '\n', 3],
    ['half an end', '\n{"end":"abc', 3],
    ['half a second mail', '\n{"send":"abc', 3],
  ])('of a command that was killed, with %s', async (_, rest, code) => {
    const api = await observeSandbox({ list_lag: hour });
    await api.invite(`create ${email}`);
    const [path = ''] = logs(api);
    const lines = readFileSync(path, 'utf8').split('\n').slice(0, 2);
    writeFileSync(path, lines.join('\n') + rest);
    expect(await outcome(api, `create ${email}`)).toMatchObject({ code, mails: 1 });
    expect((await api.invite('create bob@example.com')).stderr).not.toContain('warning');
    expect(await outcome(api, 'create bob@example.com')).toMatchObject({ outcome: 'already_invited', mails: 2 });
  });

  const soon = new Date(Date.now() + 90 * 24 * hour).toISOString();
  const postpone = (path: string) =>
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/"at":"[^"]*"/g, `"at":"${soon}"`));
  test.each<[string, (path: string) => void, string]>([
    ['broken', (path) => writeFileSync(path, `${readFileSync(path, 'utf8')}\0\0 nonsense\n`), 'damaged'],
    ['of a newer version', (path) => writeFileSync(path, `{"invite_mail_log":3}\n["${email}"]\n`), 'newer version'],
    ['from the future', postpone, 'in the future'],
    ['writable by others', (path) => chmodSync(path, 0o666), 'writable by others'],
  ])('that is %s is said once and set aside, and nobody is mailed because of it', async (_, spoil, word) => {
    const api = await observeSandbox({ list_lag: hour });
    await api.invite(`create ${email}`);
    spoil(logs(api)[0] ?? '');
    expect((await api.invite(`create ${email} --dry-run`)).stderr).toContain(word);
    expect(logs(api)).toHaveLength(1);
    const { code, stderr } = await api.invite(`create ${email}`);
    expect([stderr, stderr.match(/warning:/g)?.length]).toEqual([expect.stringContaining(word), 1]);
    expect(logs(api)).toHaveLength(2);
    const again = { code, stderr: expect.not.stringContaining('warning') };
    expect(await api.invite(`create ${email}`)).toMatchObject(again);
    expect(await api.mailed()).toBe(1);
  });

  test.runIf(process.getuid?.() !== 0)('that cannot be written is said once, and the mail leaves', async () => {
    const api = await observeSandbox();
    mkdirSync(api.stateDir, { mode: 0o500 });
    const { code, stderr } = await api.invite('create ann@example.com bob@example.com');
    expect({ code, mails: await api.mailed() }).toEqual({ code: 0, mails: 2 });
    expect(stderr.match(/cannot remember on this machine/g)).toHaveLength(1);
  });

  test.each<[string, (path: string) => void]>([
    ['a directory', (path) => mkdirSync(path)],
    ['a symbolic link', (path) => symlinkSync(`${path}.other`, path)],
    ['a pipe', (path) => execFileSync('mkfifo', [path])],
  ])('that is %s is said, and nobody is mailed because of it', async (kind, make) => {
    const api = await observeSandbox({ list_lag: hour });
    await api.invite(`create ${email}`);
    const [path = ''] = logs(api);
    renameSync(path, `${path}.other`);
    make(path);
    for (const line of [`create ${email}`, `import ${people(api)} --yes`]) {
      const { code, stderr } = await api.invite(line);
      expect({ code, mails: await api.mailed() }).toEqual({ code: 1, mails: 1 });
      expect(stderr).toContain(`it is ${kind}`);
    }
    expect((await api.invite(`get ${email}`)).stderr).toContain(`it is ${kind}`);
  });

  test('whose folder is a file is said, and one mail leaves, but not several', async () => {
    const api = await observeSandbox();
    mkdirSync(api.stateDir);
    writeFileSync(join(api.stateDir, 'mails'), '');
    const two = people(api, `email\n${email}\nbob@example.com\n`);
    for (const format of ['table', 'json']) {
      const refused = await api.invite(`import ${two} --yes -o ${format}`);
      expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('nothing more was sent') });
    }
    expect(await api.mailed()).toBe(0);
    const said = /^warning: cannot remember on this machine who was mailed: .*it is a file, not a folder$/m;
    for (const line of [`create ${email}`, `import ${people(api, 'bob@example.com')} --yes`])
      expect(await api.invite(line)).toMatchObject({ code: 0, stderr: expect.stringMatching(said) });
    expect(await api.mailed()).toBe(2);
  });
});

describe('a person who left', () => {
  /** Ann was invited, has accepted, and leaves once some time has passed. */
  async function left(switches: Partial<Settings>, milliseconds = 0): Promise<ObservedSandbox> {
    const api = await observeSandbox(switches);
    const { user } = await api.json(`create ${email}`);
    await api.sandbox.accept(email);
    api.clock.pass(milliseconds);
    await removeElsewhere(api, user.id);
    return api;
  }

  test.each(['not_found', 'forbidden'] as const)('is invited again, where a missing user reads %s', async (reads) => {
    const api = await left({ missing_reads: reads });
    expect(await outcome(api, `create ${email} --dry-run`)).toEqual({ code: 0, outcome: 'reinvited', mails: 1 });
    expect(await outcome(api, `create ${email}`)).toEqual({ code: 0, outcome: 'reinvited', mails: 2 });
    expect(await outcome(api, `create ${email}`)).toMatchObject({ code: 0, outcome: 'already_invited', mails: 2 });
  });

  test('is invited again once where the list lags', async () => {
    const api = await left({ list_lag: hour }, 2 * hour);
    expect(await outcome(api, `create ${email}`)).toMatchObject({ outcome: 'reinvited', mails: 2 });
    expect(await outcome(api, `create ${email}`)).toMatchObject({ outcome: 'already_invited', mails: 2 });
  });

  test('a member is one still, for one request more', async () => {
    const api = await observeSandbox();
    await api.invite(`create ${email}`);
    await api.sandbox.accept(email);
    api.requests.length = 0;
    expect(await outcome(api, `create ${email}`)).toEqual({ code: 0, outcome: 'already_member', mails: 1 });
    expect(api.requests.filter((request) => request.includes('/users'))).toHaveLength(1);
  });

  test('is not said to be a member where nobody may look', async () => {
    const api = await left({ forbidden: ['users.list', 'users.get'] });
    api.hook = answering(/^POST .*invitations /, 409);
    for (const one of [email, 'new@example.com']) {
      const { stdout, stderr } = await api.invite(`create ${one}`);
      expect(stdout).toContain('already_member');
      expect(stderr).toMatch(/^warning: .* this key may not look up .*\nno mail was sent\n$/);
    }
  });

  test('an import of many asks for the list of users instead', async () => {
    const api = await observeSandbox();
    const emails = Array.from({ length: 30 }, (_, number) => `p${number}@example.com`);
    const state = (number: number) => (number === 7 ? 'left' : 'accepted');
    await api.sandbox.populate({ people: emails.map((one, number) => ({ email: one, state: state(number) })) });
    api.requests.length = 0;
    const { code, stderr } = await api.invite(`import ${people(api, `email\n${emails.join('\n')}\n`)} --yes`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('1 reinvited, 29 already_member') });
    expect(api.requests.filter((request) => request.includes('/users'))).toHaveLength(2);
  });
});
