import { expect, test } from 'vitest';
import { complaintsOn } from './contract.ts';

const metadata = { self: 'https://api.confluent.cloud/iam/v2/invitations/i-1' };
const good = { api_version: 'iam/v2', kind: 'Invitation', id: 'i-1', email: 'ann@example.com', metadata };
const usual = { 'x-request-id': 'x', 'content-type': 'application/json' };

test.each<[status: number, json: unknown, headers: Record<string, string>, complaints: string[]]>([
  [200, good, usual, []],
  [201, good, usual, ['GET answers 201', 'location is undefined']],
  [204, good, usual, ['204 has a body']],
  [404, {}, usual, ['failure has no errors']],
  [200, { ...good, mails: 1 }, usual, ['Invitation has mails']],
  [200, { ...good, metadata: {} }, usual, ['metadata has no self']],
  [200, { ...good, id: '', user: 'u-1' }, usual, ['Invitation.id is ""', 'reference is "u-1"']],
  [200, good, {}, ['x-request-id is undefined', 'content-type is undefined']],
])('an answer that is not as documented is detected: %i with %j', (status, json, headers, complaints) => {
  const answer = { status, headers: new Map(Object.entries(headers)), json };
  expect(complaintsOn('GET /iam/v2/invitations/i-1', answer, { rate_headers: 'none' })).toEqual(complaints);
});
