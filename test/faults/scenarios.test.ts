import { expect, test } from 'vitest';
import { fakeKey, fakeSecret } from '../support/run-built.ts';
import { withServer } from './server.ts';

const headers = { authorization: `Basic ${btoa(`${fakeKey}:${fakeSecret}`)}`, 'content-type': 'application/json' };
const path = '/iam/v2/invitations';

// Of the faults that a command survives; the others are noticed where they are used.
test.each<[scenario: string, lines: string[], statuses: unknown[], mails: number]>([
  ['post-lost', [`POST ${path}`], ['lost'], 1],
  ['post-dropped', [`POST ${path}`, `POST ${path}`], ['lost', 201], 1],
  ['delete-lost', [`DELETE ${path}/i-sent`, `DELETE ${path}/i-sent`], ['lost', 404], 0],
])('%s: %j', (scenario, lines, statuses, mails) =>
  withServer({ scenario }, async (server) => {
    const heard = [];
    for (const [method = '', target] of lines.map((line) => line.split(' '))) {
      const body = method === 'POST' ? { body: '{"email":"new@example.com"}' } : {};
      const answer = fetch(`${server.url}${target}`, { method, headers, ...body });
      heard.push(await answer.then(({ status }) => status).catch(() => 'lost'));
    }
    expect([heard, (await server.mails()).size]).toEqual([statuses, mails]);
  }),
);

test('rate:2 refuses the third request of a second', () =>
  withServer({ scenario: 'rate:2' }, async (server) => {
    const responses = await Promise.all([1, 2, 3].map(() => fetch(server.url + path, { headers })));
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 200, 429]);
  }));

test('the other origin has a log of its own', () =>
  withServer({}, async (server) => {
    await fetch(server.foreignUrl);
    expect([server.log.length, server.foreignLog.length]).toEqual([0, 1]);
  }));
