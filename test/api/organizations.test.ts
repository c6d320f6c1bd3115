import { describe, expect, test } from 'vitest';
import { pendingInvitationQuota } from '../../src/api/organizations.ts';
import { CliError } from '../../src/errors.ts';
import type { Api } from '../../src/http/api.ts';

function limitFrom(rows: readonly unknown[] | CliError) {
  const asked: unknown[] = [];
  const pages: Api['pages'] = async function* (path, paging) {
    asked.push([path, paging?.query]);
    if (rows instanceof CliError) throw rows;
    yield rows;
  };
  return { asked, limit: pendingInvitationQuota({ pages } as unknown as Api) };
}

describe('the quota of pending invitations', () => {
  test.each([
    ['iam.max_pending_invitations.per_organization', 150],
    ['iam.max_pending_invitations.per_org', 150],
    ['invitations_per_org', 150],
    ['iam.max_users.per_org', undefined],
  ])('is found as %s', async (id, expected) => {
    const { asked, limit } = limitFrom([null, 5, { id: 'x' }, { id, applied_limit: 150 }]);
    expect(await limit).toBe(expected);
    expect(asked).toEqual([['/service-quota/v1/applied-quotas', { scope: 'ORGANIZATION' }]]);
  });

  test.each([[[{ id: 'invitations_per_org', applied_limit: '150' }]], [[]], [new CliError('forbidden', 'no')]])(
    'that cannot be known is unknown',
    async (rows) => expect(await limitFrom(rows).limit).toBe(undefined),
  );
});
