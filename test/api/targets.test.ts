import { describe, expect, test } from 'vitest';
import type { Invitation } from '../../src/api/invitation.ts';
import type { Invitations } from '../../src/api/invitations.ts';
import { findMany, findOne, parseTarget, parseTargets } from '../../src/api/targets.ts';
import { CliError } from '../../src/errors.ts';

const email = 'ann@example.com';
const user = { id: 'u-ann' };
const old: Invitation = { id: 'i-old', email, status: 'INVITE_STATUS_EXPIRED', user };
const sent: Invitation = { id: 'i-new', email: 'Ann@example.com', status: 'INVITE_STATUS_SENT', user };
const mails = async (address: string) => (address === email ? 'i-new' : undefined);

/** A list that shows the old invitation only, and what a request for the new one returns. */
function client(get: () => Promise<Invitation>): Invitations {
  const list = async function* () {
    yield [old];
  };
  return { list, get, findByEmail: async () => [old], isPaged: () => false } as unknown as Invitations;
}

const both = [
  findOne,
  (one: Invitations, target: ReturnType<typeof parseTarget>, known: typeof mails) =>
    findMany(one, [target, parseTarget('bob@example.com')], known).then(([first]) => first),
] as const;

describe.each(both)('an invitation that this machine sent and the list does not show', (find) => {
  const missing = ['not_found', 'forbidden'] as const;
  test.each(missing)('is left out if the API says %s: it was deleted since', async (code) => {
    const deleted = client(() => Promise.reject(new CliError(code, 'no')));
    expect((await find(deleted, parseTarget(email), mails))?.invitations).toEqual([old]);
  });

  test('is left out if the id is that of somebody else', async () => {
    const other = async () => ({ ...sent, email: 'eve@example.com' });
    expect((await find(client(other), parseTarget(email), mails))?.invitations).toEqual([old]);
  });
});

test('targets are addresses as mail programs write them, and each of them is one', () => {
  const typed = ['Ann <ann@example.com>', 'mailto:ANN@example.com', "o'brien@example.com", 'i-1'];
  expect(parseTargets(typed).map(({ text }) => text)).toEqual(['ann@example.com', "o'brien@example.com", 'i-1']);
  const lines = ['ann@example.com, bob@example.com', 'ann@example.com', '"eve@example.com"'];
  const copied = ['“cyd@example.com”', 'dan@example.com\u200b'];
  expect(() => parseTargets([...lines, ...copied])).toThrow('4 of 4 are not e-mail addresses');
});
