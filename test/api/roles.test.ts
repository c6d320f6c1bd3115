import { describe, expect, test } from 'vitest';
import { crnOf, formatRole, nearestRoles, organizationIn, parseRole } from '../../src/api/roles.ts';

const root = 'crn://confluent.cloud/organization=o-1';
const foreign = 'crn://confluent.cloud/organization=o-2';

describe('a role', () => {
  test.each([
    ['OrganizationAdmin', root],
    ['EnvironmentAdmin@env-abc', `${root}/environment=env-abc`],
    ['CloudClusterAdmin@env-abc/lkc-123', `${root}/environment=env-abc/cloud-cluster=lkc-123`],
    ['DeveloperRead@env-abc/lkc-1/topic=a*', `${root}/environment=env-abc/cloud-cluster=lkc-1/kafka=lkc-1/topic=a*`],
    ['DeveloperManage@env-abc/lkc-1/kafka=lkc-1', `${root}/environment=env-abc/cloud-cluster=lkc-1/kafka=lkc-1`],
    ['DeveloperRead@env-abc/lsrc-1/subject=s', `${root}/environment=env-abc/schema-registry=lsrc-1/subject=s`],
    [`DeveloperRead@${foreign}/environment=e`, `${foreign}/environment=e`],
    ['BrandNewRole', root],
  ])('%s reaches %s', (typed, crn) => {
    const role = parseRole(typed);
    expect(crnOf(role, 'o-1')).toBe(crn);
    expect(formatRole(role)).toBe(typed);
  });

  test.each([
    ['', '"" is not a role'],
    ['Two Words', '"Two Words" is not a role'],
    ['EnvironmentAdmin@', '"EnvironmentAdmin@" has no scope after the @'],
    ['EnvironmentAdmin', 'the role "EnvironmentAdmin" needs an environment'],
    ['CloudClusterAdmin@env-abc', 'the role "CloudClusterAdmin" needs an environment and a cluster'],
    ['EnvironmentAdmin@abc', '"abc" is not a scope for EnvironmentAdmin'],
    ['EnvironmentAdmin@env-abc/../x', '"env-abc/../x" is not a scope for EnvironmentAdmin'],
    ['Operator@crn://a b', '"crn://a b" is not a scope for Operator'],
  ])('%j is none: %s', (typed, message) => expect(() => parseRole(typed)).toThrow(message));

  test.each([
    ['OrganisationAdmin', '"OrganizationAdmin"'],
    ['organizationadmin', '"OrganizationAdmin"'],
    ['Metrics', '"MetricsViewer"'],
    ['Owner', '"ResourceOwner", "Assigner" or "Operator"'],
    ['Developer', '"DeveloperRead", "DeveloperWrite" or "FlinkDeveloper"'],
  ])('%s may mean %s', (typed, meant) => expect(nearestRoles(typed)).toBe(`did you mean ${meant}?`));
});

test.each([
  ['crn://confluent.cloud/organization=1111/invitation=i-1', '1111'],
  ['crn://confluent.cloud/user=u-1', undefined],
  ['', undefined],
])('the organization in %j is %s', (crn, id) => expect(organizationIn(crn)).toBe(id));
