import { expect, test } from 'vitest';
import { fakeKey, fakeSecret } from '../support/run-built.ts';
import { type FaultServer, withServer } from './server.ts';

const path = '/iam/v2/invitations';

function ask({ url }: FaultServer, target: string, init: RequestInit = {}): Promise<Response> {
  const headers = { authorization: `Basic ${btoa(`${fakeKey}:${fakeSecret}`)}`, 'content-type': 'application/json' };
  return fetch(url + target, { ...init, headers });
}

function post(server: FaultServer): Promise<Response> {
  return ask(server, path, { method: 'POST', body: '{"email":"new@example.com"}' });
}

// Of the faults that a command survives; the others are noticed where they are used.

test('post-lost takes effect without a response', () =>
  withServer({ scenario: 'post-lost' }, async (server) => {
    await expect(post(server)).rejects.toThrow();
    expect(await server.mails()).toEqual(new Map([['new@example.com', 1]]));
  }));

test('post-dropped takes no effect the first time', () =>
  withServer({ scenario: 'post-dropped' }, async (server) => {
    await expect(post(server)).rejects.toThrow();
    expect(await server.mails()).toEqual(new Map());
    expect((await post(server)).status).toBe(201);
  }));

test('delete-lost revokes, breaks, and then knows nothing', () =>
  withServer({ scenario: 'delete-lost' }, async (server) => {
    await expect(ask(server, `${path}/i-sent`, { method: 'DELETE' })).rejects.toThrow();
    expect((await ask(server, `${path}/i-sent`, { method: 'DELETE' })).status).toBe(404);
  }));

test('rate:2 refuses the third request of a second', () =>
  withServer({ scenario: 'rate:2' }, async (server) => {
    const responses = await Promise.all([1, 2, 3].map(() => ask(server, path)));
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 200, 429]);
  }));

test('the other origin has a log of its own', () =>
  withServer({}, async (server) => {
    await fetch(server.foreignUrl);
    expect([server.log.length, server.foreignLog.length]).toEqual([0, 1]);
  }));
