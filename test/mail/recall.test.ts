import { describe, expect, test } from 'vitest';
import { foldEmail } from '../../src/api/email.ts';
import { usersClient } from '../../src/api/users.ts';
import { CliError } from '../../src/errors.ts';
import { createApi } from '../../src/http/api.ts';
import { Conflict } from '../../src/http/failure.ts';
import { performOne } from '../../src/mail/perform.ts';
import { absentAmong } from '../../src/mail/recall.ts';
import { answer } from '../http/answers.ts';
import { creation, invitation, now, type Script, scripted } from './tools.ts';

const email = 'ann@example.com';
const accepted = invitation('i-0', { status: 'INVITE_STATUS_ACCEPTED' });
const former = creation(email, [accepted], { decision: { act: 'post', outcome: 'reinvited' }, hasLeft: true });

async function done(script: Script, change = former) {
  const { tools, asked } = scripted(script);
  return { ...(await performOne(change, { tools, dryRun: false })), asked };
}

describe('somebody who left', () => {
  const conflict = () => new Conflict('cannot invite', { reason: 'HTTP 409: This user already exists' }, undefined);

  test('and whom the API does not take again is a failure that says so', async () => {
    expect(await done({ create: [conflict()], find: [[accepted]] })).toMatchObject({
      outcome: 'failed',
      error: {
        code: 'already_exists',
        details: {
          reason: 'the user "u-i-0" who accepted is gone, but the API says: HTTP 409: This user already exists',
        },
      },
    });
  });

  test('and was invited by somebody else meanwhile is invited', async () => {
    const live = invitation('i-1');
    expect(await done({ create: [conflict()], find: [[accepted, live]] })).toMatchObject({
      outcome: 'already_invited',
    });
  });

  test('and was mailed since, which the list does not show, is not mailed again', async () => {
    const change = { ...former, mailed: { at: now, id: 'i-1' } };
    expect(await done({ get: [invitation('i-1')] }, change)).toMatchObject({
      outcome: 'already_invited',
      asked: ['get i-1'],
    });
    const expired = invitation('i-1', { status: 'INVITE_STATUS_EXPIRED' });
    expect(await done({ get: [expired], create: [invitation('i-2')] }, change)).toMatchObject({
      outcome: 'reinvited',
      invitation: { id: 'i-2' },
    });
  });
});

describe('somebody who was mailed', () => {
  const mailed = creation(email, [], { mailed: { at: now, id: 'i-1' } });

  test('is mailed again where the id is gone, or is of somebody else', async () => {
    const gone = new CliError('not_found', 'gone');
    expect(await done({ get: [gone], create: [invitation('i-2')] }, mailed)).toMatchObject({ outcome: 'created' });
    const other = invitation('i-1', { email: 'eve@example.com' });
    expect(await done({ get: [other], create: [invitation('i-2')] }, mailed)).toMatchObject({ outcome: 'created' });
  });

  test('is not where the id cannot be read', async () => {
    const down = new CliError('api_unavailable', 'down');
    expect(await done({ get: [down] }, mailed)).toMatchObject({ outcome: 'failed', error: down, asked: ['get i-1'] });
  });
});

describe('who is a member no longer', () => {
  /** An API that knows some users by id and lists some; 403 for what is undefined. */
  async function absence(byId: readonly string[] | undefined, listed: readonly string[] | undefined, count = 1) {
    const paths: string[] = [];
    const api = createApi(async ({ path }) => {
      paths.push(path);
      const id = path.split('/')[4];
      if (id === undefined)
        return listed ? answer(200, { data: listed.map((one) => ({ id: one, email: `${one}@x.y` })) }) : answer(403);
      if (byId === undefined) return answer(403);
      return byId.includes(id) ? answer(200, { id }) : answer(404);
    });
    const people = Array.from(
      { length: count },
      (_, number) => [`p${number}@x.y`, [{ ...accepted, user: { id: `u-${number}` } }]] as const,
    );
    const found = await absentAmong(people, { users: usersClient(api, foldEmail), clock: scripted({}).clock });
    return { gone: [...found.gone], unsure: [...found.unsure], requests: paths.length };
  }

  test.each<[string, string[] | undefined, string[] | undefined, string[], string[], number]>([
    ['found by id: a member', ['u-0'], [], [], [], 1],
    ['found by neither: gone', [], [], ['p0@x.y'], [], 2],
    ['not found by id, but listed: a member', [], ['u-0'], [], [], 2],
    ['listed under another id: a member', [], ['p0'], [], [], 2],
    ['403 by id, and not listed: gone', undefined, [], ['p0@x.y'], [], 2],
    ['403 by id and for the list: who knows', undefined, undefined, [], ['p0@x.y'], 2],
  ])('%s', async (_, byId, listed, gone, unsure, requests) => {
    expect(await absence(byId, listed)).toEqual({ gone, unsure, requests });
  });

  test('many are looked for in the list, and only those missing there one by one', async () => {
    const all = Array.from({ length: 500 }, (_, number) => `u-${number}`);
    expect(await absence([], all.slice(2), 500)).toEqual({ gone: ['p0@x.y', 'p1@x.y'], unsure: [], requests: 3 });
    expect(await absence(['u-0'], all.slice(2), 500)).toMatchObject({ gone: ['p1@x.y'] });
  });
});
