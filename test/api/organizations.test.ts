import { describe, expect, test } from 'vitest';
import { organizationId, pendingInvitationQuota, requireOrganization } from '../../src/api/organizations.ts';
import { CliError } from '../../src/errors.ts';
import type { Api } from '../../src/http/api.ts';

function answering(rows: readonly unknown[] | CliError) {
  const asked: unknown[] = [];
  const pages: Api['pages'] = async function* (path, paging) {
    asked.push([path, paging?.query]);
    if (rows instanceof CliError) throw rows;
    yield rows;
  };
  return { asked, api: { pages } as unknown as Api };
}

describe('the quota of pending invitations', () => {
  test.each([
    ['iam.max_pending_invitations.per_organization', 150],
    ['iam.max_pending_invitations.per_org', 150],
    ['invitations_per_org', 150],
    ['iam.max_users.per_org', undefined],
  ])('is found as %s', async (id, expected) => {
    const { asked, api } = answering([null, 5, { id: 'x' }, { id, applied_limit: 150 }]);
    expect(await pendingInvitationQuota(api)).toBe(expected);
    expect(asked).toEqual([['/service-quota/v1/applied-quotas', { scope: 'ORGANIZATION' }]]);
  });

  const unclear = [[{ id: 'invitations_per_org', applied_limit: '150' }], [], new CliError('forbidden', 'no')];
  test('that cannot be known is unknown', async () => {
    for (const rows of unclear) expect(await pendingInvitationQuota(answering(rows).api)).toBe(undefined);
  });
});

test('an organization is not guessed among several, or of none', async () => {
  const one = { id: 'o-1' };
  expect(await organizationId(answering([one]).api)).toBe('o-1');
  for (const [rows, reason] of [
    [[one, { id: 'o-2' }], 'the API names several'],
    [[], 'the API names none'],
  ] as const)
    await expect(organizationId(answering(rows).api)).rejects.toMatchObject({ details: { reason } });
});

test.each(['invitation', 'user'])('an organization among several is the one that a list of %ss names', async (what) => {
  const mine = { id: 'o-2', display_name: 'mine' };
  const resource_name = `crn://confluent.cloud/organization=o-2/${what}=x-1`;
  const lists: Readonly<Record<string, readonly unknown[]>> = {
    '/org/v2/organizations': [{ id: 'o-1' }, mine],
    [`/iam/v2/${what}s`]: [{ id: 'x-1', metadata: { resource_name } }],
  };
  const pages: Api['pages'] = async function* (path) {
    yield lists[path] ?? [];
  };
  expect(await requireOrganization({ pages } as unknown as Api)).toEqual(mine);
});
