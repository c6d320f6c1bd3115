import { describe, expect } from 'vitest';
import { type Expected, type Row, testRows } from '../support/fault-rows.ts';
import type { FaultServer } from './server.ts';

const many = Array.from({ length: 8 }, (_, n) => `new${n}@example.com`).join(' ');

function lines(count: number): Expected {
  return { also: ({ stdout }) => expect(stdout.trimEnd().split('\n')).toHaveLength(count) };
}

describe('connections', () => {
  testRows([
    // Each page after the first finds the connection closed.
    ['keepalive-race', 'list -o id', 0, { people: 300, ...lines(305) }],
    // An answer that nobody asked for does not become that of the next page.
    ['extra-response', 'list -o id', 0, { people: 300, ...lines(305) }],
  ]);
});

function target(kind: FaultServer['log'][number]['kind'], path: string): Expected {
  return { also: (_, { log }) => expect(log.find((request) => request.kind === kind)?.target).toBe(path) };
}

describe('an id stays one part of the path', () => {
  testRows([
    ['honest', 'get i-1?x=1', 6, target('get', '/iam/v2/invitations/i-1%3Fx%3D1')],
    ['honest', 'get %2e%2e', 6, target('get', '/iam/v2/invitations/%252e%252e')],
    [
      'honest',
      'get a+b&c=d#e@example.com',
      6,
      target('list', '/iam/v2/invitations?email=a%2Bb%26c%3Dd%23e%40example.com&page_size=100'),
    ],
    ...['.', '..', '../users/u-1', 'a/b', `i-${'x'.repeat(254)}`].flatMap((id): Row[] => [
      ['honest', `get ${id}`, 2, { requests: 0 }],
    ]),
  ]);
});

const onlyReads: Expected = {
  mails: 0,
  also: (_, { log }) => expect(log.filter(({ method }) => method !== 'GET')).toEqual([]),
};

describe('a dry run only reads', () => {
  testRows([
    ['honest', `create ${many} --role OrganizationAdmin --dry-run -o json`, 0, onlyReads],
    ['honest', 'create sent@example.com --role OrganizationAdmin -n', 0, onlyReads],
    ['honest', 'delete i-sent i-staged -n', 0, onlyReads],
    ['honest', 'delete --status expired -n', 0, onlyReads],
    ['honest', 'resend sent@example.com -n', 0, onlyReads],
    ['honest', 'import - --yes --fields bogus', 2, { ...onlyReads, input: 'email\nnew@example.com\n' }],
    ['honest', 'import - -n', 0, { ...onlyReads, input: 'email,role\nnew@example.com,OrganizationAdmin\n' }],
  ]);
});

describe('the log of a workflow takes no orders from the API', () => {
  const env = { GITHUB_ACTIONS: 'true' };
  testRows([
    ['esc-error', 'list', 2, { env }],
    // Where it stands at the beginning of a line.
    ['github-command', 'list --fields email', 0, { env }],
    ['newline-cell', 'delete i-evil i-sent --yes -o csv', 0, { env }],
  ]);
});
